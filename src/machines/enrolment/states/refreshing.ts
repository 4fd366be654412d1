import { mintWith, present, releaseLease, revokeLeftovers, storeFresh, sweepOrphans, syncCurrent } from "../asks.ts";
import { enrolment, update } from "../setup.ts";
import { adoptAnother, adoptWhen, missing, wayOut } from "../transitions.ts";
import { issued, mintDoubted, mintForbidden, minting, mintRefused, straggler, unreadable } from "../updates/issue.ts";
import { signingIn } from "../updates/login.ts";
import { unenrolLater } from "../updates/person.ts";
import { claimed, lost, refused, restored, waitingFor } from "../updates/rotation.ts";
import { held, notDue, stored, yielded } from "../updates/store.ts";
import { doubted } from "./doubted.ts";

/** A rotation is under way, or waits for its next try. */
export const refreshing = enrolment.createStateConfig({
  initial: "claiming",
  exit: releaseLease,
  on: {
    ENROL_ASKED: { guard: "asksAgain", target: "#enrolment.session", actions: update(signingIn) },
    /** Late, after it had been given up: it is the pair that all this is about. */
    PAIR_ISSUED: { target: ".storing", actions: update(issued) },
    REVOKE_ASKED: { target: "#enrolment.idle.unenrolling" },
  },
  states: {
    /** No store, no rotation: the claim shows that the store can be written. */
    claiming: {
      always: wayOut,
      entry: { type: "claim", params: {} },
      on: {
        CLAIMED: { target: "reading", actions: update(claimed) },
        HELD_ELSEWHERE: { target: "waiting", actions: update(waitingFor) },
      },
    },
    waiting: {
      always: wayOut,
      entry: {
        type: "wakeAt",
        params: ({ event }) => ({ name: "retry", at: "retryAt" in event ? event.retryAt : event.at + 60_000 }),
      },
      on: {
        WOKE: { target: "claiming" },
        REFRESH_ASKED: { target: "claiming" },
        SECRET_SEEN: [adoptAnother, missing],
      },
    },
    reading: {
      entry: { type: "read", params: {} },
      on: {
        SECRET_READ: [
          missing,
          adoptWhen("isOther"),
          { guard: "isSpent", target: "doubted.probing", actions: update(restored) },
          { guard: "wasRefused", target: "doubted.reading" },
          { guard: "isDueByMint", target: "reminting", actions: update(held) },
          { guard: "isDue", target: "presenting", actions: update(held) },
          { target: "#enrolment.active", actions: update(notDue) },
        ],
      },
    },
    presenting: {
      entry: present,
      on: {
        PAIR_ISSUED: { target: "storing", actions: update(issued) },
        REFUSED: { target: "doubted", actions: update(refused) },
        ANSWER_LOST: { target: "doubted", actions: update(lost) },
        LEASE_LOST: { target: "claiming" },
        /** The store has it yet: it is read and sealed anew. */
        PAIR_UNREADABLE: { target: "claiming" },
        REVOKE_ASKED: { actions: update(unenrolLater) },
        ENROL_ASKED: {},
      },
    },
    /** `rotation: remint`: an independent pair, minted with the present one, which stays good until the store has the new. */
    reminting: {
      always: { guard: "hasMoved", target: "#enrolment.active.moved" },
      entry: [update(minting), mintWith("held")],
      on: {
        PAIR_ISSUED: { target: "storing", actions: update(issued) },
        MINT_REFUSED: [
          { guard: "canProbe", target: "doubted.probing", actions: [update(mintRefused), update(mintDoubted)] },
          { target: "doubted.keeping", actions: [update(mintRefused), update(mintDoubted), update(mintForbidden)] },
        ],
        PAIR_UNREADABLE: { target: "claiming" },
        SECRET_SEEN: adoptAnother,
        REVOKE_ASKED: { actions: update(unenrolLater) },
      },
    },
    /** The new pair is sealed and durable; now the store and the files. */
    storing: {
      entry: [storeFresh(false), sweepOrphans],
      on: {
        STORED: { target: "#enrolment.active", actions: [update(stored), revokeLeftovers] },
        STORE_CONFLICT: { target: "#enrolment.active", actions: [update(yielded), revokeLeftovers, syncCurrent] },
        PAIR_UNREADABLE: { target: "doubted", actions: update(unreadable) },
        REVOKE_ASKED: { actions: update(unenrolLater) },
        ENROL_ASKED: {},
        PAIR_ISSUED: { actions: [update(straggler), revokeLeftovers] },
      },
    },
    doubted,
  },
});
