import { halfLife, type Lifetime } from "../half-life.ts";
import type { Context, Facts, Pair } from "./context.ts";
import type { EnrolmentEvent, StoreFacts } from "./events.ts";

type Args = { readonly context: Context; readonly event: EnrolmentEvent };

/** What the store holds, seen from what we know: nothing, our pair, a used-up one, or somebody else's. */
export type Comparison = "gone" | "same" | "spent" | "other";

export function compare(context: Context, { found }: StoreFacts): Comparison {
  if (found === null || !found.complete) return "gone";
  if (found.digest === (context.held ?? context.current)?.digest) return "same";
  return context.spent.includes(found.digest) ? "spent" : "other";
}

function compared(is: Comparison) {
  return ({ context, event }: Args): boolean => "found" in event && compare(context, event) === is;
}

/** The lifetime to reckon with; a pair that never expires has none. */
export function lifetimeOf(pair: Facts & Partial<Pick<Pair, "stored">>): Lifetime | null {
  if (pair.expiresAt === undefined) return null;
  return { issuedAt: pair.issuedAt ?? pair.stored?.createdAt ?? pair.expiresAt, expiresAt: pair.expiresAt };
}

/** When the pair is due by the issuer's clock; null = never, or there is nothing to rotate it with. */
export function dueAt(context: Context, pair: Pair): number | null {
  const lifetime = lifetimeOf(pair);
  if (!lifetime || !pair.refreshable || context.settings?.traits.refresh !== true) return null;
  return halfLife(lifetime, pair.spread);
}

function isDue({ context, event }: Args): boolean {
  const pair = context.current;
  if (!pair || !("found" in event)) return false;
  const due = dueAt(context, pair);
  return context.asked || (due !== null && event.serverTime >= due - DUE_TOLERANCE);
}

/** `Date` headers carry whole seconds. */
const DUE_TOLERANCE = 1_000;

const LONGEST_PRESENTING = 3;
export const SECOND_LOOK_AFTER = 2 * 60_000;

/** Every question that the machine asks, by the name under which the picture shows it. */
export const guards = {
  needsNobody: ({ context }: Args) => context.settings?.traits.person === false,
  isGone: compared("gone"),
  isSame: compared("same"),
  isSpent: compared("spent"),
  isOther: compared("other"),
  isDue,
  isComplete: ({ event }: Args) => "found" in event && event.found?.complete === true,
  /** After an un-enrolment only a later sign-in counts. */
  isEnrolledSince: ({ context, event }: Args) =>
    "found" in event &&
    event.found?.complete === true &&
    (event.found.issuedAt ?? event.createdAt) > (context.unenrolledAt ?? 0),
  isAnotherSecret: ({ context, event }: Args) =>
    "found" in event && event.found?.complete === true && event.found.digest !== context.current?.digest,
  isRevived: ({ context, event }: Args) =>
    "found" in event &&
    event.found?.complete === true &&
    event.found.digest !== context.current?.digest &&
    !context.spent.includes(event.found.digest),
  canRotate: ({ context }: Args) => context.settings?.traits.refresh === true && context.current?.refreshable === true,
  hasMoved: ({ context }: Args) =>
    context.current?.origin !== undefined &&
    context.settings !== null &&
    context.settings.origin !== null &&
    context.current.origin !== context.settings.origin,
  /** A person who is asked to sign in need not say that they mean it. */
  asksAgain: ({ context, event }: Args) => event.type === "ENROL_ASKED" && (event.again || context.ask !== null),
  wantsUnenrol: ({ context }: Args) => context.afterwards === "unenrol",
  wasUnanswered: ({ context }: Args) => context.session?.unanswered === true,
  isLost: ({ context }: Args) => context.doubt?.cause === "lost",
  mayPresentAgain: ({ context }: Args) => (context.doubt?.presentations ?? 0) < LONGEST_PRESENTING,
  isAlive: ({ event }: Args) => event.type === "PROBED" && event.verdict === "alive",
  /** 404 says "gone" only of a token that the service has listed before; short ones never are. */
  isDead: ({ context, event }: Args) =>
    event.type === "PROBED" &&
    (event.verdict === "dead" || (event.verdict === "unlisted" && context.listed === (context.held?.tokenId ?? "-"))),
  canProbe: ({ context }: Args) => context.settings?.traits.probe === true,
  saysDead: ({ event }: Args) => event.type === "MINT_REFUSED" && event.status === 401,
  /** Another machine presented this very pair and never reported: it probably has the new one. */
  isHeldElsewhere: ({ context, event }: Args) =>
    event.type === "SECRET_READ" &&
    [event.heldBy, context.lease?.doubt ?? null].some((open) => open !== null && open.digest === context.held?.digest),
  needsSecondLook: ({ context }: Args) => context.doubt?.forbidden === true && context.doubt.deadLooks < 2,
} as const;
