import { keptDigest, snapshotDigest } from "./chain.ts";
import { damaged } from "./errors.ts";
import type { JournalReader, Kept, OpenIntent, Recorded, Standing, Wake } from "./port.ts";
import { expectKept, parse, toHead } from "./rows.ts";

/** What a stream stood on, once it is sure that it is that. Needs no key. Throws `journal.damaged`. */
export function standingOf(kept: Kept): Standing {
  const { path, row, event } = kept;
  if (!isOf(kept)) throw damaged(path, `the snapshot that was kept with event ${row.seq} is not as it was written`);
  const { stream, version, machine, at, seq, state } = event;
  return {
    head: toHead(path, { stream, version, machine, at, seq, state, snapshot: row.snapshot }),
    open: parse<readonly OpenIntent[]>(path, `what was open after event ${seq}`, row.open),
    wakes: parse<readonly Wake[]>(path, `the wakes after event ${seq}`, row.wakes),
  };
}

/** Whether it is what its event left, as far as that can be told without the key. */
export function isOf({ path, row, event }: Kept): boolean {
  expectKept(path, row);
  return (
    row.stream === event.stream &&
    row.version === event.version &&
    snapshotDigest(row.snapshot) === event.snapshot &&
    keptDigest(row) === row.digest
  );
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
