import { halfLife, type Lifetime } from "../half-life.ts";
import type { Context, Facts, Pair, Settings } from "./context.ts";
import type { EnrolmentEvent, StoreFacts } from "./events.ts";

type Args = { readonly context: Context; readonly event: EnrolmentEvent };

/** What the store holds, seen from what we know. A used-up pair may well be the one that we work on. */
interface Comparison {
  readonly there: boolean;
  readonly same: boolean;
  readonly spent: boolean;
}

function compare(context: Context, { found }: StoreFacts): Comparison {
  if (found === null || !found.complete) return { there: false, same: false, spent: false };
  const known = context.held ?? context.current;
  // With another origin beside the same tokens it is another pair: it may have to be presented elsewhere.
  const same = found.digest === known?.digest && found.origin === known.origin;
  return { there: true, same, spent: context.spent.includes(found.digest) };
}

function compared(is: (seen: Comparison) => boolean) {
  return ({ context, event }: Args): boolean => "found" in event && is(compare(context, event));
}

/** The lifetime to reckon with; a pair that never expires has none. */
export function lifetimeOf(pair: Facts & Partial<Pick<Pair, "stored">>): Lifetime | null {
  if (pair.expiresAt === undefined) return null;
  return { issuedAt: pair.issuedAt ?? pair.stored?.createdAt ?? pair.expiresAt, expiresAt: pair.expiresAt };
}

/** When the pair is due by the issuer's clock; null = never, or there is nothing to rotate it with. */
export function dueAt(context: Context, pair: Pair): number | null {
  const lifetime = lifetimeOf(pair);
  if (!lifetime || !rotates(context, pair)) return null;
  return halfLife(lifetime, pair.spread);
}

function isDue({ context, event }: Args): boolean {
  const pair = context.current;
  if (!pair || !("found" in event)) return false;
  const due = dueAt(context, pair);
  if (context.asked) return canRotate(context);
  return due !== null && event.serverTime >= due - DUE_TOLERANCE;
}

function canRotate(context: Context): boolean {
  return context.current !== null && rotates(context, context.current);
}

/** A new pair is minted with any live one; the grant needs a refresh token. */
function rotates({ settings }: Context, pair: Pair): boolean {
  return isReminting(settings) || (settings?.traits.refresh === true && pair.refreshable);
}

export function isReminting(settings: Settings | null): boolean {
  return settings?.rotation === "remint";
}

/** The configuration names where its login comes from, and no person is needed. */
export function isUnattended(settings: Settings | null): boolean {
  return settings?.unattended === true && !settings.traits.person;
}

/**
 * The service has not answered for its refresh token: it may still be good when the access token is dead, past its end say.
 * Nothing is removed that was not refused.
 */
function hasRefreshLeft({ context, event }: Args): boolean {
  const { settings, held, doubt, spent } = context;
  if (settings?.traits.refresh !== true || !held?.refreshable || spent.includes(held.digest)) return false;
  if (doubt?.cause === "lost" || doubt?.presentations === 0) return true;
  // A 403 may have been about the login; once that is over, the end of the access token says nothing of the other one.
  return doubt?.forbidden === true && !doubt.pastEnd && isOver(context, event.at);
}

/** Whether the access token's end has come, by the issuer's clock. */
export function isOver({ held, skew }: Context, at: number): boolean {
  return held?.expiresAt !== undefined && held.expiresAt <= at + skew;
}

/** Another pair than ours lies in the store, and it is not used up. */
function isRevived({ context, event }: Args): boolean {
  if (!("found" in event) || event.found?.complete !== true) return false;
  return event.found.digest !== context.current?.digest && !context.spent.includes(event.found.digest);
}

/** Whether the configuration names another host than the one that a pair comes from. */
function isOfAnotherHost({ settings }: Context, origin: string | undefined): boolean {
  return origin !== undefined && settings !== null && settings.origin !== null && origin !== settings.origin;
}

function isDead({ context, event }: Args): boolean {
  if (event.type !== "PROBED") return false;
  return (
    event.verdict === "dead" || (event.verdict === "unlisted" && context.listed === (context.held?.tokenId ?? "-"))
  );
}

/** `Date` headers carry whole seconds. */
const DUE_TOLERANCE = 1_000;

const LONGEST_PRESENTING = 3;
export const SECOND_LOOK_AFTER = 2 * 60_000;

/** Every question that the machine asks, by the name under which the picture shows it. */
export const guards = {
  enrolsByItself: ({ context }: Args) => isUnattended(context.settings),
  willEnrolByItself: ({ event }: Args) => event.type === "CONFIGURED" && isUnattended(event.settings),
  needsNobody: ({ context }: Args) => context.settings?.traits.person === false,
  isGone: compared(({ there }) => !there),
  isSame: compared(({ same }) => same),
  isSpent: compared(({ spent }) => spent),
  isAnotherSpent: compared(({ same, spent }) => spent && !same),
  isOther: compared(({ there, same, spent }) => there && !same && !spent),
  /** Adopted for want of a better one: nothing but its access token can be of use. */
  isUsedUp: ({ context }: Args) => context.current !== null && context.spent.includes(context.current.digest),
  isDue,
  isDueByMint: (args: Args) => isReminting(args.context.settings) && isDue(args),
  isComplete: ({ event }: Args) => "found" in event && event.found?.complete === true,
  /** After an un-enrolment only a later sign-in counts. */
  isEnrolledSince: ({ context, event }: Args) =>
    "found" in event &&
    event.found?.complete === true &&
    (event.found.issuedAt ?? event.createdAt) - context.skew > (context.unenrolledAt ?? 0),
  isRevived,
  isElsewhere: (args: Args) =>
    isRevived(args) && "found" in args.event && isOfAnotherHost(args.context, args.event.found?.origin),
  canRotate: ({ context }: Args) => canRotate(context),
  hasMoved: ({ context }: Args) => isOfAnotherHost(context, context.current?.origin),
  /** A person who is asked to sign in need not say that they mean it. */
  asksAgain: ({ context, event }: Args) => event.type === "ENROL_ASKED" && (event.again || context.ask !== null),
  wantsUnenrol: ({ context }: Args) => context.afterwards === "unenrol",
  wasUnanswered: ({ context }: Args) => context.session?.unanswered === true,
  isLost: ({ context }: Args) => context.doubt?.cause === "lost",
  wasRefused: ({ context }: Args) => context.doubt?.cause === "refused",
  /** Services have a grace for expired pairs; not for used-up ones. Once. */
  hasGrace: ({ context, event }: Args) =>
    event.type === "WOKE" &&
    event.name === "expired" &&
    context.doubt?.pastEnd === false &&
    context.held?.refreshable === true &&
    !context.spent.includes(context.held?.digest ?? ""),
  mayPresentAgain: ({ context }: Args) => (context.doubt?.presentations ?? 0) < LONGEST_PRESENTING,
  isAlive: ({ event }: Args) => event.type === "PROBED" && event.verdict === "alive",
  /** 404 says "gone" only of a token that the service has listed before; short ones never are. */
  isDead,
  isDeadButRefreshable: (args: Args) => isDead(args) && hasRefreshLeft(args),
  isRetry: ({ event }: Args) => event.type === "WOKE" && event.name === "retry",
  canProbe: ({ context }: Args) => context.settings?.traits.probe === true,
  /** A mint's 401 is a reason to look again, not a proof: a token for other services gets it, too. */
  saysDead: ({ context, event }: Args) =>
    event.type === "MINT_REFUSED" && event.status === 401 && context.doubt?.deadLooks === 0,
  /** Another machine presented this very pair and never reported: it probably has the new one. */
  isHeldElsewhere: ({ context, event }: Args) =>
    event.type === "SECRET_READ" &&
    [event.heldBy, context.lease?.doubt ?? null].some((open) => open !== null && open.digest === context.held?.digest),
  needsSecondLook: ({ context }: Args) => context.doubt?.forbidden === true && context.doubt.deadLooks < 2,
} as const;
