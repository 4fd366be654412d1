import type { JournalReader, Recorded } from "../../journal/port.ts";

type Reader = Pick<JournalReader, "events">;

/** A step that had failed and was tried again until this event, its outcome. */
export interface Outage {
  readonly since: number;
  readonly outcome: Recorded;
}

/** The outages behind these FAILED events, in the order of their ends. `failures`: all that there are. */
export function outages(reader: Reader, failures: readonly Recorded[]): Outage[] {
  const streams = Map.groupBy(failures, ({ stream }) => stream);
  const found = [...streams].flatMap(([stream, own]) => [...outagesOf(stream, own, reader)]);
  return found.toSorted((one, other) => one.outcome.seq - other.outcome.seq);
}

/**
 * Of one stream. Only what lies between a failure and its outcome is read, and what asked for the step: trouble is rare,
 * and histories are long.
 */
function* outagesOf(stream: string, failures: readonly Recorded[], reader: Reader): Generator<Outage> {
  const kinds = new Kinds(reader, stream);
  let seen = 0;
  for (const failure of failures) {
    if (failure.seq <= seen) continue;
    const failing = new Map([[kindIn(failure), failure.event.at]]);
    for (const recorded of reader.events({ stream, afterSeq: failure.seq })) {
      seen = recorded.seq;
      kinds.note(recorded);
      const since = ended(failing, recorded, kinds);
      if (since !== undefined) yield { since, outcome: recorded };
      if (recorded.event.type === "FAILED" && !failing.has(kindIn(recorded)))
        failing.set(kindIn(recorded), recorded.event.at);
      if (failing.size === 0) break;
    }
  }
}

function kindIn({ event }: Recorded): string {
  return String(event.intent);
}

/** What the event does to the steps that fail. Returns since when the one has failed that it is the outcome of. */
function ended(failing: Map<string, number>, recorded: Recorded, kinds: Kinds): number | undefined {
  const { closes, withdraws = [], event } = recorded;
  const step = closes === null ? undefined : kinds.of(closes, recorded);
  const since = step === undefined ? undefined : failing.get(step);
  for (const over of [step, ...withdraws.map((id) => kinds.of(id, recorded))]) if (over) failing.delete(over);
  return HARDLY_AN_END.includes(event.type) ? undefined : since;
}

/** After these the trouble goes on. */
const HARDLY_AN_END = ["FAILED", "ANSWER_LOST"];

/** The kinds of a stream's intents, found where they were asked for: as a rule a few events before. */
class Kinds {
  readonly #reader: Reader;
  readonly #stream: string;
  readonly #known = new Map<string, string>();

  constructor(reader: Reader, stream: string) {
    this.#reader = reader;
    this.#stream = stream;
  }

  note({ intents }: Recorded): void {
    for (const { id, kind } of intents) this.#known.set(id, kind);
  }

  /** Undefined: compaction has dropped the event that asked for it. */
  of(id: string, { seq }: Recorded): string | undefined {
    if (this.#known.has(id)) return this.#known.get(id);
    for (const earlier of this.#reader.events({ stream: this.#stream, beforeSeq: seq, newestFirst: true })) {
      this.note(earlier);
      if (this.#known.has(id)) break;
    }
    return this.#known.get(id);
  }
}
