import { revokeLeftovers, syncCurrent } from "./asks.ts";
import { update } from "./setup.ts";
import { signingIn } from "./updates/login.ts";
import { adopted, gone, seenElsewhere } from "./updates/store.ts";

/** Transitions that several states share. */

/** Another machine's live pair has appeared in the store: it becomes ours. */
export const adoptAnother = {
  guard: "isRevived",
  target: "#enrolment.active",
  actions: [update(adopted), revokeLeftovers, syncCurrent],
} as const;

/** A pair of another host is of no use: the sign-in under way is what ends that. */
export const adoptUnlessMoved = [{ guard: "isElsewhere", actions: update(seenElsewhere) }, adoptAnother] as const;

/** A person may sign in anew from every state that waits. */
export const signInAnew = { target: "#enrolment.session", actions: update(signingIn) } as const;

/** From a wait, where nothing is cut: what a person asked for during a step, and a changed url. */
export const wayOut = [
  { guard: "wantsUnenrol", target: "#enrolment.idle.unenrolling" },
  { guard: "hasMoved", target: "#enrolment.active.moved" },
] as const;

/** A complete secret in the store becomes ours. */
export const adoptWhen = <G extends string>(guard: G) =>
  ({ guard, target: "#enrolment.active", actions: [update(adopted), syncCurrent] }) as const;

/** The store holds no secret any more: somebody removed it. */
export const missing = { guard: "isGone", target: "#enrolment.idle.missing", actions: update(gone) } as const;
