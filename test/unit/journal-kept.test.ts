import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { pastOf } from "../../src/commands/status/past.ts";
import { checkJournal } from "../../src/journal/check/check.ts";
import type { Journal } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { rekeyJournal } from "../../src/journal/rekey.ts";
import { standingOf } from "../../src/journal/standing.ts";
import { generateKey } from "../../src/seal/key.ts";
import { change, intent, type JournalHome, journalHome } from "../support/journal.ts";
import { asFormat1 } from "../support/past.ts";

const STREAM = "a";

/** So many events of one stream, a millisecond each from 1001 on; an intent is open from the first on. */
function filled(events: number): { home: JournalHome; journal: Journal } {
  const home = journalHome();
  const journal = home.open();
  journal.append(change(STREAM, 0, { intents: [intent("i")], wakes: [{ name: "due", at: 77 }] }));
  for (let version = 1; version < events; version++) journal.append(change(STREAM, version));
  return { home, journal };
}

const versions = (home: JournalHome) =>
  rows<{ version: number }>(home, "SELECT version FROM events JOIN kept USING (seq) ORDER BY version").map(
    ({ version }) => version,
  );

function rows<T>(home: JournalHome, sql: string): T[] {
  const database = new Database(join(home.directory, "journal.db"));
  try {
    return database.prepare<[], T>(sql).all();
  } finally {
    database.close();
  }
}

function tamper(home: JournalHome, sql: string): void {
  const database = new Database(join(home.directory, "journal.db"));
  database.exec(sql);
  database.close();
}

const problems = ({ directory, options }: JournalHome) =>
  checkJournal(directory, options.key)?.problems.map(({ code, seq }) => `${code} ${seq ?? ""}`.trim());

test("every sixteenth event all that the stream stands on is kept: snapshot, what is open, wakes", () => {
  const { home, journal } = filled(40);
  using _ = home;
  assert.deepEqual(versions(home), [16, 32]);
  assert.equal(journal.kept(STREAM, 15), undefined);
  const kept = journal.kept(STREAM, 31);
  assert.ok(kept);
  const { head, open, wakes } = standingOf(kept);
  assert.deepEqual(
    [head.version, head.state, head.snapshot, head.at],
    [16, "active", { value: "active", count: 15 }, 1015],
  );
  assert.deepEqual(open, journal.openIntents(STREAM));
  assert.deepEqual(wakes, [{ stream: STREAM, name: "due", at: 77 }]);
  assert.deepEqual(problems(home), []);
});

test("where a stream comes to rest it is kept, too, but not sooner than six events after the last time", () => {
  using home = journalHome();
  const journal = home.open();
  for (let version = 0; version < 24; version += 2) {
    journal.append(change(STREAM, version, { intents: [intent(`i${version}`)] }));
    journal.append(change(STREAM, version + 1, { closes: `i${version}` }));
  }
  assert.deepEqual(versions(home), [6, 12, 18, 24]);
});

test("compaction begins a stream with what all since that time follows from, and drops what was kept before", async () => {
  const { home, journal } = filled(40);
  using _ = home;
  // The 32nd event is of 1031: what stood at 1030.5 does not follow from what is kept with it.
  journal.append(change("b", 0, { event: { type: "X", at: 1030 } }));
  assert.equal(journal.dropped(1031), 15, "as `plan` tells it before");
  assert.equal(journal.compact(1031).removed, 15);
  assert.deepEqual(versions(home), [16, 32]);
  assert.equal(journal.dropped(1032), 16);
  assert.equal(journal.compact(1032).removed, 16);
  assert.deepEqual(versions(home), [32]);
  assert.deepEqual(problems(home), []);
  await assert.rejects(pastOf(journal, 1031), { code: "journal.compacted" });
});

test("that a compacted stream has lost what it begins with is seen", () => {
  const { home, journal } = filled(40);
  using _ = home;
  journal.compact(1032);
  tamper(home, "DELETE FROM kept");
  assert.deepEqual(problems(home), ["kept"]);
});

test("another key vouches for what is kept; the old one no more", () => {
  const { home, journal } = filled(20);
  using _ = home;
  journal.close();
  const to = generateKey();
  rekeyJournal({ directory: home.directory, from: home.options.key, to, at: 9000 });
  assert.deepEqual(checkJournal(home.directory, to)?.problems, []);
  assert.ok(problems(home)?.includes("kept 16"));
});

for (const [what, sql] of Object.entries({
  "the snapshot": "snapshot = replace(snapshot, '15', '16')",
  "what was open": "open = '[]'",
  "the wakes": "wakes = replace(wakes, '77', '78')",
})) {
  test(`${what} of a kept standing, changed by others, is named by the check and used by nobody`, () => {
    const { home, journal } = filled(20);
    using _ = home;
    journal.tidy();
    tamper(home, `UPDATE kept SET ${sql}`);
    assert.deepEqual(problems(home), ["kept 16"]);
    const reader = openReader(home);
    const kept = reader?.kept(STREAM, 20);
    assert.ok(kept);
    assert.throws(() => standingOf(kept), {
      code: "journal.damaged",
      message: /kept with event 16 is not as it was written/,
    });
    reader?.close();
  });
}

test("with the key a standing that somebody else has made up, digests and all, is refused", () => {
  const { home, journal } = filled(20);
  using _ = home;
  const digest = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";
  tamper(home, `UPDATE kept SET digest = '${digest}'`);
  const kept = journal.kept(STREAM, 20);
  assert.throws(() => kept && standingOf(kept), { code: "journal.damaged" });
});

test("a journal of the first format answers as it lies; the agent's start migrates it, and knows where its clock went back", async () => {
  const { home, journal } = filled(40);
  using _ = home;
  journal.append(change("b", 0, { event: { type: "X", at: 900 } }));
  journal.append(change("b", 1, { event: { type: "X", at: 1005 } }));
  journal.close();
  asFormat1(home.directory);
  const reader = openReader(home);
  assert.ok(reader);
  assert.deepEqual([reader.seqAt(899), reader.seqAt(1004), reader.seqAt(1010), reader.lastSeq()], [0, 41, 42, 42]);
  assert.deepEqual([reader.kept(STREAM, 40), reader.head(STREAM)?.version], [undefined, 40]);
  assert.deepEqual(problems(home), [], "and the check knows it");
  const again = home.open();
  assert.deepEqual(rows(home, "SELECT seq FROM setbacks"), [{ seq: 41 }]);
  assert.deepEqual([again.seqAt(899), again.seqAt(1004), again.seqAt(1010)], [0, 41, 42]);
  for (let version = 40; version < 50; version++) again.append(change(STREAM, version));
  assert.equal(reader.kept(STREAM, 99)?.row.version, 40 + 8, "the reader that was open sees it");
  reader.close();
  assert.deepEqual(problems(home), []);
});

test("that the clock went back, and is not on record, is seen", () => {
  const { home, journal } = filled(3);
  using _ = home;
  journal.append(change("b", 0, { event: { type: "X", at: 900 } }));
  tamper(home, "DELETE FROM setbacks");
  assert.deepEqual(problems(home), ["clock 4"]);
});

test("status --at beside an agent that writes, or compacts, at that very moment: all of it is of one time", async () => {
  const { home, journal } = filled(40);
  using _ = home;
  journal.append(change("rule/r", 0, { event: { type: "FILE_CURRENT", at: 1039, path: "/f" }, snapshot: {} }));
  const reader = openReader(home);
  assert.ok(reader);
  const before = await pastOf(reader, 1039);
  let writes = [
    () => void journal.append(change("rule/r", 1, { event: { type: "FILE_CURRENT", at: 1040, path: "/f" } })),
    () => void journal.compact(1036),
  ];
  const meanwhile: typeof reader = {
    ...reader,
    headsUpTo(seq) {
      const heads = reader.headsUpTo(seq);
      const [write, ...rest] = writes;
      writes = rest;
      write?.();
      return heads;
    },
  };
  const past = await pastOf(meanwhile, 1039);
  assert.deepEqual(
    past.heads().map(({ stream, version }) => [stream, version]),
    before.heads().map(({ stream, version }) => [stream, version]),
  );
  await assert.rejects(pastOf(reader, 1035), { code: "journal.compacted" });
  reader.close();
});

for (const [what, sql] of Object.entries({
  "an event that is a number": "events SET event = '5'",
  "an event without a time": `events SET event = '{"type":"X"}'`,
  "an event whose type is none": `events SET event = '{"type":7,"at":1}'`,
  "effects that are null": "events SET effects = 'null'",
  "a snapshot that is null": "streams SET snapshot = 'null'",
  "parameters that are a list": "intents SET params = '[]'",
})) {
  test(`${what}: a damaged journal by name, also without the key, though it is JSON`, () => {
    const { home, journal } = filled(3);
    using _ = home;
    journal.tidy();
    tamper(home, `UPDATE ${sql}`);
    const reader = openReader(home);
    const read = () => [...(reader?.events() ?? []), reader?.heads(), reader?.openIntents()];
    assert.throws(read, { code: "journal.damaged" });
    reader?.close();
  });
}
