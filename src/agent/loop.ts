import { DotvaultError } from "../errors.ts";
import type { OpenIntent } from "../journal/port.ts";
import type { Actors } from "./actors.ts";
import { durably, isDiskTrouble, wait } from "./durably.ts";
import { type OtherRequests, takeRequests } from "./inbox.ts";
import { perform } from "./perform.ts";
import type { Enrolment, Stream, World } from "./ports.ts";
import { FAR_WAKES_AFTER, redate, ringFarWakes, setBackBy } from "./set-back.ts";

/** Sleep, resume and clock jumps are noticed within this time. */
const REARM_EVERY = 60_000;
const JOURNAL_RETRY = 2_000;
const BATCH = 64;
const LAST_WAIT = 5_000;
/** What a stopping agent still does: a pair that was issued gets to the store and into the files. */
const FINISHING = ["store", "sync", "login"];

/**
 * The one loop, for a normal step and for recovery: due wakes become events, due intents are performed, each by itself;
 * then it sleeps until the next is due or somebody rings.
 */
export class Loop {
  readonly #world: World;
  readonly #actors: Actors;
  readonly #enrolments: ReadonlyMap<string, Enrolment>;
  /** Those that have a machine of their own. */
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #others: OtherRequests;
  readonly #abort = new AbortController();
  #cancelTimer: () => void = () => {};
  #state: "stopped" | "running" | "finishing" = "stopped";
  #idle: (() => void)[] = [];
  /** Whatever was due by then has been started. */
  #lookedAt = 0;
  #farWakesDueAt = Number.POSITIVE_INFINITY;
  /** Code of the journal's trouble, as it was told. */
  #failing: string | null = null;

  /** @param enrolments by stream; the caller may change it (a new configuration) and ring */
  constructor(world: World, actors: Actors, enrolments: ReadonlyMap<string, Enrolment>, others: OtherRequests = {}) {
    this.#world = world;
    this.#actors = actors;
    this.#enrolments = enrolments;
    const { session, left = [] } = world;
    this.#streams = new Map([...(session ? [session] : []), ...left].map((each) => [each.stream, each]));
    this.#others = others;
  }

  start(): void {
    this.#state = "running";
    const [newest] = this.#world.journal.events({ newestFirst: true, limit: 1 });
    this.#lookedAt = newest?.event.at ?? 0;
    this.ring();
  }

  /** Something may be due: look now. A journal that can't be written just now (a full disk, say) is looked at again. */
  ring(): void {
    if (this.#state === "stopped") return;
    this.#cancelTimer();
    const { clock, log } = this.#world;
    try {
      this.#look(clock.now());
      this.#failing = null;
    } catch (error) {
      const code = codeOf(error);
      if (this.#failing !== code) log.error({ code }, failureOf(error));
      this.#failing = code;
      this.#cancelTimer = clock.at(clock.now() + JOURNAL_RETRY, () => this.ring());
    }
  }

  #look(now: number): void {
    this.#heedSetBack(now);
    let rests = true;
    if (this.#state === "running") {
      takeRequests(this.#world, this.#actors, this.#enrolments, this.#others);
      rests = this.#wakeDue(now);
    }
    // Asked anew: those steps took their time, and what they began is due already.
    this.#lookedAt = this.#world.clock.now();
    this.#performDue(this.#lookedAt);
    this.#rest(this.#lookedAt, rests);
  }

  /** What was dated by a clock that was ahead must not wait for it. */
  #heedSetBack(now: number): void {
    const by = setBackBy(this.#lookedAt, now);
    if (by > 0) {
      redate(this.#world, this.#actors, by);
      this.#farWakesDueAt = now + FAR_WAKES_AFTER;
      this.#lookedAt = now;
      this.#world.log.warn({ by }, "the clock was set back: what waits is dated anew");
    }
    if (now < this.#farWakesDueAt) return;
    ringFarWakes(this.#world, this.#actors);
    this.#farWakesDueAt = Number.POSITIVE_INFINITY;
  }

  /** Whether the intent is being performed at this moment. */
  hasInHand(id: string): boolean {
    return this.#inFlight.has(id);
  }

  /** Resolves when nothing is in flight and nothing is due before `horizon` (milliseconds from now). */
  async settled(horizon = 0): Promise<void> {
    while (this.#state !== "stopped" && !this.#isIdle(horizon)) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  /** Starts nothing new but what brings issued pairs home; after `grace` milliseconds whatever hangs is left to the journal. */
  async stop(grace: number): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "finishing";
    const { clock } = this.#world;
    const late = new Promise<void>((resolve) => {
      this.#cancelGrace = clock.at(clock.now() + grace, resolve);
    });
    this.ring();
    await Promise.race([this.#drained(), late]);
    this.#cancelGrace();
    this.#state = "stopped";
    this.#cancelTimer();
    this.#abort.abort();
    // A file system that hangs must not hold up the end.
    const over = new AbortController();
    await Promise.race([Promise.allSettled(this.#inFlight.values()), wait(clock, LAST_WAIT, over.signal)]);
    over.abort();
    this.#wakeWaiters();
  }

  #cancelGrace: () => void = () => {};

  async #drained(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight.values());
  }

  #isIdle(horizon: number): boolean {
    const next = this.#world.journal.nextDue(this.#lookedAt);
    return this.#inFlight.size === 0 && (next === undefined || next > this.#world.clock.now() + horizon);
  }

  /** @returns whether that was all that is due */
  #wakeDue(now: number): boolean {
    const due = ready(
      (limit) => this.#world.journal.dueWakes(now, limit),
      ({ stream }) => this.#isRun(stream),
    );
    const rung = due.filter(({ stream, name }) => this.#wake(stream, name));
    return due.length < BATCH || rung.length === 0;
  }

  /** A bug holds up its own enrolment only. */
  #wake(stream: string, name: string): boolean {
    try {
      const other = this.#streams.get(stream);
      if (other) other.wake(name);
      else this.#actors.step(stream, { type: "WOKE", name });
      return true;
    } catch (error) {
      if (isDiskTrouble(error)) throw error;
      this.#world.log.error({ stream, wake: name, code: codeOf(error) }, "a timer could not be decided on");
      return false;
    }
  }

  #performDue(now: number): void {
    const due = ready(
      (limit) => this.#world.journal.dueIntents(now, limit),
      (intent) => this.#mayStart(intent),
    );
    for (const intent of due) this.#inFlight.set(intent.id, this.#run(intent));
  }

  #isRun(stream: string): boolean {
    return this.#enrolments.has(stream) || this.#streams.has(stream);
  }

  #mayStart({ id, stream, kind }: OpenIntent): boolean {
    if (!this.#isRun(stream) || this.#inFlight.has(id)) return false;
    return this.#state === "running" || FINISHING.includes(kind);
  }

  async #run(intent: OpenIntent): Promise<void> {
    // Not in this turn: whoever rings is done first.
    await null;
    try {
      await this.#perform(intent);
    } catch (error) {
      await this.#quarantine(intent, error);
    } finally {
      this.#inFlight.delete(intent.id);
      this.ring();
    }
  }

  async #perform(intent: OpenIntent): Promise<void> {
    const { signal } = this.#abort;
    const other = this.#streams.get(intent.stream);
    if (other) return other.perform(intent, signal);
    const enrolment = this.#enrolments.get(intent.stream);
    if (enrolment) await perform(this.#world, this.#actors, enrolment, intent, signal);
  }

  /** A bug holds up its own intent only, and says so. */
  async #quarantine({ id, stream, kind, attempt }: OpenIntent, error: unknown): Promise<void> {
    const { log, clock, journal } = this.#world;
    const { signal } = this.#abort;
    log.error({ stream, intent: kind, code: codeOf(error) }, "an outcome could not be decided on");
    const [failed, message] = [`agent.bug.${codeOf(error)}`, "a bug of dotvault: see its log"];
    try {
      await durably(this.#world, signal, () => {
        const now = clock.now();
        const failure = { class: failed, message, since: now, at: now };
        journal.reschedule(id, { dueAt: now + REARM_EVERY, attempt: attempt + 1, phase: "open", failure });
      });
    } catch (again) {
      if (codeOf(again) === "journal.intent-not-open") return;
      log.error({ stream, intent: kind, code: codeOf(again) }, "an intent could not be set aside");
      await wait(clock, REARM_EVERY, signal);
    }
  }

  #rest(now: number, rests: boolean): void {
    const next = rests ? (this.#world.journal.nextDue(now) ?? Number.POSITIVE_INFINITY) : now;
    this.#cancelTimer = this.#world.clock.at(Math.min(next, now + REARM_EVERY), () => this.ring());
    if (this.#inFlight.size > 0 || !rests) return;
    this.#wakeWaiters();
    this.#world.journal.tidy();
  }

  #wakeWaiters(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

/** Up to a batch of what is due and wanted: what belongs to a paused enrolment stays due, and must not fill the batch. */
function ready<T>(due: (limit: number) => readonly T[], wanted: (item: T) => boolean): readonly T[] {
  for (let limit = BATCH; ; limit *= 4) {
    const found = due(limit);
    const chosen = found.filter(wanted);
    if (found.length < limit || chosen.length >= BATCH) return chosen.slice(0, BATCH);
  }
}

/** Only our own messages are known to hold nothing that they should not. */
function failureOf(error: unknown): string {
  return error instanceof DotvaultError
    ? `${error.message}; nothing new begins until it can be written again`
    : "the journal can't be read or written; trying again";
}

/** What went wrong, without the message: a library's may quote what it was working on. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : "unknown";
}
