import type { AnySnapshot } from "../stream/decide.ts";
import { type AnyEvent, after, type Open, type Standing, type Step } from "../stream/step.ts";

/** What the journal holds of a stream: where the forecast begins. */
export interface Beginning<S extends AnySnapshot> {
  readonly standing: Standing<S>;
  readonly open: readonly Waiting[];
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
}

/** An intent under way. `failed`: it comes again. `lost`: nobody who sent it is there to hear the answer. */
export type Waiting = Open & { readonly dueAt: number; readonly failed: boolean; readonly lost: boolean };

/** A span of time, milliseconds since the epoch; its end is no part of it. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** A machine, and a calm world around it. */
export interface Played<S extends AnySnapshot, E extends AnyEvent> {
  step(before: Standing<S>, event: E, closes?: string): Step<S>;
  woke(name: string, at: number): E;
  /** What comes of an intent; null where nobody can know. */
  outcome(standing: Standing<S>, intent: Open, at: number): E | null;
  /** When it is answered, if not when it is due. */
  answeredAt?(intent: Open, dueAt: number): number;
  /** Nothing will happen before that time. */
  passing(standing: Standing<S>, until: number): void;
  happened(event: E, now: { readonly standing: Standing<S>; readonly before: S; readonly due: Due }): void;
  /** The forecast ends here. */
  undecided(intent: Open, at: number): void;
}

export type Due =
  | { readonly at: number; readonly wake: string }
  | ({ readonly at: number; readonly intent: Open } & How);
type How = Pick<Waiting, "failed" | "lost">;

const asUsual: How = { failed: false, lost: false };

/** More steps than a week of the shortest useful tokens takes. */
const LONGEST = 20_000;

/**
 * Runs a machine forward on a simulated clock. Pure but for what `played` notes.
 *
 * @param asleep nothing is done then: the machine is off, say; what comes due is done at the end of it
 */
export function simulate<S extends AnySnapshot, E extends AnyEvent>(
  played: Played<S, E>,
  beginning: Beginning<S>,
  during: Span,
  asleep: readonly Span[],
): void {
  new Simulation(played, beginning, during, asleep).run();
}

class Simulation<S extends AnySnapshot, E extends AnyEvent> {
  readonly #played: Played<S, E>;
  readonly #during: Span;
  readonly #asleep: readonly Span[];
  readonly #wakes: Map<string, number>;
  readonly #due: Map<string, { readonly at: number } & How>;
  #standing: Standing<S>;
  #now: number;

  constructor(played: Played<S, E>, { standing, open, wakes }: Beginning<S>, during: Span, asleep: readonly Span[]) {
    this.#played = played;
    this.#standing = standing;
    this.#during = during;
    this.#asleep = asleep;
    this.#now = during.from;
    this.#wakes = new Map(wakes.map(({ name, at }) => [name, at]));
    this.#due = new Map(open.map(({ id, dueAt, failed, lost }) => [id, { at: dueAt, failed, lost }]));
  }

  run(): void {
    for (let steps = 0; steps < LONGEST; steps++) {
      const due = this.#next();
      const at = due && this.#awake(Math.max(due.at, this.#now));
      this.#played.passing(this.#standing, Math.min(at ?? Number.POSITIVE_INFINITY, this.#during.until));
      if (!due || at === undefined || at >= this.#during.until) return;
      this.#now = at;
      if (!this.#happen(due)) return;
    }
  }

  #next(): Due | undefined {
    const wakes = [...this.#wakes].map(([wake, at]): Due => ({ at, wake }));
    const intents = this.#standing.open.map((intent): Due => {
      const { at, ...how } = this.#due.get(intent.id) ?? { at: this.#now, ...asUsual };
      return { at: this.#played.answeredAt?.(intent, at) ?? at, intent, ...how };
    });
    return [...wakes, ...intents].reduce<Due | undefined>(
      (first, due) => (first === undefined || due.at < first.at ? due : first),
      undefined,
    );
  }

  #awake(at: number): number {
    const span = this.#asleep.find(({ from, until }) => at >= from && at < until);
    return span === undefined ? at : this.#awake(span.until);
  }

  /** @returns false where the forecast ends */
  #happen(due: Due): boolean {
    if ("wake" in due) {
      this.#take(this.#played.woke(due.wake, this.#now), due);
      return true;
    }
    const outcome = due.lost ? null : this.#played.outcome(this.#standing, due.intent, this.#now);
    if (outcome === null) this.#played.undecided(due.intent, this.#now);
    else this.#take(outcome, due, due.intent.id);
    return outcome !== null;
  }

  #take(event: E, due: Due, closes?: string): void {
    const before = this.#standing.snapshot;
    const taken = this.#played.step(this.#standing, event, closes);
    const standing = after(this.#standing, taken, closes);
    for (const name of taken.cancels) this.#wakes.delete(name);
    for (const { name, at } of taken.sets) this.#wakes.set(name, at);
    this.#standing = { ...standing, wakes: [...this.#wakes.keys()] };
    for (const { id, dueAt: at } of taken.begins) this.#due.set(id, { at, ...asUsual });
    this.#played.happened(event, { standing: this.#standing, before, due });
  }
}
