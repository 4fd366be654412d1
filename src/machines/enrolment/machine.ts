import { revokeLeftovers } from "./asks.ts";
import { emptyContext } from "./context.ts";
import { notified } from "./notice.ts";
import { enrolment, update } from "./setup.ts";
import { active } from "./states/active.ts";
import { idle } from "./states/idle.ts";
import { exchanging, polling, session } from "./states/login.ts";
import { refreshing } from "./states/refreshing.ts";
import { revoked } from "./states/revoked.ts";
import { cleaned, straggler } from "./updates/issue.ts";
import { setBack } from "./updates/login.ts";
import { configured } from "./updates/person.ts";
import { failed, resumed } from "./updates/trouble.ts";

/** Raised with every change that decides differently; journals remember it on every event. */
export const MACHINE_VERSION = 7;

/**
 * The enrolment machine: one actor per enrolment, one machine for every engine. Pure: it is only ever run through
 * decide(), and everything it wants done is an intent.
 */
export const enrolmentMachine = enrolment.createMachine({
  id: "enrolment",
  // More steps than any event can need: an eventless loop ends with an error instead of hanging.
  options: { maxIterations: 32 },
  context: emptyContext,
  initial: "idle",
  on: {
    CONFIGURED: { actions: update(configured) },
    FAILED: { actions: update(failed) },
    RESUMED: { actions: update(resumed) },
    CLOCK_SET_BACK: { actions: update(setBack) },
    GRANTED: { actions: [update(straggler), revokeLeftovers] },
    PAIR_ISSUED: { actions: [update(straggler), revokeLeftovers] },
    REVOKED: { actions: update(cleaned) },
    SYNCED: { actions: enrolment.assign(({ event }) => ({ syncedAt: event.at })) },
    RELEASED: {},
    SWEPT: {},
    NOTIFIED: { actions: update(notified) },
    PAUSED: {},
    UPGRADED: {},
  },
  states: { idle, session, polling, exchanging, active, refreshing, revoked },
});
