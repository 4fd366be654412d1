import { doubtOf } from "../doubt.ts";
import type { EnrolmentEvent, EventOf } from "../events.ts";
import { outcomeOf } from "../unanswered.ts";
import { asking } from "./person.ts";
import { givenUp, remember, skewed, type Update } from "./update.ts";

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

/** Our copy of the new pair is destroyed; what it came of is used up. */
export const unreadable: Update<EventOf<"PAIR_UNREADABLE">> = () => ({ fresh: null, doubt: null });

/** No new pair with this one: is it dead, or may it just not mint? A lost presentation stays the cause. */
export const mintDoubted: Update<EventOf<"MINT_REFUSED">> = ({ context, event }) => {
  const doubt = doubtOf(context, "refused", event.at);
  return { doubt: { ...doubt, forbidden: doubt.forbidden || event.status === 403, message: event.message } };
};

/** A new pair can't be minted with this one; a 403 may be a suspension, and counts as one from here on. */
export const mintForbidden: Update<EventOf<"MINT_REFUSED">> = ({ context, event }) => ({
  ...asking("mint-forbidden")({ context, event }),
  doubt: context.doubt && { ...context.doubt, forbidden: context.doubt.forbidden || event.status === 403 },
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

export const cleaned: Update<EventOf<"REVOKED">> = ({ context, event }) => ({
  cleanups: context.cleanups.filter((entry) => entry.ref.id !== event.subject),
});
