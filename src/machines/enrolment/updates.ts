import type { Ask, AskCode, Cleanup, Context, Pair, SecretRef, Stranger } from "./context.ts";
import { doubtOf, newDoubt } from "./doubt.ts";
import type { EnrolmentEvent, EventOf, StoreFacts } from "./events.ts";
import { isOver } from "./guards.ts";
import { outcomeOf, unansweredAfter } from "./unanswered.ts";

/** What an event changes in the context; pure, one function a fact. */
export type Update<E> = (args: { readonly context: Context; readonly event: E }) => Partial<Context>;

const LOGIN_LIFE = 5 * 60_000;
const STRANGER_SHOWN = 7 * 24 * 60 * 60_000;
const SPENT_KEPT = 8;
const ORPHANS_KEPT = 8;

/** Clears what belongs to a step that is over. */
const settled = { held: null, doubt: null, heldBy: null, asked: false } as const;

export const configured: Update<EventOf<"CONFIGURED">> = ({ event }) => ({ settings: event.settings });

/** Back on the host that the pair came from, or still not: the state's own guard looks again. */
export const resettled: Update<EventOf<"CONFIGURED">> = ({ event }) => ({ settings: event.settings, ask: null });

/** A try that may have had its effect unseen; the row of the intent says the rest. */
export const failed: Update<EventOf<"FAILED">> = ({ context, event }) => ({
  session:
    context.session && event.intent === "poll" && event.sent === "maybe"
      ? { ...context.session, unanswered: true }
      : context.session,
  mint:
    context.mint && event.intent === "mint" && event.sent === "maybe"
      ? { ...context.mint, unanswered: true }
      : context.mint,
  doubt:
    context.doubt && event.intent === "probe" && event.class.endsWith(".403")
      ? { ...context.doubt, forbidden: true }
      : context.doubt,
});

/** After a crash an open poll or mint may have been answered unseen. */
export const resumed: Update<EventOf<"RESUMED">> = ({ context, event }) => ({
  session: context.session && event.open.includes("poll") ? { ...context.session, unanswered: true } : context.session,
  mint: context.mint && event.open.includes("mint") ? { ...context.mint, unanswered: true } : context.mint,
});

/** By a person's wish, or by itself where nobody is needed. */
export const signingIn: Update<EventOf<"ENROL_ASKED"> | EventOf<"WOKE">> = ({ context, event }) => ({
  ...settled,
  ask: null,
  unanswered: null,
  unenrolledAt: null,
  afterwards: null,
  bootstrap: null,
  fresh: null,
  ...givenUp(context),
  session:
    event.type === "ENROL_ASKED" && event.session
      ? { ref: event.session, deadline: event.at + LOGIN_LIFE, unanswered: false }
      : null,
});

export const sessionOpened: Update<EventOf<"SESSION_OPENED">> = ({ context, event }) => ({
  session: context.session && { ...context.session, deadline: event.at + LOGIN_LIFE },
  ...skewed(context, event),
});

/** The person has no more time than before. */
export const setBack: Update<EventOf<"CLOCK_SET_BACK">> = ({ context, event }) => ({
  session: context.session && { ...context.session, deadline: context.session.deadline - event.by },
});

export const granted: Update<EventOf<"GRANTED">> = ({ event }) => ({
  session: null,
  bootstrap: { ref: event.bootstrap, tokenId: event.tokenId },
});

export const minting: Update<EnrolmentEvent> = ({ context, event }) => ({
  ...givenUp(context),
  mint: { description: `${context.settings?.label ?? "dotvault"} #${event.at.toString(36)}`, unanswered: false },
});

/** The last word on a mint; one of its earlier tries may have succeeded all the same. */
export const mintRefused: Update<EventOf<"MINT_REFUSED">> = ({ context, event }) => ({
  ...(context.mint?.unanswered ? givenUp(context) : { mint: null }),
  ...skewed(context, event),
});

export const issued: Update<EventOf<"PAIR_ISSUED">> = ({ context, event }) => ({
  ask: null,
  unanswered: outcomeOf(context.unanswered, context.mint ? "minted" : "answered", event.at),
  notices: event.notices,
  fresh: { ...event.facts, spread: event.spread, stored: null, ref: event.pair },
  spent:
    context.held && context.doubt?.cause !== "restored" ? remember(context.spent, context.held.digest) : context.spent,
  ...skewed(context, event),
});

/** The store has confirmed our pair: it is the current one, and what it replaced is to be revoked. */
export const stored: Update<EventOf<"STORED">> = ({ context, event }) => ({
  ...settled,
  ask: null,
  told: null,
  current: context.fresh && {
    ...context.fresh,
    stored: { version: event.version, createdAt: event.createdAt },
    ref: null,
  },
  fresh: null,
  bootstrap: null,
  mint: null,
  // Long enough for a person to see it.
  stranger: context.stranger && event.at - context.stranger.since < STRANGER_SHOWN ? context.stranger : null,
  rotatedAt: context.held ? event.at : context.rotatedAt,
  cleanups: [
    ...context.cleanups,
    ...cleanup(context.bootstrap, "bootstrap", event.at),
    ...cleanup(context.held, "superseded", event.at),
    ...cleanup(replacedBeside(context, event.replaced), "superseded", event.at),
  ],
});

/** Our copy of the new pair is destroyed; what it came of is used up. */
export const unreadable: Update<EventOf<"PAIR_UNREADABLE">> = () => ({ fresh: null, doubt: null });

/** Another machine's live pair lies in the store: it stays, ours goes. */
export const yielded: Update<EventOf<"STORE_CONFLICT">> = ({ context, event }) => ({
  ...adopted({ context, event }),
  cleanups: [
    ...context.cleanups,
    ...cleanup(context.bootstrap, "bootstrap", event.at),
    ...cleanup(context.fresh, "superseded", event.at),
  ],
});

/** The store's pair becomes ours. */
export const adopted: Update<StoreFacts & { readonly at: number }> = ({ context, event }) => ({
  ...settled,
  ask: null,
  told: null,
  unanswered: outcomeOf(context.unanswered, "adopted", event.at),
  fresh: null,
  session: null,
  bootstrap: null,
  ...givenUp(context),
  unenrolledAt: null,
  current: event.found && pairOf(event, null),
  stranger: strangerOf(event, "stored") ?? context.stranger,
  skew: event.serverTime - event.at,
  listed: context.listed,
});

/** The same pair under a new version: somebody edited another field of the document. */
export const sameAgain: Update<StoreFacts> = ({ context, event }) => ({
  current: context.current && { ...context.current, stored: { version: event.version, createdAt: event.createdAt } },
});

export const gone: Update<StoreFacts & { readonly at: number }> = ({ context, event }) => ({
  ...settled,
  current: null,
  fresh: null,
  unanswered: outcomeOf(context.unanswered, "gone", event.at),
  stranger: strangerOf(event, "removed") ?? context.stranger,
  ask: ask(context.current ? "secret-gone" : "not-enrolled", event.at),
});

/** Nothing there after a login that led to nothing: what is asked of the person stays. */
export const stillGone: Update<StoreFacts & { readonly at: number }> = ({ context, event }) => {
  const found = gone({ context, event });
  return { ...found, ask: context.ask ?? found.ask ?? null };
};

/** The stored pair, sealed here for the time that we work on it. */
export const held: Update<EventOf<"SECRET_READ">> = ({ event }) => ({
  held: pairOf(event, event.pair),
  skew: event.serverTime - event.at,
});

export const notDue: Update<EventOf<"SECRET_READ">> = ({ context, event }) => ({
  ...settled,
  unanswered: context.unanswered?.outcome ? context.unanswered : null,
  skew: event.serverTime - event.at,
});

export const claimed: Update<EventOf<"CLAIMED">> = ({ context, event }) => ({
  heldBy: null,
  // A new rotation: how the one before ended has been told long since.
  unanswered: context.unanswered?.outcome ? null : context.unanswered,
  lease: { version: event.lease, doubt: event.doubt, before: event.before ?? null },
});

export const waitingFor: Update<EventOf<"HELD_ELSEWHERE">> = ({ event }) => ({
  heldBy: { machine: event.machine, phase: event.phase },
});

export const lost: Update<EventOf<"ANSWER_LOST">> = ({ context, event }) => ({
  doubt: {
    ...doubtOf(context, "lost", event.at),
    cause: "lost",
    presentations: (context.doubt?.presentations ?? 0) + 1,
  },
  unanswered: unansweredAfter(context.unanswered, event),
});

/** An answer at last: whatever was lost before, presenting this pair once more leads to nothing. */
export const refused: Update<EventOf<"REFUSED">> = ({ context, event }) => ({
  doubt: {
    ...doubtOf(context, "refused", event.at),
    cause: "refused",
    presentations: (context.doubt?.presentations ?? 0) + 1,
    forbidden: context.doubt?.forbidden === true || event.status === 403,
    message: event.message,
  },
  ...skewed(context, event),
});

/** No new pair with this one: is it dead, or may it just not mint? A lost presentation stays the cause. */
export const mintDoubted: Update<EventOf<"MINT_REFUSED">> = ({ context, event }) => {
  const doubt = doubtOf(context, "refused", event.at);
  return { doubt: { ...doubt, forbidden: doubt.forbidden || event.status === 403, message: event.message } };
};

/**
 * The store shows a pair that is used up: a restored backup, say. Its access token may still live. A 403 earlier in this
 * rotation still asks for a second look.
 */
export const restored: Update<EventOf<"SECRET_READ">> = ({ context, event }) => ({
  ...held({ context, event }),
  doubt: { ...newDoubt("restored", event.at), forbidden: context.doubt?.forbidden === true },
});

/** Another machine presented this very pair and probably has its successor. */
export const heldElsewhere: Update<EventOf<"SECRET_READ">> = ({ context, event }) => {
  const by = [event.heldBy, context.lease?.doubt].find((open) => open?.digest === context.held?.digest);
  return { ...held({ context, event }), heldBy: by ? { machine: by.machine, phase: "presented" } : context.heldBy };
};

export const probed: Update<EventOf<"PROBED">> = ({ context, event }) => ({
  listed: event.listed ? (context.held?.tokenId ?? null) : context.listed,
});

export const foundDead: Update<EnrolmentEvent> = ({ context }) => ({
  doubt: context.doubt && { ...context.doubt, deadLooks: context.doubt.deadLooks + 1 },
});

/** Presented although its access token is dead; past its end that is done once. */
export const presentingDead: Update<EventOf<"PROBED">> = ({ context, event }) => ({
  ...probed({ context, event }),
  doubt: context.doubt && { ...context.doubt, pastEnd: context.doubt.pastEnd || isOver(context, event.at) },
});

/** The pair's end has come: one more presentation, and no other. */
export const ended: Update<EventOf<"WOKE">> = ({ context }) => ({
  doubt: context.doubt && { ...context.doubt, pastEnd: true },
});

/** A new pair can't be minted with this one; a 403 may be a suspension, and counts as one from here on. */
export const mintForbidden: Update<EventOf<"MINT_REFUSED">> = ({ context, event }) => ({
  ...asking("mint-forbidden")({ context, event }),
  doubt: context.doubt && { ...context.doubt, forbidden: context.doubt.forbidden || event.status === 403 },
});

export const revokedForGood: Update<{ readonly at: number }> = ({ context, event }) => ({
  ...settled,
  lease: context.lease,
  current: null,
  fresh: null,
  unanswered: outcomeOf(context.unanswered, "refused", event.at),
  spent: context.held ? remember(context.spent, context.held.digest) : context.spent,
  ask: ask("revoked", event.at, context.doubt?.message ?? null),
});

export const unenrolled: Update<{ readonly at: number }> = ({ context, event }) => ({
  ...settled,
  current: null,
  fresh: null,
  bootstrap: null,
  session: null,
  afterwards: null,
  unenrolledAt: event.at,
  ask: null,
  told: null,
  unanswered: null,
  cleanups: [...context.cleanups, ...cleanup(context.held, "unenrolled", event.at)],
});

/** A person asked to un-enrol while a step is under way that must not be cut. */
export const unenrolLater: Update<EventOf<"REVOKE_ASKED">> = () => ({ afterwards: "unenrol" });

export const unenrolling: Update<{ readonly at: number }> = ({ context, event }) => ({
  ...settled,
  afterwards: null,
  session: null,
  ask: null,
  unenrolledAt: event.at,
  cleanups: [...context.cleanups, ...cleanup(context.bootstrap, "bootstrap", event.at)],
  bootstrap: null,
});

/** An issued token that nobody waits for any more. */
export const straggler: Update<EventOf<"GRANTED"> | EventOf<"PAIR_ISSUED">> = ({ context, event }) => ({
  cleanups: [
    ...context.cleanups,
    event.type === "GRANTED"
      ? { ref: event.bootstrap, tokenId: event.tokenId, why: "bootstrap", since: event.at }
      : { ref: event.pair, tokenId: event.facts.tokenId ?? null, why: "orphan", since: event.at },
  ],
});

/** The login led to nothing: the bootstrap, if there is one, is to be revoked. */
export function abandoned(code: AskCode): Update<EnrolmentEvent> {
  return ({ context, event }) => ({
    ...settled,
    session: null,
    ...givenUp(context),
    bootstrap: null,
    cleanups: [...context.cleanups, ...cleanup(context.bootstrap, "bootstrap", event.at)],
    ask: ask(code, event.at, "message" in event ? event.message : null, hintOf(event)),
  });
}

export function asking(code: AskCode): Update<EnrolmentEvent> {
  return ({ context, event }) => ({
    ask:
      context.ask?.code === code
        ? context.ask
        : ask(code, event.at, "message" in event ? event.message : (context.doubt?.message ?? null), hintOf(event)),
  });
}

export const cleaned: Update<EventOf<"REVOKED">> = ({ context, event }) => ({
  cleanups: context.cleanups.filter((entry) => entry.ref.id !== event.subject),
});

function strangerOf(event: StoreFacts & { readonly at: number }, did: Stranger["did"]): Stranger | null {
  return event.withoutLease === true ? { did, version: event.version, since: event.at } : null;
}

/** A mint that is given up without an answer may have succeeded. */
function givenUp({ mint, fresh, orphans }: Context): Pick<Context, "mint" | "orphans"> {
  if (!mint || fresh) return { mint: null, orphans };
  return { mint: null, orphans: [...orphans, mint.description].slice(-ORPHANS_KEPT) };
}

function pairOf(event: StoreFacts, ref: SecretRef | null): Pair | null {
  if (event.found === null) return null;
  return {
    ...event.found,
    spread: event.spread,
    stored: { version: event.version, createdAt: event.createdAt },
    ref,
  };
}

function cleanup(
  token: { readonly ref: SecretRef | null; readonly tokenId?: string | null } | null,
  why: Cleanup["why"],
  since: number,
): Cleanup[] {
  return token?.ref ? [{ ref: token.ref, tokenId: token.tokenId ?? null, why, since }] : [];
}

function hintOf(event: EnrolmentEvent): string | null {
  return "hint" in event ? event.hint : null;
}

function ask(code: AskCode, since: number, message: string | null = null, hint: string | null = null): Ask {
  return { code, since, message, hint };
}

function remember(spent: readonly string[], digest: string): readonly string[] {
  return [...spent.filter((known) => known !== digest), digest].slice(-SPENT_KEPT);
}

/** Only an issuer's clock that is off by more than a header's whole second counts. */
function skewed(context: Context, event: { readonly at: number; readonly serverTime?: number }): { skew: number } {
  if (event.serverTime === undefined) return { skew: context.skew };
  const skew = event.serverTime - event.at;
  return { skew: Math.abs(skew) < 2_000 ? 0 : skew };
}

/** What the store held, unless it is the very pair that this rotation presented. */
function replacedBeside(context: Context, ref: SecretRef | null): { readonly ref: SecretRef } | null {
  return ref === null || ref.digest === context.held?.digest ? null : { ref };
}
