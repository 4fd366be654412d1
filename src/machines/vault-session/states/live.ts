import { giveBack, lookUp, planAhead, renew } from "../asks.ts";
import { session, update } from "../setup.ts";
import { begunAnew, configured, lookedUp, renewed, unrenewable } from "../updates.ts";

/** There is a token, and the server has not said that it is dead. */
export const live = session.createStateConfig({
  entry: planAhead,
  on: {
    CONFIGURED: [
      { guard: "isAnother", target: "signedOut", actions: [giveBack, update(begunAnew)] },
      { target: "live", reenter: true, actions: update(configured) },
    ],
    LOOKED_UP: { guard: "isCurrent", target: "live", reenter: true, actions: update(lookedUp) },
    CREDENTIALS_CHANGED: { target: "live", reenter: true, actions: session.assign({ refusal: null }) },
    WOKE: [
      { guard: "isDueForRenewal", target: "renewing" },
      { guard: "isDueForLogin", target: "signingIn" },
      { actions: lookUp },
    ],
  },
});

/** More time is being asked for; the token serves meanwhile. */
export const renewing = session.createStateConfig({
  entry: renew,
  on: {
    RENEWED: [
      { guard: "gaveMore", target: "live", actions: update(renewed) },
      { guard: "getsNoMoreButLogsIn", target: "signingIn", actions: update(unrenewable) },
      { target: "live", actions: update(unrenewable) },
    ],
    NOT_RENEWED: [
      { guard: "getsNoMoreButLogsIn", target: "signingIn", actions: update(unrenewable) },
      { target: "live", actions: update(unrenewable) },
    ],
  },
});
