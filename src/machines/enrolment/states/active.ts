import { lastEighth } from "../../half-life.ts";
import { notifyAsk, syncCurrent } from "../asks.ts";
import type { Context } from "../context.ts";
import { dueAt, lifetimeOf } from "../guards.ts";
import { enrolment, update } from "../setup.ts";
import { missing } from "../transitions.ts";
import { signingIn } from "../updates/login.ts";
import { asking, configured, resettled } from "../updates/person.ts";
import { adopted, sameAgain } from "../updates/store.ts";

const DAY = 24 * 60 * 60_000;
/** A server that grants seconds must not make us spin. */
const SOONEST = 1_000;

/** A live pair is stored; a timer waits for its half-life. */
export const active = enrolment.createStateConfig({
  initial: "resting",
  always: { guard: "wantsUnenrol", target: "#enrolment.idle.unenrolling" },
  on: {
    SECRET_SEEN: [
      missing,
      { guard: "isSpent", target: "#enrolment.refreshing" },
      { guard: "isSame", actions: update(sameAgain) },
      { target: ".resting", reenter: true, actions: [update(adopted), syncCurrent] },
    ],
    ENROL_ASKED: { guard: "asksAgain", target: "#enrolment.session", actions: update(signingIn) },
    REVOKE_ASKED: { target: "#enrolment.idle.unenrolling" },
  },
  states: {
    resting: {
      always: [
        { guard: "hasMoved", target: "moved" },
        { guard: "isUsedUp", target: "#enrolment.refreshing" },
      ],
      entry: enrolment.enqueueActions(({ context, event, enqueue }) => {
        const wake = nextWake(context, event.at);
        // A pair without an end has no timer, and the timers of the one before it must not ring for it.
        enqueue(wake ? { type: "wakeAt", params: wake } : { type: "cancelWakes", params: {} });
      }),
      on: {
        CONFIGURED: { target: "resting", reenter: true, actions: update(configured) },
        WOKE: [
          { guard: "canRotate", target: "#enrolment.refreshing" },
          { guard: "enrolsByItself", target: "#enrolment.session", actions: update(signingIn) },
          { target: "resting", reenter: true, actions: [update(asking("no-refresh-token")), notifyAsk] },
        ],
        REFRESH_ASKED: {
          guard: "canRotate",
          target: "#enrolment.refreshing",
          actions: enrolment.assign({ asked: true }),
        },
      },
    },
    /** The configuration names another host: the pair is presented nowhere but where it came from. */
    moved: {
      entry: [update(asking("moved")), notifyAsk],
      on: {
        CONFIGURED: { target: "resting", actions: update(resettled) },
      },
    },
  },
});

/** The half-life; for a pair that can't be rotated, the time to ask the person: an eighth before its end, then daily. */
function nextWake(context: Context, now: number): { name: "rotate" | "ask"; at: number } | null {
  const pair = context.current;
  const lifetime = pair && lifetimeOf(pair);
  if (!pair || !lifetime) return null;
  const due = dueAt(context, pair);
  if (due !== null) return { name: "rotate", at: Math.max(due - context.skew, now + SOONEST) };
  const asksAt = lastEighth(lifetime) - context.skew;
  return { name: "ask", at: asksAt > now ? asksAt : now + DAY };
}
