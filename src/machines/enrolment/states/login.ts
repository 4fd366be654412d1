import { mintWith, revokeLeftovers, storeFresh, sweepOrphans, syncCurrent } from "../asks.ts";
import { enrolment, update } from "../setup.ts";
import { adoptUnlessMoved } from "../transitions.ts";
import { issued, minting, mintRefused, unreadable } from "../updates/issue.ts";
import { abandoned, granted, sessionOpened } from "../updates/login.ts";
import { unenrolLater } from "../updates/person.ts";
import { stored, yielded } from "../updates/store.ts";

const LOOKING = "#enrolment.idle.looking";

/** A login session is being registered. */
export const session = enrolment.createStateConfig({
  always: { guard: "needsNobody", target: "polling" },
  entry: enrolment.enqueueActions(({ context, enqueue }) => {
    const { session } = context;
    if (session) enqueue({ type: "openSession", params: { session: session.ref, until: session.deadline } });
  }),
  on: {
    SESSION_OPENED: { target: "polling", actions: update(sessionOpened) },
    SESSION_REFUSED: { target: LOOKING, actions: update(abandoned("login-refused")) },
    SESSION_EXPIRED: { target: LOOKING, actions: update(abandoned("login-expired")) },
    ENROL_CANCELLED: { target: LOOKING, actions: update(abandoned("not-enrolled")) },
    REVOKE_ASKED: { target: "#enrolment.idle.unenrolling" },
    SECRET_SEEN: adoptUnlessMoved,
  },
});

/** The person is signing in. */
export const polling = enrolment.createStateConfig({
  always: { guard: "needsNobody", target: "exchanging" },
  entry: enrolment.enqueueActions(({ context, enqueue }) => {
    const { session } = context;
    if (session) enqueue({ type: "poll", params: { session: session.ref, until: session.deadline } });
  }),
  on: {
    GRANTED: { target: "exchanging", actions: update(granted) },
    SESSION_EXPIRED: [
      { guard: "wasUnanswered", target: LOOKING, actions: update(abandoned("login-maybe-collected")) },
      { target: LOOKING, actions: update(abandoned("login-expired")) },
    ],
    SESSION_GONE: [
      { guard: "wasUnanswered", target: LOOKING, actions: update(abandoned("login-maybe-collected")) },
      { target: LOOKING, actions: update(abandoned("login-refused")) },
    ],
    SESSION_REFUSED: { target: LOOKING, actions: update(abandoned("login-refused")) },
    ENROL_CANCELLED: { target: LOOKING, actions: update(abandoned("not-enrolled")) },
    REVOKE_ASKED: { target: "#enrolment.idle.unenrolling" },
    SECRET_SEEN: adoptUnlessMoved,
  },
});

/** The bootstrap becomes a pair of our own: journaled, stored; then the bootstrap is revoked. */
export const exchanging = enrolment.createStateConfig({
  initial: "minting",
  states: {
    minting: {
      entry: [update(minting), mintWith("bootstrap")],
      on: {
        PAIR_ISSUED: { target: "storing", actions: update(issued) },
        MINT_REFUSED: {
          target: LOOKING,
          actions: [update(mintRefused), update(abandoned("mint-refused")), revokeLeftovers],
        },
        /** Nothing else holds the bootstrap. */
        PAIR_UNREADABLE: { target: LOOKING, actions: [update(abandoned("login-damaged")), revokeLeftovers] },
        ENROL_CANCELLED: { target: LOOKING, actions: [update(abandoned("not-enrolled")), revokeLeftovers] },
        REVOKE_ASKED: { actions: update(unenrolLater) },
      },
    },
    storing: {
      entry: [storeFresh(true), sweepOrphans],
      on: {
        STORED: { target: "#enrolment.active", actions: [update(stored), revokeLeftovers] },
        STORE_CONFLICT: { target: "#enrolment.active", actions: [update(yielded), revokeLeftovers, syncCurrent] },
        /** The bootstrap is still there to mint another one with. */
        PAIR_UNREADABLE: { target: "minting", actions: update(unreadable) },
        REVOKE_ASKED: { actions: update(unenrolLater) },
      },
    },
  },
});
