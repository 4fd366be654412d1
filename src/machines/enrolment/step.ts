import { type Standing as AnyStanding, type Step as AnyStep, type Stepper, stepBy } from "../stream/step.ts";
import { decide, isBound, type Snapshot } from "./decide.ts";
import type { EnrolmentEvent, EventType } from "./events.ts";

export { after, type Begun, type Open } from "../stream/step.ts";

export type Standing = AnyStanding<Snapshot>;
export type Step = AnyStep<Snapshot>;

/**
 * They are about a pair that may not be the one at hand. (GRANTED and PAIR_ISSUED are always heard: they bring something
 * that has to be kept or revoked.)
 */
const ANSWERS: ReadonlySet<string> = new Set<EventType>([
  ...(["SESSION_OPENED", "SESSION_REFUSED", "SESSION_GONE", "SESSION_EXPIRED"] as const),
  ...([
    "SECRET_READ",
    "CLAIMED",
    "HELD_ELSEWHERE",
    "LEASE_LOST",
    "STORED",
    "STORE_CONFLICT",
    "PAIR_UNREADABLE",
  ] as const),
  ...(["REMOVED", "SECRET_MOVED", "MINT_REFUSED", "REFUSED", "ANSWER_LOST", "PROBED"] as const),
]);

const stepper: Stepper<Snapshot, EnrolmentEvent> = { decide, isBound, isAnswer: (type) => ANSWERS.has(type) };

/** One step of an enrolment; see {@link stepBy}. */
export function step(before: Standing, event: EnrolmentEvent, closes?: string): Step {
  return stepBy(stepper, before, event, closes);
}
