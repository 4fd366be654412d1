import { DotvaultError } from "../../errors.ts";
import type { JournalReader, Recorded, Standing } from "../../journal/port.ts";
import { type Life, lifeOf } from "../../journal/standing.ts";
import type { RecordedStanding } from "../../machines/history/history.ts";
import { type KindName, kindOf, toldOf } from "../../machines/history/streams.ts";

/** What the journal has of one stream. */
export interface RecordedHistory {
  readonly stream: KindName;
  /** The rest of the stream's name: an enrolment, a server, a rule; empty for the agent's own. */
  readonly name: string;
  readonly start: RecordedStanding | null;
  readonly rows: readonly Recorded[];
  readonly end: RecordedStanding | null;
}

/**
 * All that can be told of a stream; undefined for one that has no shapes, and for none.
 *
 * @param after a position in the journal: only from the newest standing on that was kept up to there
 */
export function recordedHistory(reader: JournalReader, stream: string, after = 0): RecordedHistory | undefined {
  const found = kindOf(stream);
  const head = reader.head(stream);
  if (!found || !head) return undefined;
  // An agent may be at work: what it adds meanwhile is left out.
  const { start, events } = readableLife(reader, stream, after);
  const rows = upToDamage(events).filter(({ version }) => version <= head.version);
  const end = { head, open: reader.openIntents(stream), wakes: reader.wakes(stream) };
  const hasMoved = reader.head(stream)?.version !== head.version;
  return { ...found, start: start && recordedStanding(start), rows, end: hasMoved ? null : recordedStanding(end) };
}

/** What can't be trusted of what compaction has kept, or can't be read, is left out: `journal check` names it. */
function readableLife(reader: JournalReader, stream: string, after: number): Life {
  const life = unlessDamaged(() => lifeOf(reader, stream, after));
  return life ?? { start: null, events: upToDamage(reader.events({ stream })) };
}

/** Behind an event that is missing or can't be read nothing can be replayed. */
function upToDamage(events: Iterable<Recorded>): Recorded[] {
  const read: Recorded[] = [];
  unlessDamaged(() => {
    for (const event of events) {
      const last = read.at(-1);
      if (last && event.version !== last.version + 1) return;
      read.push(event);
    }
  });
  return read;
}

/** A journal that can't be read is what a report may be about: it hinders none. */
export function unlessDamaged<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isOfJournal(error)) return undefined;
    throw error;
  }
}

/** `journal.damaged`, `journal.newer`, … */
export function isOfJournal(error: unknown): boolean {
  return error instanceof DotvaultError && error.code.startsWith("journal.");
}

function recordedStanding({ head: { version, machineVersion, snapshot }, open, wakes }: Standing): RecordedStanding {
  return { version, machineVersion, snapshot, open, wakes };
}

/** The streams that can be told, enrolments first. */
export function toldStreams(reader: JournalReader): string[] {
  return toldOf(reader.heads().map(({ stream }) => stream));
}
