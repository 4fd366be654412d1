import { enrolByItself, notifyAsk, releaseLease, revokeLeftovers } from "../asks.ts";
import { enrolment, update } from "../setup.ts";
import { adoptWhen } from "../transitions.ts";
import { signingIn } from "../updates/login.ts";
import { configured, unenrolled, unenrolling } from "../updates/person.ts";
import { claimed, waitingFor } from "../updates/rotation.ts";
import { held, stillGone } from "../updates/store.ts";

/** Nothing enrolled, or un-enrolled by the person (then nothing here starts a login). */
export const idle = enrolment.createStateConfig({
  initial: "new",
  on: {
    ENROL_ASKED: { target: "session", actions: update(signingIn) },
  },
  states: {
    /** Just named in the configuration. */
    new: {
      on: { CONFIGURED: { target: "looking", actions: update(configured) } },
    },
    /** Does the store hold a complete secret already? */
    looking: {
      always: { guard: "wantsUnenrol", target: "unenrolling" },
      entry: { type: "read", params: {} },
      on: {
        SECRET_READ: [
          adoptWhen("isComplete"),
          {
            target: "missing",
            actions: update(stillGone),
          },
        ],
        REVOKE_ASKED: { target: "unenrolling" },
      },
    },
    missing: {
      always: { guard: "wantsUnenrol", target: "unenrolling" },
      entry: [notifyAsk, enrolByItself],
      on: {
        CONFIGURED: [
          { guard: "willEnrolByItself", target: "missing", reenter: true, actions: update(configured) },
          { actions: update(configured) },
        ],
        WOKE: { guard: "enrolsByItself", target: "#enrolment.session", actions: update(signingIn) },
        SECRET_SEEN: adoptWhen("isComplete"),
        REVOKE_ASKED: { target: "unenrolling" },
      },
    },
    /** The person wants it gone: at the service, in the store; under the lease, so that no rotation brings it back. */
    unenrolling: {
      initial: "claiming",
      entry: [update(unenrolling), revokeLeftovers],
      exit: releaseLease,
      states: {
        claiming: {
          entry: { type: "claim", params: {} },
          on: {
            CLAIMED: { target: "reading", actions: update(claimed) },
            HELD_ELSEWHERE: { target: "waiting", actions: update(waitingFor) },
          },
        },
        waiting: {
          entry: { type: "wakeAt", params: ({ event }) => ({ name: "retry", at: retryTime(event) }) },
          on: { WOKE: { target: "claiming" } },
        },
        reading: {
          entry: { type: "read", params: {} },
          on: {
            SECRET_READ: [
              { guard: "isGone", target: "#enrolment.idle.unenrolled", actions: update(unenrolled) },
              { target: "removing", actions: update(held) },
            ],
          },
        },
        removing: {
          entry: {
            type: "remove",
            params: ({ context }) => ({
              version: context.held?.stored?.version ?? 0,
              digest: context.held?.digest ?? "",
            }),
          },
          on: {
            REMOVED: { target: "#enrolment.idle.unenrolled", actions: [update(unenrolled), revokeLeftovers] },
            SECRET_MOVED: { target: "reading" },
            /** Nobody would know any more what is to be revoked. */
            ENROL_ASKED: {},
          },
        },
      },
    },
    unenrolled: {
      on: {
        SECRET_SEEN: adoptWhen("isEnrolledSince"),
      },
    },
  },
});

function retryTime(event: { readonly at: number }): number {
  return "retryAt" in event && typeof event.retryAt === "number" ? event.retryAt : event.at + 60_000;
}
