import type { AskCode, Pair } from "../enrolment/context.ts";
import type { Snapshot } from "../enrolment/decide.ts";
import type { EnrolmentEvent } from "../enrolment/events.ts";
import { dueAt } from "../enrolment/guards.ts";
import { type Open, type Standing, step } from "../enrolment/step.ts";
import { stateName } from "../stream/state-name.ts";
import { calmOutcome } from "./calm.ts";
import { type Beginning as AnyBeginning, type Due, type Played, type Span, simulate } from "./simulation.ts";

export type { Span, Waiting } from "./simulation.ts";

export type Beginning = AnyBeginning<Snapshot>;

/** One thing that will happen. */
export type Foreseen = { readonly at: number } & (
  | { readonly code: "rotation" }
  /** A step that failed comes again. */
  | { readonly code: "retry"; readonly step: string }
  /** It looks once more: at another machine's lease, at a refused pair. */
  | { readonly code: "look" }
  /** It enrols by itself. */
  | { readonly code: "enrol" }
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

/**
 * The machine run forward on a simulated clock, in a calm world (see {@link calmOutcome}): what will happen by itself, and
 * when a person is needed. Pure.
 *
 * @param asleep the machine is off, off the network, or not logged in to its store: what comes due then is done at its end
 */
export function forecast(beginning: Beginning, during: Span, ...asleep: readonly Span[]): Foreseen[] {
  const future = new Future(beginning, during);
  simulate(future, beginning, during, asleep);
  return future.seen.toSorted((a, b) => a.at - b.at);
}

class Future implements Played<Snapshot, EnrolmentEvent> {
  readonly seen: Foreseen[] = [];
  readonly step = step;
  readonly #during: Span;
  readonly #ended = new Set<string>();
  /** Under way when the forecast begins. */
  readonly #old: ReadonlySet<string>;

  constructor({ standing, open }: Beginning, during: Span) {
    this.#during = during;
    this.#old = new Set(open.map(({ id }) => id));
    const { ask } = standing.snapshot.context;
    if (ask) this.seen.push({ at: during.from, code: "ask", ask: ask.code });
  }

  woke(name: string, at: number): EnrolmentEvent {
    return { type: "WOKE", at, name };
  }

  outcome(standing: Standing, intent: Open, at: number): EnrolmentEvent | null {
    return calmOutcome(standing, intent, at);
  }

  /** Nobody signs in: a poll is answered by its end. */
  answeredAt({ kind, params }: Open, due: number): number {
    return kind === "poll" && "until" in params ? Math.max(due, Number(params.until)) : due;
  }

  /** The token in the files ends, and nothing came before that. */
  passing({ snapshot: { context } }: Standing, until: number): void {
    const { current, held, skew } = context;
    const pair = current ?? held;
    if (pair?.expiresAt === undefined || this.#ended.has(pair.digest)) return;
    const at = pair.expiresAt - skew;
    if (at > until || at < this.#during.from) return;
    this.#ended.add(pair.digest);
    this.seen.push({ at, code: "token-ends", rotates: dueAt(context, pair) !== null, life: lifeOf(pair) });
  }

  happened(
    event: EnrolmentEvent,
    { standing, before, due }: { readonly standing: Standing; readonly before: Snapshot; readonly due: Due },
  ): void {
    const { at } = event;
    if ("wake" in due) this.#rang(due.wake, at, stateName(standing.snapshot.value));
    else this.#performed(due, at);
    if (event.type === "SESSION_EXPIRED") this.seen.push({ at, code: "login-ends" });
    const { ask } = standing.snapshot.context;
    if (ask && ask.code !== before.context.ask?.code) this.seen.push({ at, code: "ask", ask: ask.code });
  }

  undecided({ kind }: Open, at: number): void {
    this.seen.push({ at, code: "open", step: kind });
  }

  #rang(name: string, at: number, state: string): void {
    if (name === "rotate" && state.startsWith("refreshing")) this.seen.push({ at, code: "rotation" });
    if (name === "retry") this.seen.push({ at, code: state.startsWith("session") ? "enrol" : "look" });
  }

  #performed({ intent, failed }: Extract<Due, { readonly intent: Open }>, at: number): void {
    if (failed) this.seen.push({ at, code: "retry", step: intent.kind });
    else if (intent.kind === "revoke" && this.#old.has(intent.id)) this.seen.push({ at, code: "revocation" });
  }
}

function lifeOf({ issuedAt, expiresAt }: Pair): number | null {
  return issuedAt === undefined || expiresAt === undefined ? null : expiresAt - issuedAt;
}
