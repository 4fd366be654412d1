import { DotvaultError } from "../errors.ts";
import { isWhole } from "./chain.ts";
import { notAsWritten } from "./errors.ts";
import type { JournalReader, Kept, OpenIntent, Recorded, Standing, Wake } from "./port.ts";
import { expectKept, parse, toHead } from "./rows.ts";

/** What a stream stood on, once it is sure that it is that. Needs no key. Throws `journal.damaged`. */
export function standingOf(kept: Kept): Standing {
  const { path, row } = kept;
  const { seq, open, wakes, ...head } = row;
  expectKept(path, row);
  if (!isWhole(row)) throw notAsWritten(path, seq);
  kept.vouch();
  return {
    head: toHead(path, { ...head, seq }),
    open: parse<readonly OpenIntent[]>(path, `what was open after event ${seq}`, open),
    wakes: parse<readonly Wake[]>(path, `the wakes after event ${seq}`, wakes),
  };
}

/** A kept standing that is as it was written. */
export interface Whole extends Standing {
  readonly seq: number;
  /** Position of the stream's next event; null: it still stands so. */
  readonly next: number | null;
}

/** A kept standing that is not as it was written. */
export interface Damage {
  /** Its event; null: where they lie can't be read. */
  readonly seq: number | null;
  /** `journal.damaged` */
  readonly error: DotvaultError;
}

/**
 * What the stream stood on at the events up to `upTo` for which that was kept, the latest first. Damaged ones are left out, and
 * named: an older one and the events behind it say the same.
 */
export function* wholeUpTo(
  reader: Pick<JournalReader, "kept">,
  stream: string,
  upTo: number,
  name: (damage: Damage) => void = () => {},
): Generator<Whole> {
  for (let before = upTo; ; ) {
    const kept = unlessDamaged(
      () => reader.kept(stream, before),
      (error) => name({ seq: null, error }),
    );
    if (kept === undefined) return;
    const { seq, next } = kept.row;
    const standing = unlessDamaged(
      () => standingOf(kept),
      (error) => name({ seq, error }),
    );
    if (standing) yield { ...standing, seq, next };
    before = seq - 1;
  }
}

function unlessDamaged<T>(work: () => T, name: (error: DotvaultError) => void): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DotvaultError && error.code === "journal.damaged")) throw error;
    name(error);
    return undefined;
  }
}

/** What a stream went through, as far as it is kept. */
export interface Life {
  /** What the events follow on; null: nothing, or what compaction has kept of the beginning is lost. */
  readonly start: Standing | null;
  readonly events: readonly Recorded[];
}

/**
 * Throws `journal.damaged` where events are.
 *
 * @param after a position: only what followed on the latest standing up to there that was kept
 */
export function lifeOf(reader: JournalReader, stream: string, after = 0): Life {
  const [before] = after === 0 ? [] : wholeUpTo(reader, stream, after).take(1);
  if (before) return { start: before, events: [...reader.events({ stream, afterVersion: before.head.version })] };
  const events = [...reader.events({ stream })];
  const [first, ...rest] = events;
  const [kept] = first && first.version > 1 ? wholeUpTo(reader, stream, first.seq).take(1) : [];
  return kept ? { start: kept, events: rest } : { start: null, events };
}
