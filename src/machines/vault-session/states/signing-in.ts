import { logIn, pause, waitForPerson } from "../asks.ts";
import { session, update } from "../setup.ts";
import { rest } from "../transitions.ts";
import { died, kept, lost, personBegan, personLeft, refused, withdrawn } from "../updates.ts";

/** What has life left serves meanwhile, whoever refuses the login. */
const refusedTo = [
  { guard: "hasToken", target: "#vaultSession.live", actions: update(refused) },
  { target: "#vaultSession.refused", actions: update(refused) },
] as const;

/** A login is under way. A token that it is to replace may live on. */
export const signingIn = session.createStateConfig({
  initial: "asking",
  on: {
    TOKEN_DIED: { guard: "isKnown", actions: update(died) },
    TOKEN_UNREADABLE: { guard: "isKnown", actions: update(died) },
    TOKEN_GONE: { actions: update(withdrawn) },
  },
  states: {
    /** By the agent. */
    asking: {
      entry: logIn,
      on: {
        LOGIN_KEPT: { target: "asking", reenter: true, actions: update(kept) },
        LOGIN_REFUSED: refusedTo,
        ANSWER_LOST: { target: "pausing", actions: update(lost) },
        LOGIN_ASKED: { guard: "byPerson", target: "person", actions: update(personBegan) },
      },
    },
    /** The last answer was lost. */
    pausing: {
      entry: pause,
      on: { WOKE: { target: "asking" } },
    },
    /** By a person, in a process of their own. */
    person: {
      entry: waitForPerson,
      on: {
        LOGIN_REFUSED: refusedTo,
        LOGIN_GIVEN_UP: rest(update(personLeft)),
        WOKE: rest(update(personLeft)),
      },
    },
  },
});
