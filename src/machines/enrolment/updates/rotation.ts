import { doubtOf, newDoubt } from "../doubt.ts";
import type { EnrolmentEvent, EventOf } from "../events.ts";
import { isOver } from "../guards.ts";
import { outcomeOf, unansweredAfter } from "../unanswered.ts";
import { held } from "./store.ts";
import { ask, remember, settled, skewed, type Update } from "./update.ts";

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

export const revokedForGood: Update<{ readonly at: number }> = ({ context, event }) => ({
  ...settled,
  lease: context.lease,
  current: null,
  fresh: null,
  unanswered: outcomeOf(context.unanswered, "refused", event.at),
  spent: context.held ? remember(context.spent, context.held.digest) : context.spent,
  ask: ask("revoked", event.at, context.doubt?.message ?? null),
});
