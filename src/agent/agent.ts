import type { Json } from "../journal/port.ts";
import { Actors, streamOf } from "./actors.ts";
import { codeOf, Loop } from "./loop.ts";
import type { Enrolment, World } from "./ports.ts";
import { configure, resume } from "./resume.ts";
import { storeTrouble, Watch } from "./watch.ts";

/** What the configuration asks of the agent. */
export interface Plan {
  readonly enrolments: readonly Enrolment[];
  /** Secrets that rules render, beside the enrolments' own. */
  readonly secrets: readonly string[];
  /** All files are written at least this often, milliseconds. */
  readonly syncEvery: number;
  /** Versions are looked at this often, milliseconds. */
  readonly watchEvery: number;
  /** History older than this is dropped, milliseconds. */
  readonly retention: number;
  /** Rules without a secret. */
  readonly keyless: () => Promise<void>;
}

const STOP_GRACE = 15_000;
const DAY = 24 * 60 * 60_000;

/** The agent: resumes what was under way, then runs until it is stopped. Holds the journal; the caller holds the lock. */
export class Agent {
  readonly actors: Actors;
  readonly #world: World;
  readonly #loop: Loop;
  readonly #watch: Watch;
  readonly #enrolments = new Map<string, Enrolment>();
  readonly #abort = new AbortController();
  #plan: Plan;
  #cancelTimer: () => void = () => {};
  #syncDueAt = 0;
  #compactDueAt = 0;
  #passing: Promise<void> | null = null;
  /** Class of the store's trouble as it stands in the journal; unknown at first. */
  #trouble: string | null = "unknown";

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
    this.actors = new Actors(world);
    this.#watch = new Watch(world, this.actors);
    this.#loop = new Loop(world, this.actors, this.#enrolments, () => this.#syncNow());
    this.#adopt(plan);
  }

  /** Takes up what the journal says was under way, and goes on. */
  start(): void {
    resume(this.#world, this.actors, this.#enrolments.keys());
    configure(this.#world, this.actors, this.#enrolments);
    this.#loop.start();
    this.#pass();
  }

  /** Somebody has put a request into the inbox, or a person waits: look now. */
  ring(): void {
    this.#loop.ring();
  }

  /** A new configuration (SIGHUP): new enrolments begin, vanished ones pause, changed ones are told. */
  reconfigure(plan: Plan): void {
    const before = new Set(this.#enrolments.keys());
    this.#adopt(plan);
    const back = [...this.#enrolments.keys()].filter((stream) => !before.has(stream));
    // What is in hand although its enrolment was away for a moment still gets its answer.
    resume(this.#world, this.actors, back, (id) => this.#loop.hasInHand(id));
    configure(this.#world, this.actors, this.#enrolments);
    this.#syncNow();
    this.#loop.ring();
  }

  /** Resolves when all that is due is done, and nothing comes due within `horizon` milliseconds. */
  async settled(horizon = 0): Promise<void> {
    await this.#passing;
    await this.#loop.settled(horizon);
  }

  /** Brings a rotation in flight home, within bounds; everything else is in the journal. */
  async stop(grace = STOP_GRACE): Promise<void> {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    await this.#loop.stop(grace);
    this.#abort.abort();
    this.#cancelTimer();
    await this.#passing;
    this.#world.journal.tidy();
  }

  #adopt(plan: Plan): void {
    this.#plan = plan;
    this.#enrolments.clear();
    for (const enrolment of plan.enrolments) this.#enrolments.set(streamOf(enrolment.name), enrolment);
  }

  #syncNow(): void {
    this.#syncDueAt = 0;
    this.#pass();
  }

  /** One look at the store; never two at a time, and never in the way of the enrolments. */
  #pass(): void {
    if (this.#passing || this.#abort.signal.aborted) return;
    this.#cancelTimer();
    this.#passing = this.#look().finally(() => {
      this.#passing = null;
      if (this.#abort.signal.aborted) return;
      const { clock } = this.#world;
      const rest = this.#syncDueAt === 0 ? 0 : this.#plan.watchEvery;
      this.#cancelTimer = clock.at(clock.now() + rest, () => this.#pass());
      this.#loop.ring();
    });
  }

  /** Once a day the history is cut to what the configuration keeps. */
  #dropOldHistory(): void {
    const { clock, journal, log } = this.#world;
    const now = clock.now();
    if (now < this.#compactDueAt && this.#compactDueAt <= now + DAY) return;
    this.#compactDueAt = now + DAY;
    try {
      const { removed } = journal.compact(now - this.#plan.retention);
      if (removed > 0) log.info({ removed }, "old history dropped");
    } catch (error) {
      log.error({ code: codeOf(error) }, "old history could not be dropped");
    }
  }

  /** A disk that is full must not end the agent: what waits in its memory may be the only copy of a pair. */
  #note(name: string, value: Json): boolean {
    try {
      this.#world.journal.setFact(name, value);
      return true;
    } catch (error) {
      this.#world.log.error({ fact: name, code: codeOf(error) }, "a fact could not be written");
      return false;
    }
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#world;
    const began = clock.now();
    // A time further away than the interval was reckoned by a clock that has been set back since.
    const everything = began >= this.#syncDueAt || this.#syncDueAt > began + this.#plan.syncEvery;
    if (everything) this.#syncDueAt = began + this.#plan.syncEvery;
    try {
      if (everything) {
        this.#dropOldHistory();
        await this.#plan.keyless();
      }
      const names = [...new Set([...this.#plan.enrolments.map(({ name }) => name), ...this.#plan.secrets])];
      await this.#watch.look(names, this.#enrolments, { everything, signal: this.#abort.signal });
      if (this.#trouble !== null && this.#note("storeTrouble", null)) this.#trouble = null;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const trouble = storeTrouble(error, clock.now());
      if (this.#trouble === trouble.class) return;
      log.warn({ class: trouble.class }, trouble.message);
      if (this.#note("storeTrouble", trouble)) this.#trouble = trouble.class;
    } finally {
      // A person's `sync` waits for one that began after it was asked for.
      if (everything && !this.#abort.signal.aborted) this.#note("syncs", began);
    }
  }
}
