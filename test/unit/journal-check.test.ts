import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { chainMac } from "../../src/journal/chain.ts";
import { checkJournal } from "../../src/journal/check/check.ts";
import { generateKey } from "../../src/seal/key.ts";
import { seal } from "../../src/seal/seal.ts";
import { change, intent, type JournalHome, journalHome } from "../support/journal.ts";

/** A journal of two streams with something open of every kind. */
function filled(): JournalHome {
  const home = journalHome();
  const journal = home.open();
  const jwe = (id: string) => seal(home.options.key, { id, kind: "pair", subject: "a", at: 1 }, Buffer.from("secret"));
  const secret = (id: string) => ({ ref: { id, kind: "pair", digest: "d" }, jwe: jwe(id) }) as const;
  journal.append(change("a", 0, { intents: [intent("i1")], wakes: [{ name: "due", at: 9 }], seal: [secret("s1")] }));
  journal.append(change("b", 0, { intents: [intent("i2")] }));
  journal.append(change("a", 1, { closes: "i1", intents: [intent("i3")], seal: [secret("s2")], forget: ["s1"] }));
  journal.append(change("b", 1));
  journal.append(change("a", 2));
  return home;
}

function tamper(home: JournalHome, sql: string): void {
  const database = new Database(join(home.directory, "journal.db"));
  database.exec(sql);
  database.close();
}

const check = (home: JournalHome) => checkJournal(home.directory, home.options.key);
const codes = (home: JournalHome) => check(home)?.problems.map(({ code }) => code);

test("there is nothing to check where there is no journal", () => {
  using home = journalHome();
  assert.equal(check(home), undefined);
});

test("a whole journal is whole, with the agent running or not, also when the key is missing", () => {
  using home = filled();
  const expected = {
    path: join(home.directory, "journal.db"),
    ok: true,
    writtenBy: "1.2.3",
    chain: "verified",
    events: { readable: 5, first: 1, last: 5 },
    compacted: 0,
    streams: 2,
    secrets: { kept: 1, opened: 1 },
    problems: [],
  };
  assert.deepEqual(check(home), expected);
  home.open().close();
  assert.deepEqual(check(home), expected);
  const keyless = { ...expected, chain: "unchecked", secrets: { kept: 1, opened: null } };
  assert.deepEqual(checkJournal(home.directory), keyless);
});

for (const [what, sql, expected] of [
  ["a changed event", `UPDATE events SET event = replace(event, 'HAPPENED', 'HAPPENEd') WHERE seq = 2`, ["chain"]],
  ["a re-dated event", "UPDATE events SET at = at + 1 WHERE seq = 3", ["chain"]],
  ["a removed event", "DELETE FROM events WHERE seq = 2", ["missing"]],
  ["a removed beginning", "DELETE FROM events WHERE seq < 3", ["missing"]],
  ["a cut tail of one stream", "DELETE FROM events WHERE seq = 5", ["head"]],
  ["a removal dressed up as compaction", compactionOf(1), ["chain"]],
  ["a snapshot changed", `UPDATE streams SET snapshot = '{"value":"x"}' WHERE stream = 'a'`, ["head"]],
  ["a head set back", "UPDATE streams SET version = 1, seq = 2 WHERE stream = 'b'", ["head"]],
  ["a removed head", "DELETE FROM streams WHERE stream = 'b'", ["head"]],
  ["an intent removed", "DELETE FROM intents WHERE id = 'i2'", ["intent"]],
  ["an intent's params changed", `UPDATE intents SET params = '{"n":2}' WHERE id = 'i2'`, ["intent"]],
  ["an intent opened again", intentRow("i1"), ["intent"]],
  ["a wake moved", "UPDATE wakes SET at = 10", ["wake"]],
  ["a wake added", "INSERT INTO wakes VALUES ('a', 'more', 3)", ["wake"]],
  ["a secret removed", "DELETE FROM secrets", ["secret"]],
  ["a secret changed", "UPDATE secrets SET jwe = replace(jwe, '..', '..A')", ["secret"]],
  ["a secret's kind changed", "UPDATE secrets SET kind = 'bootstrap'", ["secret"]],
] as const) {
  test(`check sees ${what}`, () => {
    using home = filled();
    tamper(home, sql);
    assert.deepEqual([...new Set(codes(home))], expected);
  });
}

test("no character can move from one column to the next without changing the chain", () => {
  const key = createSecretKey(Buffer.alloc(32));
  const row = {
    seq: 1,
    version: 1,
    machine: 1,
    at: 1,
    snapshot: "s",
    stream: "ab",
    event: "cd",
    state: "ef",
    effects: "gh",
  };
  const moved = [
    { ...row, stream: "abc", event: "d" },
    { ...row, event: "cde", state: "f" },
    { ...row, state: "e", effects: "fgh" },
    { ...row, seq: 11, version: 1 },
  ];
  const macs = [row, ...moved].map((one) => chainMac(key, "p", one));
  assert.equal(new Set(macs).size, macs.length);
});

test("check without the key still sees missing events and changed heads", () => {
  using home = filled();
  tamper(home, "DELETE FROM events WHERE seq = 4; UPDATE streams SET snapshot = '{}' WHERE stream = 'a'");
  const report = checkJournal(home.directory);
  assert.deepEqual([report?.chain, report?.ok], ["broken", false]);
  assert.deepEqual([...new Set(report?.problems.map(({ code }) => code))], ["missing", "head"]);
});

test("check with another key opens nothing and verifies nothing", () => {
  using home = filled();
  const report = checkJournal(home.directory, generateKey());
  assert.deepEqual([report?.chain, report?.secrets], ["broken", { kept: 1, opened: 0 }]);
});

test("a compacted journal is whole; its gaps are vouched for by the chain", () => {
  using home = filled();
  const journal = home.open();
  assert.deepEqual(journal.compact(2000), { removed: 3, kept: 3 });
  const report = check(home);
  assert.deepEqual([report?.ok, report?.problems, report?.compacted, report?.chain], [true, [], 3, "verified"]);
  tamper(home, "DELETE FROM events WHERE seq = 4; UPDATE gaps SET last = 4");
  assert.equal(check(home)?.chain, "broken");
});

test("of a whole journal any end is whole, and of a compacted one", () => {
  using home = filled();
  for (const after of [0, 1, 2, 3, 4, 5]) {
    const { ok, chain, events, streams } = checkJournal(home.directory, home.options.key, after) ?? {};
    const left = after === 5 ? { readable: 0, first: 0, last: 0 } : { readable: 5 - after, first: after + 1, last: 5 };
    assert.deepEqual([ok, chain, events, streams], [true, "verified", left, 2], `behind ${after}`);
  }
  home.open().compact(Number.MAX_SAFE_INTEGER);
  for (const after of [0, 1, 2, 3, 4, 5]) {
    assert.deepEqual(checkJournal(home.directory, home.options.key, after)?.problems, [], `compacted, behind ${after}`);
  }
});

test("an end of the journal is checked as all of it is; what is before it is taken as it stands, but for heads", () => {
  for (const [sql, after, expected] of [
    ["UPDATE events SET at = at + 1 WHERE seq = 3", 2, ["chain"]],
    ["UPDATE events SET at = at + 1 WHERE seq = 3", 3, []],
    ["DELETE FROM events WHERE seq = 4", 3, ["missing", "head"]],
    ["DELETE FROM events WHERE seq = 3", 3, ["missing"]],
    [`UPDATE streams SET snapshot = '{"value":"x"}' WHERE stream = 'b'`, 4, ["head"]],
    ["UPDATE wakes SET at = 10", 2, []],
    ["INSERT INTO gaps SELECT 1, 1, mac FROM events WHERE seq = 1", 4, ["chain"]],
  ] as const) {
    using home = filled();
    tamper(home, sql);
    const found = checkJournal(home.directory, home.options.key, after)?.problems.map(({ code }) => code);
    assert.deepEqual(found, expected, `${sql}, behind ${after}`);
  }
});

test("compaction goes on from compaction, and the chain with it", () => {
  using home = filled();
  const journal = home.open();
  journal.compact(2000);
  for (let version = 3; version < 40; version++) journal.append(change("a", version));
  assert.deepEqual(journal.compact(1030), { removed: 21, kept: 20 }, "up to what was kept with its 24th event");
  assert.deepEqual(journal.compact(1030), { removed: 0, kept: 20 });
  journal.append(change("b", 2));
  assert.deepEqual([check(home)?.ok, check(home)?.problems], [true, []]);
  assert.deepEqual(journal.compact(99_999).kept, 4);
  const kept = [...home.open().events()].map(({ stream, version }) => `${stream} ${version}`);
  assert.deepEqual(kept, ["a 40", "journal 2", "b 3", "journal 3"]);
  assert.equal(check(home)?.ok, true);
});

test("compaction never takes a stream's newest event, and only whole beginnings when the clock has jumped", () => {
  using home = journalHome();
  const journal = home.open();
  const times = Array.from({ length: 40 }, (_, index) => (index === 20 ? 5000 : 100 + index));
  for (const [version, at] of times.entries()) journal.append(change("a", version, { event: { type: "X", at } }));
  journal.append(change("b", 0, { event: { type: "X", at: 1 } }));
  journal.compact(400);
  assert.equal(
    [...journal.events({ stream: "a" })][0]?.version,
    18,
    "what is kept with the 24th is later than the 21st",
  );
  assert.equal(journal.head("b")?.version, 1);
  assert.equal(check(home)?.ok, true);
});

test("compaction gives space back to the disk", () => {
  using home = journalHome();
  const journal = home.open();
  const bulk = { type: "BULK", at: 1, text: "x".repeat(3000) };
  for (let version = 0; version < 300; version++) journal.append(change("a", version, { event: bulk }));
  const size = () => {
    journal.tidy();
    return readFileSync(join(home.directory, "journal.db")).length;
  };
  const before = size();
  journal.compact(2);
  assert.ok(size() < before / 2, `${before} → ${size()}`);
});

test("a file with damaged pages is reported with what can still be read, and is not changed", () => {
  using home = journalHome();
  const journal = home.open();
  for (let version = 0; version < 300; version++) journal.append(change("a", version));
  journal.close();
  const path = join(home.directory, "journal.db");
  const bytes = readFileSync(path);
  const spot = bytes.indexOf('"at":1150');
  bytes.fill(0xa5, spot - (spot % 4096), spot - (spot % 4096) + 4096);
  writeFileSync(path, bytes);
  const report = check(home);
  assert.equal(report?.ok, false);
  assert.ok((report?.events.readable ?? 0) > 200);
  assert.equal(report?.events.last, 300);
  assert.throws(() => home.open(), { code: "journal.damaged", hint: /journal check/ });
  assert.deepEqual(readFileSync(path), bytes);
});

test("the agent refuses to start when the newest event, or the one that it is chained to, is changed", () => {
  for (const sql of ["UPDATE events SET at = 1 WHERE seq = 5", "UPDATE events SET mac = '' WHERE seq = 4"]) {
    using home = filled();
    home.open().close();
    tamper(home, sql);
    assert.throws(() => home.open(), { code: "journal.damaged" });
  }
});

test("nothing is decided on a snapshot that is not the one written", () => {
  using home = filled();
  const journal = home.open();
  tamper(home, `UPDATE streams SET snapshot = '{}' WHERE stream = 'a'`);
  assert.throws(() => journal.head("a"), { code: "journal.damaged" });
  assert.throws(() => journal.heads(), { code: "journal.damaged" });
  assert.equal(journal.head("b")?.version, 2);
});

function compactionOf(seq: number): string {
  return `INSERT INTO gaps SELECT seq, seq, mac FROM events WHERE seq = ${seq}; DELETE FROM events WHERE seq = ${seq};
          UPDATE wakes SET at = 9`;
}

function intentRow(id: string): string {
  return `INSERT INTO intents (stream, kind, subject, id, params, once, opened_at, seq, due_at, attempt, phase)
          VALUES ('a', 'poll', '${id}', '${id}', '{"n":1}', 0, 1, 1, 1, 0, 'open')`;
}
