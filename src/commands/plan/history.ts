import type { Config } from "../../config/config.ts";
import type { JournalReader } from "../../journal/port.ts";

/**
 * How many events of the history a configuration need not keep, at most: of each stream its beginning, never its newest one.
 * The journal itself cuts only where it has kept what a stream stands on.
 */
export function droppedBy(reader: JournalReader | undefined, { journal }: Config, now: number): number {
  const before = now - journal.retentionMs;
  const old = new Map<string, number>();
  const kept = new Set<string>();
  for (const { stream, event } of reader?.events() ?? []) {
    if (event.at >= before) kept.add(stream);
    else if (!kept.has(stream)) old.set(stream, (old.get(stream) ?? 0) + 1);
  }
  return [...old].reduce((sum, [stream, count]) => sum + count - (kept.has(stream) ? 0 : 1), 0);
}
