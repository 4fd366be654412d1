import type { AskCode } from "../context.ts";
import type { EnrolmentEvent, EventOf } from "../events.ts";
import { ask, cleanup, givenUp, hintOf, settled, skewed, type Update } from "./update.ts";

const LOGIN_LIFE = 5 * 60_000;

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
