import type { AskCode, Pair } from "../enrolment/context.ts";
import type { EnrolmentEvent } from "../enrolment/events.ts";
import { dueAt } from "../enrolment/guards.ts";
import { after, type Open, type Standing, step } from "../enrolment/step.ts";
import { stateName } from "../stream/state-name.ts";
import { calmOutcome } from "./calm.ts";

/** What the journal holds of a stream: where the forecast begins. */
export interface Beginning {
  readonly standing: Standing;
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

/** One thing that will happen. */
export type Foreseen = { readonly at: number } & (
  | { readonly code: "rotation" }
  /** A step that failed comes again. */
  | { readonly code: "retry"; readonly step: string }
  /** It looks once more: at another machine's lease, at a refused pair. */
  | { readonly code: "look" }
  /** Of a token that had been replaced before; those of rotations to come go without saying. */
  | { readonly code: "revocation" }
  | { readonly code: "login-ends" }
  /** `life`: of the token in use, from its issue; null where its issue is not known. */
  | { readonly code: "token-ends"; readonly rotates: boolean; readonly life: number | null }
  /** A person is asked for something, or has been already. */
  | { readonly code: "ask"; readonly ask: AskCode }
  /** What follows depends on what the service or the store will say to this step. */
  | { readonly code: "open"; readonly step: string }
);

/** More steps than a week of the shortest useful tokens takes. */
const LONGEST = 20_000;

/**
 * The machine run forward on a simulated clock, in a calm world (see {@link calmOutcome}): what will happen by itself, and
 * when a person is needed. Pure.
 *
 * @param asleep the machine is off, or off the network: what comes due then is done at its end
 */
export function forecast(beginning: Beginning, during: Span, asleep?: Span): Foreseen[] {
  const future = new Future(beginning, during, asleep);
  future.run();
  return future.seen.toSorted((a, b) => a.at - b.at);
}

type Due = { readonly at: number; readonly wake: string } | ({ readonly at: number; readonly intent: Open } & How);
type How = Pick<Waiting, "failed" | "lost">;

const asUsual: How = { failed: false, lost: false };

class Future {
  readonly seen: Foreseen[] = [];
  readonly #during: Span;
  readonly #asleep: Span | undefined;
  readonly #wakes = new Map<string, number>();
  readonly #due = new Map<string, { readonly at: number } & How>();
  readonly #ended = new Set<string>();
  /** Under way when the forecast begins. */
  readonly #old: ReadonlySet<string>;
  #standing: Standing;
  #now: number;

  constructor({ standing, open, wakes }: Beginning, during: Span, asleep: Span | undefined) {
    this.#standing = standing;
    this.#during = during;
    this.#asleep = asleep;
    this.#now = during.from;
    this.#old = new Set(open.map(({ id }) => id));
    for (const { name, at } of wakes) this.#wakes.set(name, at);
    for (const { id, dueAt, failed, lost } of open) this.#due.set(id, { at: dueAt, failed, lost });
  }

  run(): void {
    const { ask } = this.#standing.snapshot.context;
    if (ask) this.seen.push({ at: this.#now, code: "ask", ask: ask.code });
    for (let steps = 0; steps < LONGEST; steps++) {
      const due = this.#next();
      const at = due && this.#awake(Math.max(due.at, this.#now));
      this.#tellEnd(Math.min(at ?? Number.POSITIVE_INFINITY, this.#during.until));
      if (!due || at === undefined || at >= this.#during.until) return;
      this.#now = at;
      if (!this.#happen(due)) return;
    }
  }

  #next(): Due | undefined {
    const wakes = [...this.#wakes].map(([wake, at]): Due => ({ at, wake }));
    const intents = this.#standing.open.map((intent): Due => {
      const { at, ...how } = this.#due.get(intent.id) ?? { at: this.#now, ...asUsual };
      return { at: answeredAt(intent, at), intent, ...how };
    });
    return [...wakes, ...intents].reduce<Due | undefined>(
      (first, due) => (first === undefined || due.at < first.at ? due : first),
      undefined,
    );
  }

  #awake(at: number): number {
    const { from, until } = this.#asleep ?? { from: 0, until: 0 };
    return at >= from && at < until ? until : at;
  }

  /** @returns false where the forecast ends */
  #happen(due: Due): boolean {
    if ("wake" in due) {
      this.#take({ type: "WOKE", at: this.#now, name: due.wake });
      if (due.wake === "rotate" && this.#isIn("refreshing")) this.seen.push({ at: this.#now, code: "rotation" });
      if (due.wake === "retry") this.seen.push({ at: this.#now, code: "look" });
      return true;
    }
    const { intent, failed, lost } = due;
    if (failed) this.seen.push({ at: this.#now, code: "retry", step: intent.kind });
    else if (intent.kind === "revoke" && this.#old.has(intent.id))
      this.seen.push({ at: this.#now, code: "revocation" });
    const outcome = lost ? null : calmOutcome(this.#standing, intent, this.#now);
    if (outcome === null) {
      this.seen.push({ at: this.#now, code: "open", step: intent.kind });
      return false;
    }
    if (outcome.type === "SESSION_EXPIRED") this.seen.push({ at: this.#now, code: "login-ends" });
    this.#take(outcome, intent.id);
    return true;
  }

  #take(event: EnrolmentEvent, closes?: string): void {
    const before = this.#standing.snapshot.context.ask;
    const taken = step(this.#standing, event, closes);
    const standing = after(this.#standing, taken, closes);
    for (const name of taken.cancels) this.#wakes.delete(name);
    for (const { name, at } of taken.sets) this.#wakes.set(name, at);
    this.#standing = { ...standing, wakes: [...this.#wakes.keys()] };
    for (const { id, dueAt: at } of taken.begins) this.#due.set(id, { at, ...asUsual });
    const { ask } = this.#standing.snapshot.context;
    if (ask && ask.code !== before?.code) this.seen.push({ at: event.at, code: "ask", ask: ask.code });
  }

  /** The token in the files ends, and nothing came before that. */
  #tellEnd(by: number): void {
    const { context } = this.#standing.snapshot;
    const { current, held, skew } = context;
    const pair = current ?? held;
    if (pair?.expiresAt === undefined || this.#ended.has(pair.digest)) return;
    const at = pair.expiresAt - skew;
    if (at > by || at < this.#during.from) return;
    this.#ended.add(pair.digest);
    this.seen.push({ at, code: "token-ends", rotates: dueAt(context, pair) !== null, life: lifeOf(pair) });
  }

  #isIn(state: string): boolean {
    return stateName(this.#standing.snapshot.value).startsWith(state);
  }
}

/** Nobody signs in: a poll is answered by its end. */
function answeredAt({ kind, params }: Open, dueAt: number): number {
  return kind === "poll" && "until" in params ? Math.max(dueAt, Number(params.until)) : dueAt;
}

function lifeOf({ issuedAt, expiresAt }: Pair): number | null {
  return issuedAt === undefined || expiresAt === undefined ? null : expiresAt - issuedAt;
}
