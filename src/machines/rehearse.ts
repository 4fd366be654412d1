import { DotvaultError } from "../errors.ts";
import type { Rehearsal } from "./agent-run/agent-run.ts";
import { exportHistory, type RecordedEvent, type RecordedStanding } from "./history/history.ts";
import { isShortened } from "./history/read.ts";
import type { KindName } from "./history/streams.ts";
import { replayHistory } from "./replay/replay.ts";

export type { Rehearsal };

type Lived = { readonly stream: KindName; readonly name: string; readonly life: () => Life };

/** `start`: what the events follow on, where compaction took what was before. */
type Life = { readonly start: RecordedStanding | null; readonly events: Iterable<RecordedEvent> };

/**
 * Runs recorded histories through today's machine before it takes them over. Pure.
 *
 * @param more whether there is time for another one
 */
export function rehearse(histories: Iterable<Lived>, more: () => boolean): Rehearsal {
  const sum = { events: 0, same: 0, skipped: 0, parts: [] as Rehearsal["parts"][number][] };
  for (const lived of histories) {
    const played = more() ? play(lived) : undefined;
    if (played === undefined) {
      sum.skipped += 1;
      continue;
    }
    sum.events += played.events;
    sum.same += played.same;
    if (played.part) sum.parts.push({ name: lived.name, ...played.part });
  }
  return sum;
}

/** Undefined: compaction took its beginning and kept nothing of it, or it can't be read at all. */
function play({ stream, name, life }: Lived) {
  try {
    const { start, events } = life();
    const history = exportHistory(events, { version: "", stream, name, start });
    if (isShortened(history)) return undefined;
    const { steps: same, firstDifference } = replayHistory(history);
    const { index = 0, event: type = "", field = "" } = firstDifference ?? {};
    const part = firstDifference ? { event: (start?.version ?? 0) + index + 1, type, field } : null;
    return { events: history.events.length, same, part };
  } catch (error) {
    if (error instanceof DotvaultError) return undefined;
    throw error;
  }
}
