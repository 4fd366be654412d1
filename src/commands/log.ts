import { setTimeout as pause } from "node:timers/promises";
import { paths } from "../config/paths.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { nameOf } from "../machines/stream/names.ts";
import type { Entry } from "../terminal/log/entry.ts";
import { sentence } from "../terminal/log/sentence.ts";
import { LogWriter } from "../terminal/log/text.ts";
import { styleFor } from "../terminal/style.ts";
import { type Command, EXIT, type Io, type Parsed, type Screen, textFlag } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { parseSince } from "./cli/since.ts";
import { interrupted } from "./cli/until.ts";
import { EntryReader, openTroubles } from "./history/entries.ts";
import { streamsOf } from "./history/streams.ts";

const LOOK_EVERY = 250;

/** What happened, and why: every event of the journal as a line. */
export const log: Command = withJsonErrors((parsed, io) => showLog(parsed, io));

/** As `log`; with `--follow` it ends with `signal`. */
export async function showLog(parsed: Parsed, io: Io, signal?: AbortSignal): Promise<number> {
  const since = textFlag(parsed, "since");
  const sinceAt = since === undefined ? undefined : parseSince(since, io.now());
  const reader = openReader({ directory: paths(io.env, io.platform, io.home).stateDir });
  if (!reader) return nothing(parsed, io);
  try {
    const at = textFlag(parsed, "at");
    const until = at === undefined ? undefined : (await import("./cli/moment.ts")).parseMoment(at, io.now());
    const history = new History(reader, parsed.positionals[0], { since: sinceAt, until });
    const damaged = await history.begin(io);
    if (parsed.flags.follow === true) return await follow(history, parsed, io, signal ?? interrupted());
    if (parsed.flags.json === true)
      printJson(io, { schemaVersion: 1, events: history.news().map(toJson).toArray(), ...damaged });
    else showAll(history, io);
    return EXIT.healthy;
  } finally {
    reader.close();
  }
}

function nothing(parsed: Parsed, io: Io): number {
  if (parsed.flags.json === true && parsed.flags.follow !== true) printJson(io, { schemaVersion: 1, events: [] });
  else io.err.write("nothing has happened yet: there is no journal; dotvault enrol begins one\n");
  return EXIT.healthy;
}

/** Milliseconds since the epoch; undefined: no bound. */
interface Bounds {
  readonly since: number | undefined;
  readonly until: number | undefined;
}

/** The events of all streams, or of one enrolment, from where the last look ended. */
class History {
  readonly reader: JournalReader;
  readonly #name: string | undefined;
  readonly #since: number | undefined;
  /** Behind the newest event that is shown. */
  readonly #end: number;
  readonly #entries = new EntryReader();
  #after = 0;

  constructor(reader: JournalReader, name: string | undefined, { since, until }: Bounds) {
    this.reader = reader;
    this.#name = name;
    this.#since = since;
    this.#end = until === undefined ? Number.MAX_SAFE_INTEGER : reader.seqAt(until) + 1;
  }

  /** In the order of the journal, by which `status --at` goes, too: a clock that was set back shows some times twice. */
  *news(): Generator<Entry> {
    const streams = this.streams();
    const bounds = { afterSeq: this.#after, beforeSeq: this.#end };
    this.#after = Math.max(this.#after, this.reader.lastSeq());
    for (const recorded of this.reader.events(streams === undefined ? bounds : { ...bounds, stream: [...streams] })) {
      this.#after = Math.max(this.#after, recorded.seq);
      yield this.#entries.read(recorded);
    }
  }

  /**
   * What was before is not told, but what came before makes what is told causal.
   *
   * @returns what is to be said to programs of kept standings that are damaged
   */
  async begin(io: Io): Promise<object> {
    if (this.#since === undefined) return {};
    const { readUpTo } = await import("./history/before.ts");
    const { damagedMember, warnOf } = await import("./history/passed-over.ts");
    this.#after = this.reader.seqAt(this.#since - 1);
    const damage = readUpTo(this.reader, this.#entries, this.#after);
    warnOf(damage, io);
    return damagedMember(damage);
  }

  /** What is open now was not open then. */
  get isPast(): boolean {
    return this.#end < Number.MAX_SAFE_INTEGER;
  }

  streams(): ReadonlySet<string> | undefined {
    return this.#name === undefined ? undefined : streamsOf(this.reader, this.#name);
  }

  /** Width of the names' column: none where all is about one enrolment. */
  names(): number {
    if (this.#name !== undefined) return 0;
    return Math.max(0, ...this.reader.heads().map(({ stream }) => nameOf(stream).length));
  }
}

function writerFor(history: History, io: Io): LogWriter {
  const columns = io.out.isTerminal ? io.out.columns : Number.POSITIVE_INFINITY;
  return new LogWriter({ style: styleFor(io.out, io.env), columns, names: history.names() });
}

function showAll(history: History, io: Io): void {
  const writer = writerFor(history, io);
  const lines = history.news().map((entry) => writer.lines(entry));
  const written = writeInPieces(lines, io.out);
  if (history.isPast) {
    if (written === 0) io.err.write("nothing was on record then\n");
    return;
  }
  for (const trouble of openTroubles(history.reader, history.streams())) {
    io.out.write(writer.trouble(trouble, new Date(io.now())));
  }
}

/** As much as a pipe takes: a write for each line costs as much as its words. */
const PIECE = 65_536;

/** Returns how many texts there were. What comes before one that can't be read is written all the same. */
function writeInPieces(texts: Iterable<string>, out: Screen): number {
  let piece = "";
  let count = 0;
  try {
    for (const text of texts) {
      piece += text;
      count++;
      if (piece.length < PIECE) continue;
      out.write(piece);
      piece = "";
    }
  } finally {
    if (piece !== "") out.write(piece);
  }
  return count;
}

async function follow(history: History, parsed: Parsed, io: Io, signal: AbortSignal): Promise<number> {
  const writer = writerFor(history, io);
  const show = (entry: Entry) =>
    parsed.flags.json === true ? `${JSON.stringify(toJson(entry))}\n` : writer.lines(entry);
  let seen = -1;
  while (!signal.aborted) {
    const version = history.reader.dataVersion();
    if (version !== seen) for (const entry of history.news()) io.out.write(show(entry));
    seen = version;
    await pause(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
  }
  return EXIT.healthy;
}

/** An entry for programs (docs/json.md). */
function toJson(entry: Entry) {
  const { seq, at, kind, name, event, state, moved, asked } = entry;
  return {
    seq,
    at,
    kind,
    name,
    type: event.type,
    state,
    moved,
    text: sentence(entry).join("; "),
    asked: asked.map((step) => step.kind),
    event,
  };
}
