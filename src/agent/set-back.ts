import type { Actors } from "./actors.ts";
import type { World } from "./ports.ts";

/** No wait between two tries is longer, but for a `Retry-After`. */
const LONGEST_WAIT = 15 * 60_000;
/** A second look at a refused pair comes no sooner than this. */
export const FAR_WAKES_AFTER = 2 * 60_000;
/** Less makes no difference. */
const TOLERANCE = 60_000;

/**
 * By how much the clock was set back since `then`, milliseconds; 0 where that makes no difference.
 *
 * @param then the latest time that is known to have been
 */
export function setBackBy(then: number, now: number): number {
  return then - now > TOLERANCE ? then - now : 0;
}

/**
 * Open intents are dated by a clock that was ahead: they wait no longer than they were meant to, and a login ends when it
 * would have.
 */
export function redate({ journal, clock }: Pick<World, "journal" | "clock">, actors: Actors, by: number): void {
  const now = clock.now();
  const open = journal.openIntents();
  const logins = open.filter(({ kind }) => kind === "openSession" || kind === "poll");
  for (const stream of new Set(logins.map((intent) => intent.stream)))
    actors.step(stream, { type: "CLOCK_SET_BACK", by });
  for (const { id, dueAt, attempt, phase, failure } of open) {
    if (dueAt <= now) continue;
    const meant = Math.max(now, Math.min(dueAt - by, now + LONGEST_WAIT));
    journal.reschedule(id, { dueAt: meant, attempt, phase, failure });
  }
}

/**
 * Rings the timers that the old clock has put out of reach. A rotation that rings too soon finds by the server's clock that
 * it is not due, and is set anew.
 */
export function ringFarWakes(
  { journal, clock, session }: Pick<World, "journal" | "clock" | "session">,
  actors: Actors,
): void {
  for (const { stream, name, at } of journal.wakes()) {
    if (at <= clock.now() + LONGEST_WAIT) continue;
    if (name === "rotate" || name === "retry") actors.step(stream, { type: "WOKE", name });
    if (name === "renew" && stream === session?.stream) session.wake(name);
  }
}
