import { enrolByItself, notifyAsk } from "../asks.ts";
import { enrolment, update } from "../setup.ts";
import { adoptAnother } from "../transitions.ts";
import { signingIn } from "../updates/login.ts";

/** The service refused for good: the person is asked to enrol again, and nothing opens by itself; where no person is needed, it enrols anew. */
export const revoked = enrolment.createStateConfig({
  always: { guard: "wantsUnenrol", target: "#enrolment.idle.unenrolling" },
  entry: [notifyAsk, enrolByItself],
  on: {
    WOKE: { guard: "enrolsByItself", target: "session", actions: update(signingIn) },
    ENROL_ASKED: { target: "session", actions: update(signingIn) },
    REVOKE_ASKED: { target: "#enrolment.idle.unenrolling" },
    SECRET_SEEN: adoptAnother,
  },
});
