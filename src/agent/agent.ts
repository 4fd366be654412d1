import { streamOf } from "../machines/stream/names.ts";
import { Actors } from "./actors.ts";
import { keepLineage } from "./keep-lineage.ts";
import { codeOf, Loop } from "./loop.ts";
import { Patrol } from "./patrol.ts";
import type { Enrolment, World } from "./ports.ts";
import { remind } from "./remind.ts";
import { configure, resume } from "./resume.ts";
import { Revocations } from "./revocations/revocations.ts";

/** What the configuration asks of the agent. */
export interface Plan {
  readonly enrolments: readonly Enrolment[];
  /** Secrets that rules render, beside the enrolments' own. */
  readonly secrets: readonly string[];
  /** All files are compared this often, milliseconds. */
  readonly syncEvery: number;
  /** The version of each secret is looked at this often, milliseconds. */
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
  readonly #patrol: Patrol;
  readonly #revocations: Revocations;
  readonly #enrolments = new Map<string, Enrolment>();
  #plan: Plan;
  #compactDueAt = 0;

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
    this.actors = new Actors(world);
    this.#patrol = new Patrol({
      world,
      actors: this.actors,
      enrolments: this.#enrolments,
      beat: () => ({ ...this.#plan, names: this.#names() }),
      before: () => {
        this.#dropOldHistory();
        return this.#plan.keyless();
      },
      after: () => {
        void this.#remind();
        this.#revocations.perform();
        this.#loop.ring();
      },
    });
    this.#revocations = new Revocations(world, this.actors, this.#enrolments);
    this.#loop = new Loop(world, this.actors, this.#enrolments, {
      sync: () => {
        this.#world.files.hurry?.();
        this.#patrol.now();
      },
      revokeTokens: (enrolment, request) => this.#revocations.take(enrolment, request),
    });
    this.#adopt(plan);
  }

  /** Takes up what the journal says was under way, and goes on. */
  start(): void {
    resume(this.#world, this.actors, this.#enrolments.keys());
    configure(this.#world, this.actors, this.#enrolments);
    for (const left of this.#world.left ?? []) left.start();
    this.#world.session?.start({ ring: () => this.#loop.ring(), onLive: () => this.#patrol.now() });
    this.#loop.start();
    this.#world.files.onNews?.(() => this.#patrol.soon());
    this.#patrol.now();
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
    this.#patrol.now();
    this.#loop.ring();
  }

  /** Resolves when all that is due is done, and nothing comes due within `horizon` milliseconds. */
  async settled(horizon = 0): Promise<void> {
    await this.#patrol.settled();
    await this.#loop.settled(horizon);
    await this.#revocations.settled();
    await this.#world.files.settled?.();
    // What came of it may have been news to the files.
    await this.#patrol.settled();
  }

  /** Brings a rotation in flight home, within bounds; everything else is in the journal. */
  async stop(grace = STOP_GRACE): Promise<void> {
    this.#patrol.rest();
    for (const left of this.#world.left ?? []) left.stop();
    await this.#loop.stop(grace);
    this.#world.session?.stop();
    await this.#revocations.stop();
    await this.#patrol.stop();
    this.#world.journal.tidy();
  }

  #adopt(plan: Plan): void {
    this.#plan = plan;
    this.#enrolments.clear();
    for (const enrolment of plan.enrolments) this.#enrolments.set(streamOf(enrolment.name), enrolment);
  }

  async #remind(): Promise<void> {
    try {
      await remind(this.#world, this.actors, this.#enrolments);
    } catch (error) {
      this.#world.log.error({ code: codeOf(error) }, "a reminder could not be journaled");
    }
  }

  #names(): readonly string[] {
    return [...new Set([...this.#plan.enrolments.map(({ name }) => name), ...this.#plan.secrets])];
  }

  /** Once a day the history is cut to what the configuration keeps. */
  #dropOldHistory(): void {
    const { clock, journal, log } = this.#world;
    const now = clock.now();
    if (now < this.#compactDueAt && this.#compactDueAt <= now + DAY) return;
    this.#compactDueAt = now + DAY;
    try {
      const before = now - this.#plan.retention;
      keepLineage(journal, before);
      const { removed } = journal.compact(before);
      if (removed > 0) log.info({ removed }, "old history dropped");
    } catch (error) {
      log.error({ code: codeOf(error) }, "old history could not be dropped");
    }
  }
}
