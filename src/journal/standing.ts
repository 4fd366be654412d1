import { keptDigest, snapshotDigest } from "./chain.ts";
import type { VouchedRow } from "./columns.ts";
import { notAsWritten } from "./errors.ts";
import type { JournalReader, Kept, OpenIntent, Recorded, Standing, Wake } from "./port.ts";
import { expectKept, parse, toHead } from "./rows.ts";

/** What a stream stood on, once it is sure that it is that. Needs no key. Throws `journal.damaged`. */
export function standingOf({ path, row }: Kept): Standing {
  const { seq, open, wakes, ...head } = row;
  expectKept(path, row);
  if (!isWhole(row)) throw notAsWritten(path, seq);
  return {
    head: toHead(path, { ...head, seq }),
    open: parse<readonly OpenIntent[]>(path, `what was open after event ${seq}`, open),
    wakes: parse<readonly Wake[]>(path, `the wakes after event ${seq}`, wakes),
  };
}

function isWhole(row: VouchedRow): boolean {
  return snapshotDigest(row.snapshot) === row.snapshotDigest && keptDigest(row) === row.digest;
}

/** What a stream went through, as far as it is kept. */
export interface Life {
  /** What the events follow on; null: nothing, or compaction of the first format took the beginning. */
  readonly start: Standing | null;
  readonly events: readonly Recorded[];
}

/**
 * Throws `journal.damaged`.
 *
 * @param since milliseconds since the epoch: only what followed on the latest standing up to then that was kept
 */
export function lifeOf(reader: JournalReader, stream: string, since?: number): Life {
  const before = since === undefined ? undefined : reader.kept(stream, reader.seqAt(since));
  if (before) {
    return { start: standingOf(before), events: [...reader.events({ stream, afterVersion: before.row.version })] };
  }
  const events = [...reader.events({ stream })];
  const [first, ...rest] = events;
  const kept = first && first.version > 1 ? reader.kept(stream, first.seq) : undefined;
  return kept ? { start: standingOf(kept), events: rest } : { start: null, events };
}
