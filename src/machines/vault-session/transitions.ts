import { session, update } from "./setup.ts";
import { personBegan, withdrawn } from "./updates.ts";

type Action = ReturnType<typeof update>;

/** Where a session rests once nothing is under way any more. */
export const rest = (action: Action) =>
  [
    { guard: "hasToken", target: "#vaultSession.live", actions: action },
    { guard: "isRefused", target: "#vaultSession.refused", actions: action },
    { guard: "hasEnded", target: "#vaultSession.expired", actions: action },
    { target: "#vaultSession.signedOut", actions: action },
  ] as const;

/** What a person had brought is gone: what a login has left takes its place. */
export const withoutBrought = [
  { guard: "hasLogin", target: "#vaultSession.live", actions: update(withdrawn) },
  { guard: "isRefused", target: "#vaultSession.refused", actions: update(withdrawn) },
  { guard: "hasEnded", target: "#vaultSession.expired", actions: update(withdrawn) },
  { target: "#vaultSession.signedOut", actions: update(withdrawn) },
] as const;

/** By a person at a terminal, or, where nobody is needed, by the agent at a person's word: then what was refused is tried again. */
export const askedFor = [
  { guard: "byPerson", target: "#vaultSession.signingIn.person", actions: update(personBegan) },
  { guard: "isAlone", target: "#vaultSession.signingIn", actions: session.assign({ refusal: null }) },
] as const;
