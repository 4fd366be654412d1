import { StoreFailure } from "../adapters/store-port.ts";
import type { Json } from "../journal/port.ts";
import type { Actors } from "./actors.ts";
import { codeOf } from "./loop.ts";
import type { Enrolment, World } from "./ports.ts";
import { type Round, restAfter, spreadRound } from "./rounds.ts";
import { concernsOne, KnownTrouble } from "./store-trouble.ts";
import { Watch } from "./watch.ts";

/** What is looked at, and how often. */
export interface Beat {
  /** The enrolments' secrets and the rules'. */
  readonly names: readonly string[];
  /** All files are compared this often, milliseconds. */
  readonly syncEvery: number;
  /** Every secret is looked at this often, milliseconds, see {@link spreadRound}. */
  readonly watchEvery: number;
}

export interface PatrolDeps {
  readonly world: World;
  readonly actors: Actors;
  readonly enrolments: ReadonlyMap<string, Enrolment>;
  readonly beat: () => Beat;
  /** Comes before a round in which all files are compared. */
  readonly before: () => Promise<void>;
  /** Comes after each look: something may have come due. */
  readonly after: () => void;
}

/** A round under way. */
interface Walk extends Pick<Round, "parts"> {
  readonly began: number;
  /** All files are compared, also those of secrets that have not moved. */
  readonly everything: boolean;
  next: number;
  failed: boolean;
}

/** Goes round the secrets for ever: never two looks at a time, and never in the way of the enrolments. */
export class Patrol {
  readonly #deps: PatrolDeps;
  readonly #watch: Watch;
  readonly #trouble: KnownTrouble;
  readonly #abort = new AbortController();
  #cancelTimer: () => void = () => {};
  #passing: Promise<void> | null = null;
  #walk: Walk | null = null;
  #rests = false;
  #isSoon = false;
  /** 0: all at once, as soon as may be. */
  #syncDueAt = 0;

  constructor(deps: PatrolDeps) {
    this.#deps = deps;
    this.#watch = new Watch(deps.world, deps.actors);
    this.#trouble = new KnownTrouble((value) => this.#note("storeTrouble", value), deps.world.log);
  }

  /** All files are compared at once: at the start, when a person asks, with a new configuration. */
  now(): void {
    this.#syncDueAt = 0;
    this.#pass();
  }

  /** Something else than the store has changed what files show: those secrets are read at once. */
  soon(): void {
    this.#isSoon = true;
    this.#pass();
  }

  /** Resolves when the look under way has ended, and what comes right after it. */
  async settled(): Promise<void> {
    while (this.#passing) await this.#passing;
  }

  /** No further look begins. */
  rest(): void {
    this.#rests = true;
    this.#cancelTimer();
  }

  async stop(): Promise<void> {
    this.rest();
    this.#abort.abort();
    await this.#passing;
  }

  #pass(): void {
    if (this.#passing || this.#rests) return;
    this.#cancelTimer();
    const { clock } = this.#deps.world;
    const began = clock.now();
    this.#passing = this.#look(began).then((beat) => {
      this.#passing = null;
      if (this.#rests) return;
      if (this.#isSoon) return this.#pass();
      const rest = this.#syncDueAt === 0 ? 0 : restAfter(began, clock.now(), beat);
      this.#cancelTimer = clock.at(clock.now() + rest, () => this.#pass());
      this.#deps.after();
    });
  }

  /** The next part of the round; all at once where somebody waits. @returns how long after it began the next one follows */
  async #look(now: number): Promise<number> {
    const isSoon = this.#isSoon && this.#syncDueAt !== 0;
    this.#isSoon = false;
    if (isSoon) return this.#lookAtWanted();
    if (this.#walk === null || this.#syncDueAt === 0) this.#walk = this.#setOut(now);
    const walk = this.#walk;
    const { before, enrolments } = this.#deps;
    const { signal } = this.#abort;
    try {
      if (walk.everything && walk.next === 0) await before();
      const part = walk.parts[walk.next++] ?? [];
      await this.#watch.look(part, enrolments, { everything: walk.everything, signal });
      if (!walk.failed) this.#trouble.went({ wholeRound: isOver(walk) });
      return this.#spread().beat;
    } catch (error) {
      return this.#failed(walk, error);
    } finally {
      if (isOver(walk)) this.#finish(walk);
    }
  }

  async #lookAtWanted(): Promise<number> {
    const { world, beat, enrolments } = this.#deps;
    const wanted = beat().names.filter((name) => world.files.wants?.(name));
    try {
      if (wanted.length > 0)
        await this.#watch.look(wanted, enrolments, { everything: false, signal: this.#abort.signal });
    } catch {
      // The round meets the same trouble, and tells it.
    }
    return this.#spread().beat;
  }

  #setOut(began: number): Walk {
    const { names, syncEvery } = this.#deps.beat();
    const parts = this.#syncDueAt === 0 ? [names] : this.#spread().parts;
    // A time further away than the interval was reckoned by a clock that has been set back since.
    const everything = began >= this.#syncDueAt || this.#syncDueAt > began + syncEvery;
    if (everything) this.#syncDueAt = began + syncEvery;
    return { parts, began, everything, next: 0, failed: false };
  }

  #spread(): Round {
    const { names, watchEvery } = this.#deps.beat();
    return spreadRound(this.#deps.world.store.lookGroups(names), watchEvery);
  }

  /** What concerns the whole store ends the round. @returns the rest before the next look */
  #failed(walk: Walk, error: unknown): number {
    if (this.#abort.signal.aborted) return 0;
    if (!walk.failed) this.#trouble.failed(error, this.#deps.world.clock.now());
    walk.failed = true;
    if (concernsOne(error)) return this.#spread().beat;
    walk.next = walk.parts.length;
    const { watchEvery, syncEvery } = this.#deps.beat();
    const asked = error instanceof StoreFailure ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(watchEvery, Math.min(asked, syncEvery));
  }

  #finish({ everything, began }: Walk): void {
    this.#walk = null;
    // A person's `sync` waits for one that began after it was asked for.
    if (everything && !this.#abort.signal.aborted) this.#note("syncs", began);
  }

  /** A disk that is full must not end the agent: what waits in its memory may be the only copy of a pair. */
  #note(name: string, value: Json): boolean {
    const { journal, log } = this.#deps.world;
    try {
      journal.setFact(name, value);
      return true;
    } catch (error) {
      log.error({ fact: name, code: codeOf(error) }, "a fact could not be written");
      return false;
    }
  }
}

function isOver({ next, parts }: Walk): boolean {
  return next >= parts.length;
}
