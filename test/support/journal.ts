import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JournalOptions, openJournal } from "../../src/journal/journal.ts";
import type { Append, Journal, NewIntent } from "../../src/journal/port.ts";
import { generateKey } from "../../src/seal/key.ts";

/** A journal's home in a temporary directory, removed at the end of its block. */
export interface JournalHome extends Disposable {
  readonly directory: string;
  readonly options: JournalOptions;
  /** Opens it for writing; closed at the end of the block at the latest. */
  open(): Journal;
}

export function journalHome(): JournalHome {
  const parent = mkdtempSync(join(tmpdir(), "dotvault-journal-"));
  const directory = join(parent, "state");
  const options = { directory, key: generateKey(), clock: () => 5000, appVersion: "1.2.3" };
  const opened: Journal[] = [];
  return {
    directory,
    options,
    open() {
      const journal = openJournal(options);
      opened.push(journal);
      return journal;
    },
    [Symbol.dispose]() {
      for (const journal of opened) journal.close();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** An append to `stream` with only what the test is about spelt out. */
export function change(stream: string, expectedVersion: number, rest: Partial<Append> = {}): Append {
  return {
    stream,
    expectedVersion,
    machineVersion: 1,
    event: { type: "HAPPENED", at: 1000 + expectedVersion },
    state: "active",
    snapshot: { value: "active", count: expectedVersion },
    ...rest,
  };
}

export function intent(id: string, rest: Partial<NewIntent> = {}): NewIntent {
  return { id, kind: "poll", subject: id, params: { n: 1 }, once: false, dueAt: 2000, ...rest };
}
