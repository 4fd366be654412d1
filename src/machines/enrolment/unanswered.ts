import type { Unanswered, UnansweredOutcome } from "./context.ts";
import type { EventOf } from "./events.ts";

/** Once more, or for the first time in this rotation. */
export function unansweredAfter(before: Unanswered | null, event: EventOf<"ANSWER_LOST">): Unanswered {
  if (before?.outcome === null) return { ...before, times: before.times + 1 };
  const { sentAt = event.at, at, class: why } = event;
  return { sentAt, lostAt: at, why, times: 1, outcome: null, told: false };
}

/** How it came out; nothing changes for one that is over, or where nothing was lost. */
export function outcomeOf(before: Unanswered | null, how: UnansweredOutcome, at: number): Unanswered | null {
  return before?.outcome === null ? { ...before, outcome: { how, at } } : before;
}
