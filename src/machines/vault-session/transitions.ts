import { session, update } from "./setup.ts";
import { personBegan } from "./updates.ts";

type Action = ReturnType<typeof update>;

/** Where a session rests once nothing is under way any more. */
export const rest = (action: Action) =>
  [
    { guard: "hasToken", target: "#vaultSession.live", actions: action },
    { guard: "isRefused", target: "#vaultSession.refused", actions: action },
    { guard: "hasEnded", target: "#vaultSession.expired", actions: action },
    { target: "#vaultSession.signedOut", actions: action },
  ] as const;

/** By a person at a terminal, or, where nobody is needed, by the agent at a person's word: then what was refused is tried again. */
export const askedFor = [
  { guard: "byPerson", target: "#vaultSession.signingIn.person", actions: update(personBegan) },
  { guard: "isAlone", target: "#vaultSession.signingIn", actions: session.assign({ refusal: null }) },
] as const;
