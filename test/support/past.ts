import assert from "node:assert/strict";
import Database from "better-sqlite3";
import { pastOf } from "../../src/commands/status/past.ts";
import { DotvaultError } from "../../src/errors.ts";
import { openJournal } from "../../src/journal/journal.ts";
import type { Append, Journal, JournalReader, Standing } from "../../src/journal/port.ts";
import { rekeyJournal } from "../../src/journal/rekey.ts";
import { generateKey } from "../../src/seal/key.ts";
import { type JournalHome, journalHome } from "./journal.ts";

/** What an event left, as it was looked up just then; without one: the journal's own. */
interface Told {
  readonly at: number;
  readonly stream: string;
  readonly stood: ReturnType<typeof essence> | null;
}

/** A real journal to which lives are told, and which remembers beside it what every stream stood on after every event. */
export class Retelling implements Disposable {
  readonly #home: JournalHome = journalHome();
  #key = this.#home.options.key;
  #now = 0;
  #told: Told[] = [];
  /** Nothing before is kept any more. */
  horizon = Number.NEGATIVE_INFINITY;
  journal: Journal = this.#open();

  get directory(): string {
    return this.#home.directory;
  }

  get key() {
    return this.#key;
  }

  #open(): Journal {
    return openJournal({ ...this.#home.options, key: this.#key, clock: () => this.#now });
  }

  /** At the version that the stream is at here. */
  tell({ takes: _, ...input }: Append): void {
    const { stream, event } = input;
    this.#now = event.at;
    this.journal.append({ ...input, expectedVersion: this.journal.head(stream)?.version ?? 0, seal: [], forget: [] });
    const stood = essence(this.journal, stream);
    this.#told.push({ at: event.at, stream, stood });
  }

  #ownEvents(): void {
    while (this.#told.length < this.journal.lastSeq()) {
      this.#told.push({ at: this.#now, stream: "journal", stood: null });
    }
  }

  compact(before: number): void {
    const dropped = this.journal.dropped(before);
    const { removed } = this.journal.compact(before);
    assert.equal(removed, dropped);
    if (removed > 0) this.horizon = Math.max(this.horizon, before);
    this.#ownEvents();
  }

  rekey(): void {
    this.journal.close();
    const [from, to] = [this.#key, generateKey()];
    rekeyJournal({ directory: this.directory, from, to, at: this.#now });
    this.#key = to;
    this.journal = this.#open();
    this.#ownEvents();
  }

  /** As if an older dotvault had written all this: its format is the first, and this start migrates it. */
  migrate(): void {
    this.journal.close();
    asFormat1(this.directory);
    this.journal = this.#open();
  }

  /**
   * The journal says of that moment what it said then; nothing of one that it has dropped, or, with `lost`, may have lost: then
   * it says from when on it knows.
   */
  async check(reader: JournalReader, at: number, { lost = false } = {}): Promise<void> {
    if (at < this.horizon) return assert.rejects(() => pastOf(reader, at), { code: "journal.compacted" });
    const refused = lost ? await refusal(reader, at) : undefined;
    if (refused) {
      const from = Date.parse(/\d{4}-\S+Z/.exec(`${refused.message} ${refused.hint}`)?.[0] ?? "");
      assert.ok(from > at, `${refused.hint}: not of ${at}`);
      return this.check(reader, from);
    }
    const end = this.#told.findLastIndex((told) => told.at <= at) + 1;
    const expected = new Map(this.#told.slice(0, end).map(({ stream, stood }) => [stream, stood]));
    expected.delete("journal");
    const past = await pastOf(reader, at);
    const found = past.heads().filter(({ stream }) => stream !== "journal");
    assert.deepEqual(found.map(({ stream }) => stream).toSorted(), [...expected.keys()].toSorted());
    for (const { stream } of found) assert.deepEqual(essence(past, stream), expected.get(stream));
  }

  moments(): number[] {
    return this.#told.map(({ at }) => at);
  }

  [Symbol.dispose](): void {
    this.journal.close();
    this.#home[Symbol.dispose]();
  }
}

/** That the past can't be told, as long as there is an end of that. */
async function refusal(reader: JournalReader, at: number): Promise<DotvaultError | undefined> {
  try {
    await pastOf(reader, at);
    return undefined;
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    assert.match(error.code, /^journal\.(damaged|compacted)$/);
    return error;
  }
}

/** All but how often a step had been tried, which is no event. */
function essence(reader: Pick<JournalReader, "heads" | "openIntents" | "wakes">, stream: string) {
  const [head] = reader.heads(stream);
  const { version, state, snapshot, at } = head ?? ({} as Partial<Standing["head"]>);
  const open = reader.openIntents(stream).map(({ attempt: _, failure: __, phase: ___, ...rest }) => rest);
  const wakes = reader.wakes(stream).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return plain({ version, state, snapshot, at, open: open.toSorted((a, b) => (a.id < b.id ? -1 : 1)), wakes });
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** Takes from a journal's file what the second format has added. Nothing may have it open. */
export function asFormat1(directory: string): void {
  const database = new Database(`${directory}/journal.db`);
  database.exec("DROP TABLE kept; DROP TABLE setbacks; PRAGMA user_version = 1");
  database.close();
}
