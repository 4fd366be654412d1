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
 * @param since milliseconds since the epoch: only from the newest kept standing before that on
 */
export function recordedHistory(reader: JournalReader, stream: string, since?: number): RecordedHistory | undefined {
  const found = kindOf(stream);
  const head = reader.head(stream);
  if (!found || !head) return undefined;
  // An agent may be at work: what it adds meanwhile is left out.
  const { start, events } = readableLife(reader, stream, since);
  const rows = events.filter(({ version }) => version <= head.version);
  const end = { head, open: reader.openIntents(stream), wakes: reader.wakes(stream) };
  const hasMoved = reader.head(stream)?.version !== head.version;
  return { ...found, start: start && recordedStanding(start), rows, end: hasMoved ? null : recordedStanding(end) };
}

/** What can't be trusted of what compaction has kept is left out: it hinders no report; `journal check` names it. */
function readableLife(reader: JournalReader, stream: string, since: number | undefined): Life {
  try {
    return lifeOf(reader, stream, since);
  } catch (error) {
    if (!(error instanceof DotvaultError && error.code === "journal.damaged")) throw error;
    return { start: null, events: [...reader.events({ stream })] };
  }
}

function recordedStanding({ head: { version, machineVersion, snapshot }, open, wakes }: Standing): RecordedStanding {
  return { version, machineVersion, snapshot, open, wakes };
}

/** The streams that can be told, enrolments first. */
export function toldStreams(reader: JournalReader): string[] {
  return toldOf(reader.heads().map(({ stream }) => stream));
}
