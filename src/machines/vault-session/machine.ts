import { giveBack, lookUp } from "./asks.ts";
import { emptyContext } from "./context.ts";
import { session, update } from "./setup.ts";
import { live, renewing } from "./states/live.ts";
import { signingIn } from "./states/signing-in.ts";
import { askedFor, withoutBrought } from "./transitions.ts";
import { begunAnew, brought, configured, died, forgotten, kept, loggedIn } from "./updates.ts";

/** Raised with every change that decides differently; journals remember it on every event. */
export const SESSION_VERSION = 2;

const dies = [
  { guard: "leavesAnother", target: ".live", actions: update(died) },
  { guard: "isCurrent", target: ".expired", actions: update(died) },
  { guard: "isKnown", actions: update(died) },
] as const;

/**
 * The session with a Vault or OpenBao server: one actor per server. Pure, like the enrolment's: it is only ever run through
 * decide(), and everything it wants done is an intent.
 *
 * Only the server's word ends a token: an outage keeps it, and so does our clock, by which the server is asked. What
 * a server has refused is presented again only after something has changed.
 */
export const sessionMachine = session.createMachine({
  id: "vaultSession",
  options: { maxIterations: 32 },
  context: emptyContext,
  initial: "signedOut",
  on: {
    CONFIGURED: [
      { guard: "isAnother", target: ".signedOut", actions: [giveBack, update(begunAnew)] },
      { actions: update(configured) },
    ],
    LEFT: { target: ".signedOut", actions: [giveBack, update(forgotten)] },
    GIVEN_BACK: {},
    NOT_GIVEN_BACK: {},
    TOKEN_BROUGHT: { target: ".live", reenter: true, actions: [update(brought), lookUp] },
    TOKEN_GONE: withoutBrought,
    TOKEN_DIED: dies,
    TOKEN_UNREADABLE: dies,
    /** Always heard: whatever was refused or brought meanwhile, it is a token. */
    LOGGED_IN: { target: ".live", reenter: true, actions: update(loggedIn) },
    LOGIN_KEPT: { actions: update(kept) },
    LOGIN_ASKED: askedFor,
    CREDENTIALS_CHANGED: { actions: session.assign({ refusal: null }) },
    FAILED: { actions: session.assign({}) },
    UPGRADED: {},
  },
  states: {
    /** There is no token, and nobody has been refused. */
    signedOut: { on: { TOKEN_NEEDED: { guard: "mayLogIn", target: "signingIn" } } },
    signingIn,
    live,
    renewing,
    /** The server does not know the token any more. */
    expired: {
      always: [
        { guard: "mayLogIn", target: "signingIn" },
        { guard: "isRefused", target: "refused" },
      ],
    },
    /** A login was refused, and there is no token. */
    refused: {
      on: {
        CREDENTIALS_CHANGED: { guard: "isAlone", target: "signingIn", actions: session.assign({ refusal: null }) },
      },
    },
  },
});
