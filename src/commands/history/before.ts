import type { JournalReader } from "../../journal/port.ts";
import { type Damage, wholeUpTo } from "../../journal/standing.ts";
import { type StateValue, stateName } from "../../machines/stream/state-name.ts";
import type { EntryReader } from "./entries.ts";

/**
 * Has the entries of what came after `seq` know what was before: from where each stream was at rest for the last time, or from
 * its first event.
 *
 * @returns the kept standings that were passed over, since they are damaged
 */
export function readUpTo(reader: JournalReader, entries: EntryReader, seq: number): Damage[] {
  const damage: Damage[] = [];
  for (const stream of reader.movedSince(seq)) {
    const rest = lastRest(reader, stream, { seq, damage });
    if (rest) entries.stands(stream, rest.state);
    for (const recorded of reader.events({ stream, afterVersion: rest?.version ?? 0, beforeSeq: seq + 1 })) {
      entries.read(recorded);
    }
  }
  return damage;
}

/** Nothing was under way, and no answer was missing. */
function lastRest(reader: JournalReader, stream: string, { seq, damage }: { seq: number; damage: Damage[] }) {
  for (const { head, open } of wholeUpTo(reader, stream, seq, (one) => damage.push(one))) {
    const state = stateName(head.state as StateValue);
    if (open.length === 0 && !state.startsWith("refreshing")) return { state, version: head.version };
  }
  return undefined;
}
