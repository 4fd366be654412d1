import type { Context, Facts, Pair, SecretRef } from "../enrolment/context.ts";
import type { EnrolmentEvent } from "../enrolment/events.ts";
import { lifetimeOf } from "../enrolment/guards.ts";
import type { IntentKind, Intents } from "../enrolment/intents.ts";
import type { Open, Standing } from "../enrolment/step.ts";
import { stateName } from "../stream/state-name.ts";

/** The middle: how far a new token's rotation is moved is known only once it is there. */
const SPREAD = 0.5;

type Answers = {
  readonly [K in IntentKind]: (asked: Asked<K>) => EnrolmentEvent | null;
};
interface Asked<K extends IntentKind> {
  readonly id: string;
  readonly at: number;
  readonly params: Intents[K];
  readonly context: Context;
  /** It is in doubt what became of a rotation: what the service says next decides. */
  readonly doubted: boolean;
}

const ANSWERS: Answers = {
  read: ({ id, at, context }) => {
    const pair = context.held ?? context.current;
    if (!pair) return null;
    const { stored, ref: _ref, spread, ...found } = pair;
    const place = { version: stored?.version ?? 0, createdAt: stored?.createdAt ?? 0, serverTime: at + context.skew };
    return { type: "SECRET_READ", at, found, ...place, spread, pair: refOf(id, pair.digest), heldBy: null };
  },
  openSession: ({ at }) => ({ type: "SESSION_OPENED", at }),
  poll: ({ at }) => ({ type: "SESSION_EXPIRED", at }),
  mint: issued,
  refresh: issued,
  claim: ({ at, context }) => ({ type: "CLAIMED", at, lease: (context.lease?.version ?? 0) + 1, doubt: null }),
  probe: () => null,
  store: ({ at, context }) => {
    const before = (context.held ?? context.current)?.stored?.version ?? 0;
    return { type: "STORED", at, version: before + 1, createdAt: at + context.skew, replaced: null };
  },
  remove: ({ at }) => ({ type: "REMOVED", at }),
  release: ({ at }) => ({ type: "RELEASED", at }),
  sync: ({ at }) => ({ type: "SYNCED", at, written: [], failed: [] }),
  revoke: ({ at, params }) => ({ type: "REVOKED", at, subject: params.pair.id, how: "revoked" }),
  sweep: ({ at }) => ({ type: "SWEPT", at, revoked: [] }),
  notify: ({ at, params }) => ({ type: "NOTIFIED", at, code: params.code }),
};

/**
 * What comes of an intent in a calm world: the store and the service are there and do what they did, no other machine has a
 * hand in it, and no person signs in. Pure.
 *
 * @returns null where even then nobody can know: what the service or the store says decides
 */
export function calmOutcome({ snapshot }: Standing, { id, kind, params }: Open, at: number): EnrolmentEvent | null {
  const answer = ANSWERS[kind as IntentKind] as (asked: Asked<IntentKind>) => EnrolmentEvent | null;
  const doubted = stateName(snapshot.value).includes("doubted");
  return answer({ id, at, params: params as Intents[IntentKind], context: snapshot.context, doubted });
}

/** A pair that lives as long as the one before it did. */
function issued({ id, at, context, doubted }: Asked<"mint" | "refresh">): EnrolmentEvent | null {
  const before = context.held ?? context.current;
  if (doubted || !before || isOver(before, context, at)) return null;
  const facts = successor(before, id, at + context.skew);
  return { type: "PAIR_ISSUED", at, pair: refOf(id, facts.digest), facts, spread: SPREAD, notices: [] };
}

function successor(before: Pair, id: string, issuedAt: number): Facts {
  const lifetime = lifetimeOf(before);
  const { complete, refreshable, origin } = before;
  const place = origin === undefined ? {} : { origin };
  const life = lifetime ? { issuedAt, expiresAt: issuedAt + lifetime.expiresAt - lifetime.issuedAt } : {};
  return { complete, refreshable, digest: `forecast ${id}`, ...place, ...life };
}

function isOver({ expiresAt }: Pair, { skew }: Context, at: number): boolean {
  return expiresAt !== undefined && expiresAt <= at + skew;
}

function refOf(intent: string, digest: string): SecretRef {
  return { id: `${intent}.0`, kind: "pair", digest };
}
