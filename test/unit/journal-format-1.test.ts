import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { pastOf } from "../../src/commands/status/past.ts";
import { checkJournal } from "../../src/journal/check/check.ts";
import { openJournal } from "../../src/journal/journal.ts";
import type { Journal, JournalReader } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { parseKey } from "../../src/seal/key.ts";
import { change } from "../support/journal.ts";

// Journals that the dotvault before the second format has written (commit 5ef2246, on Stage of test/contract): an enrolment
// that lost an answer, its file, its circle, and a session with Vault; the clock was set back by three hours. One is whole,
// one was compacted by that dotvault. `told`: what each stream stood on after each event, looked up there and then.

interface Told {
  readonly key: string;
  readonly compactedBefore: number;
  readonly told: readonly Moment[];
}
interface Moment {
  readonly at: number;
  readonly stream: string;
  readonly version: number;
  readonly state: unknown;
  readonly snapshot: object;
  readonly open: readonly string[];
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
}

const recorded = (name: string) =>
  gunzipSync(readFileSync(new URL(`../fixtures/journal-format-1/${name}.gz`, import.meta.url)));
const { key: text, compactedBefore, told }: Told = JSON.parse(recorded("told").toString());
const key = parseKey(text);
const parent = mkdtempSync(join(tmpdir(), "dotvault-format-1-"));
after(() => rmSync(parent, { recursive: true, force: true }));

function home(name: "whole" | "compacted"): string {
  const directory = mkdtempSync(join(parent, `${name}-`));
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "journal.db"), recorded(name), { mode: 0o600 });
  return directory;
}

function reading(directory: string): JournalReader {
  const reader = openReader({ directory });
  assert.ok(reader);
  return reader;
}

function started(directory: string): Journal {
  return openJournal({ directory, key, clock: () => told.at(-1)?.at ?? 0, appVersion: "1.2.3" });
}

/** What is said of that moment is what was told then; members that were not recorded then say nothing. */
async function sameAsTold(reader: JournalReader, at: number): Promise<void> {
  const end = told.findLastIndex((moment) => moment.at <= at);
  const past = await pastOf(reader, at);
  for (const [stream, then] of new Map(told.slice(0, end + 1).map((moment) => [moment.stream, moment]))) {
    const [head] = past.heads(stream);
    assert.deepEqual([head?.version, head?.state], [then.version, then.state]);
    assert.partialDeepStrictEqual(JSON.parse(JSON.stringify(head?.snapshot)), then.snapshot);
    const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id).toSorted();
    assert.deepEqual(ids(past.openIntents(stream)), then.open.toSorted());
    assert.deepEqual(
      past.wakes(stream).map(({ name, at: due }) => ({ name, at: due })),
      then.wakes,
    );
  }
}

test("a journal of the first format answers of every moment while its agent has not been started anew", async () => {
  const directory = home("whole");
  assert.deepEqual(checkJournal(directory, key)?.problems, []);
  const reader = reading(directory);
  for (const { at } of told) await sameAsTold(reader, at);
  reader.close();
});

test("the agent's start migrates it; it says the same, goes on, keeps what it stands on, and compacts", async () => {
  const directory = home("whole");
  const journal = started(directory);
  assert.deepEqual(checkJournal(directory, key)?.problems, []);
  for (const { at } of told) await sameAsTold(journal, at);
  const { stream = "", version = 0, at = 0 } = told.at(-1) ?? {};
  for (let more = 0; more < 12; more++) {
    const { snapshot = {} } = journal.head(stream) ?? {};
    const event = { type: "TOKEN_NEEDED", at: at + 1 };
    journal.append(change(stream, version + more, { event, state: "live", machineVersion: 2, snapshot }));
  }
  assert.ok(journal.kept(stream, journal.lastSeq()));
  for (const moment of told) await sameAsTold(journal, moment.at);
  journal.compact(at + 1);
  assert.deepEqual(checkJournal(directory, key)?.problems, []);
  assert.equal((await pastOf(journal, at + 1)).heads(stream)[0]?.version, version + 12);
  await assert.rejects(pastOf(journal, at), { code: "journal.compacted" });
  journal.close();
});

test("of a history that the first format has compacted, what rests is known, and what moved is said to be dropped", async () => {
  const directory = home("compacted");
  const reader = reading(directory);
  await assert.rejects(pastOf(reader, compactedBefore - 1), { code: "journal.compacted" });
  await assert.rejects(pastOf(reader, compactedBefore), { code: "journal.compacted" });
  reader.close();
  const journal = started(directory);
  assert.deepEqual(checkJournal(directory, key)?.problems, []);
  await sameAsTold(journal, told.at(-1)?.at ?? 0);
  journal.close();
});
