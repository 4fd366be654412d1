import type { Context, SecretRef, Stranger } from "../context.ts";
import type { EventOf, StoreFacts } from "../events.ts";
import { outcomeOf } from "../unanswered.ts";
import { ask, cleanup, givenUp, pairOf, settled, type Update } from "./update.ts";

const STRANGER_SHOWN = 7 * 24 * 60 * 60_000;

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

/** What the pair that is on its way will replace. */
export const seenElsewhere: Update<StoreFacts & { readonly at: number }> = ({ context, event }) => ({
  current: event.found && pairOf(event, null),
  stranger: strangerOf(event, "stored") ?? context.stranger,
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

function strangerOf(event: StoreFacts & { readonly at: number }, did: Stranger["did"]): Stranger | null {
  return event.withoutLease === true ? { did, version: event.version, since: event.at } : null;
}

/** What the store held, unless it is the very pair that this rotation presented. */
function replacedBeside(context: Context, ref: SecretRef | null): { readonly ref: SecretRef } | null {
  return ref === null || ref.digest === context.held?.digest ? null : { ref };
}
