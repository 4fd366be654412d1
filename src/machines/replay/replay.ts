import { DotvaultError } from "../../errors.ts";
import { type History, type HistoryRow, UNKNOWN } from "../history/history.ts";
import { compareEnd, compareStep, type Difference } from "./compare.ts";
import type { Place } from "./folds.ts";
import { BEGINNINGS } from "./places.ts";

export interface Replayed {
  /** Events that came out as they did then. */
  readonly steps: number;
  readonly firstDifference?: Difference;
}

/**
 * Feeds a recorded history to today's machine and compares what it decides with what was decided then. Pure.
 *
 * Throws `history.damaged` when an event can't even be decided on, `history.unknown-event`, and `machine.newer` for a history
 * that begins on a snapshot of a newer machine.
 */
export function replayHistory(history: Pick<History, "stream" | "start" | "events" | "end">): Replayed {
  let place = tried("what the history begins on", () => BEGINNINGS[history.stream](history.start));
  for (const [index, row] of history.events.entries()) {
    const { next, decided } = tried(`event ${index + 1} (${row.event.type})`, () => play(place, row));
    const difference = compareStep(row, decided);
    if (difference) return { steps: index, firstDifference: { index, event: row.event.type, ...difference } };
    place = next;
  }
  const steps = history.events.length;
  const firstDifference = compareEnd(history, place);
  return firstDifference ? { steps, firstDifference } : { steps };
}

function play(place: Place, row: HistoryRow) {
  if (row.event.type !== UNKNOWN) return place.play(row);
  throw new DotvaultError("history.unknown-event", "the history holds an event of an unknown type");
}

function tried<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof DotvaultError) throw cause;
    throw new DotvaultError("history.damaged", `${what} can't be decided on`, { cause });
  }
}
