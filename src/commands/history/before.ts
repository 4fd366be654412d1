import type { JournalReader } from "../../journal/port.ts";
import { standingOf } from "../../journal/standing.ts";
import { type StateValue, stateName } from "../../machines/stream/state-name.ts";
import type { EntryReader } from "./entries.ts";

/** Has the entries of what came after `seq` know what was before: from where each stream was at rest for the last time. */
export function readUpTo(reader: JournalReader, entries: EntryReader, seq: number): void {
  for (const stream of reader.movedSince(seq)) {
    const rest = lastRest(reader, stream, seq);
    if (rest) entries.stands(stream, rest.state);
    for (const recorded of reader.events({ stream, afterVersion: rest?.version ?? 0, beforeSeq: seq + 1 })) {
      entries.read(recorded);
    }
  }
}

/** Nothing was under way, and no answer was missing. */
function lastRest(reader: JournalReader, stream: string, seq: number) {
  for (let kept = reader.kept(stream, seq); kept; kept = reader.kept(stream, kept.row.seq - 1)) {
    const { head, open } = standingOf(kept);
    const state = stateName(head.state as StateValue);
    if (open.length === 0 && !state.startsWith("refreshing")) return { state, version: head.version };
  }
  return undefined;
}
