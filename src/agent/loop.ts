import type { OpenIntent } from "../journal/port.ts";
import type { Actors } from "./actors.ts";
import { takeRequests } from "./inbox.ts";
import { perform } from "./perform.ts";
import type { Enrolment, World } from "./ports.ts";

/** Sleep, resume and clock jumps are noticed within this time. */
const REARM_EVERY = 60_000;
const JOURNAL_RETRY = 2_000;
const BATCH = 64;
/** What a stopping agent still does: a pair that was issued gets to the store and into the files. */
const FINISHING = ["store", "sync"];

/**
 * The one loop, for a normal step and for recovery: due wakes become events, due intents are performed, each by itself;
 * then it sleeps until the next is due or somebody rings.
 */
export class Loop {
  readonly #world: World;
  readonly #actors: Actors;
  readonly #enrolments: ReadonlyMap<string, Enrolment>;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #onSync: () => void;
  readonly #abort = new AbortController();
  #cancelTimer: () => void = () => {};
  #state: "stopped" | "running" | "finishing" = "stopped";
  #idle: (() => void)[] = [];

  /** @param enrolments by stream; the caller may change it (a new configuration) and ring. */
  constructor(world: World, actors: Actors, enrolments: ReadonlyMap<string, Enrolment>, onSync: () => void = () => {}) {
    this.#world = world;
    this.#actors = actors;
    this.#enrolments = enrolments;
    this.#onSync = onSync;
  }

  start(): void {
    this.#state = "running";
    this.ring();
  }

  /** Something may be due: look now. A journal that can't be written just now (a full disk, say) is looked at again. */
  ring(): void {
    if (this.#state === "stopped") return;
    this.#cancelTimer();
    const { clock, log } = this.#world;
    try {
      this.#look(clock.now());
    } catch (error) {
      log.error({ code: codeOf(error) }, "the journal can't be read or written; trying again");
      this.#cancelTimer = clock.at(clock.now() + JOURNAL_RETRY, () => this.ring());
    }
  }

  #look(now: number): void {
    if (this.#state === "running") {
      takeRequests(this.#world, this.#actors, this.#enrolments, this.#onSync);
      this.#wakeDue(now);
    }
    this.#performDue(now);
    this.#rest(now);
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
    await Promise.allSettled(this.#inFlight.values());
    this.#wakeWaiters();
  }

  #cancelGrace: () => void = () => {};

  async #drained(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight.values());
  }

  #isIdle(horizon: number): boolean {
    const next = this.#nextDue(this.#world.clock.now());
    return this.#inFlight.size === 0 && (next === undefined || next > this.#world.clock.now() + horizon);
  }

  #nextDue(now: number): number | undefined {
    return this.#world.journal.nextDue(now);
  }

  #wakeDue(now: number): void {
    for (const { stream, name } of this.#world.journal.dueWakes(now, BATCH)) {
      if (this.#enrolments.has(stream)) this.#actors.step(stream, { type: "WOKE", name });
    }
  }

  #performDue(now: number): void {
    const due = this.#world.journal.dueIntents(now, BATCH + this.#inFlight.size);
    for (const intent of due) {
      const enrolment = this.#enrolments.get(intent.stream);
      if (!enrolment || this.#inFlight.has(intent.id) || !this.#mayStart(intent)) continue;
      this.#inFlight.set(intent.id, this.#run(enrolment, intent));
    }
  }

  #mayStart(intent: OpenIntent): boolean {
    return this.#state === "running" || FINISHING.includes(intent.kind);
  }

  async #run(enrolment: Enrolment, intent: OpenIntent): Promise<void> {
    // Not in this turn: whoever rings is done first.
    await null;
    try {
      await perform(this.#world, this.#actors, enrolment, intent, this.#abort.signal);
    } catch (error) {
      this.#quarantine(intent, error);
    } finally {
      this.#inFlight.delete(intent.id);
      this.ring();
    }
  }

  /** A bug holds up its own intent only, and says so. */
  #quarantine(intent: OpenIntent, error: unknown): void {
    const { log, clock, journal } = this.#world;
    const now = clock.now();
    log.error(
      { stream: intent.stream, intent: intent.kind, code: codeOf(error) },
      "an outcome could not be decided on",
    );
    const failure = {
      class: `agent.bug.${codeOf(error)}`,
      message: "a bug of dotvault: see its log",
      since: now,
      at: now,
    };
    journal.reschedule(intent.id, { dueAt: now + REARM_EVERY, attempt: intent.attempt + 1, phase: "open", failure });
  }

  #rest(now: number): void {
    const next = this.#nextDue(now) ?? Number.POSITIVE_INFINITY;
    this.#cancelTimer = this.#world.clock.at(Math.min(next, now + REARM_EVERY), () => this.ring());
    if (this.#inFlight.size === 0) {
      this.#world.journal.tidy();
      this.#wakeWaiters();
    }
  }

  #wakeWaiters(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

/** What went wrong, without the message: a library's may quote what it was working on. */
function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : "unknown";
}
