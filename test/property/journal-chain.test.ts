import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { inspect } from "node:util";
import Database from "better-sqlite3";
import fc from "fast-check";
import { checkJournal } from "../../src/journal/check/check.ts";
import type { Recorded } from "../../src/journal/port.ts";
import { standingOf } from "../../src/journal/standing.ts";
import { change, intent, journalHome } from "../support/journal.ts";
import { property } from "../support/property.ts";

const events = 30;
const home = journalHome();
const file = join(home.directory, "journal.db");
const original = join(home.directory, "..", "original.db");
const whole = write();
after(() => home[Symbol.dispose]());

/** A closed journal to be damaged; what its events are when nothing is wrong. */
function write(): Recorded[] {
  const journal = home.open();
  const versions = new Map<string, number>();
  for (let i = 0; i < events; i++) {
    const stream = `s${i % 3}`;
    const version = versions.get(stream) ?? 0;
    const event = { type: "HAPPENED", at: 1000 + i, text: "ü".repeat(i) };
    journal.append(change(stream, version, { event, intents: [intent(`i${i}`)] }));
    versions.set(stream, version + 1);
  }
  const recorded = [...journal.events()];
  journal.close();
  copyFileSync(file, original);
  return recorded;
}

function restore(): void {
  rmSync(home.directory, { recursive: true });
  mkdirSync(home.directory, { mode: 0o700 });
  copyFileSync(original, file);
}

function tamper(sql: string): void {
  restore();
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

/** Everything that can be read with the key, up to the first refusal. */
function readAll(): { events: Recorded[]; refusal: unknown } {
  const events: Recorded[] = [];
  try {
    for (const recorded of home.open().events()) events.push(recorded);
    return { events, refusal: undefined };
  } catch (refusal) {
    return { events, refusal };
  }
}

function seen(): boolean {
  return checkJournal(home.directory, home.options.key)?.chain === "broken";
}

const seq = fc.integer({ min: 1, max: events - 1 });
const column = fc.constantFrom("stream", "version", "machine", "at", "event", "state", "effects", "snapshot", "mac");

property(
  "a change of any one byte in any column of any event is seen by the check and refused by the reader with the key",
  [seq, column, fc.nat(), fc.integer({ min: 1, max: 127 })],
  (at, name, position, difference) => {
    restore();
    const database = new Database(file);
    const before = database
      .prepare<[number], { value: unknown }>(`SELECT ${name} AS value FROM events WHERE seq = ?`)
      .get(at);
    const changed = changeByte(before?.value, position, difference);
    database.prepare(`UPDATE OR REPLACE events SET ${name} = ? WHERE seq = ?`).run(changed, at);
    database.close();
    assert.ok(seen(), `${name} of event ${at}`);
    const { events: read, refusal } = readAll();
    assert.equal(codeOf(refusal), "journal.damaged");
    assert.deepEqual(read, whole.slice(0, read.length));
  },
);

property("a removed event is seen, unless it was the last", [seq], (at) => {
  tamper(`DELETE FROM events WHERE seq = ${at}`);
  assert.ok(seen());
});

property("events that changed places are seen", [seq, seq], (one, other) => {
  fc.pre(one !== other);
  tamper(`UPDATE events SET seq = -1 WHERE seq = ${one}; UPDATE events SET seq = ${one} WHERE seq = ${other};
          UPDATE events SET seq = ${other} WHERE seq = -1`);
  assert.ok(seen());
});

property("an event put in twice is seen", [seq], (at) => {
  tamper(`INSERT INTO events SELECT ${events} + 1, stream, version + 100, machine, at, event, state, effects, snapshot, mac
          FROM events WHERE seq = ${at}`);
  assert.ok(seen());
});

property(
  "bytes flipped anywhere in the file never come back as events that were not written",
  [fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 40 })],
  (flips) => {
    restore();
    const bytes = readFileSync(file);
    for (const [position, difference] of flips) {
      const at = position % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ difference;
    }
    writeFileSync(file, bytes);
    const { events: read, refusal } = readAll();
    assert.deepEqual(read, whole.slice(0, read.length));
    if (refusal !== undefined) assert.match(codeOf(refusal), /^journal\./);
    checkOrRefuse();
    assert.ok(readFileSync(file).length > 0);
  },
  { runs: 150 },
);

/** The check ends, with a report or with a refusal that has a code. */
function checkOrRefuse(): void {
  try {
    checkJournal(home.directory, home.options.key);
  } catch (error) {
    assert.match(codeOf(error), /^journal\./);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : inspect(error);
}

function changeByte(value: unknown, position: number, difference: number): string | number | Buffer {
  if (typeof value === "number") return value + difference;
  const bytes = Buffer.from(value as string | Buffer);
  const at = position % bytes.length;
  const changed = ((bytes[at] ?? 0) ^ difference) & (typeof value === "string" ? 0x7f : 0xff);
  bytes[at] = changed;
  return typeof value === "string" ? bytes.toString("latin1") : bytes;
}

property(
  "a change of any one byte in any column of what is kept with an event is seen by the check, and nobody takes it for what was",
  [fc.constantFrom("seq", "snapshot", "open", "wakes", "digest", "mac"), fc.nat(), fc.integer({ min: 1, max: 127 })],
  (name, position, difference) => {
    restore();
    const before = home.open();
    for (let version = 10; version < 20; version++) before.append(change("s0", version));
    const whole = before.kept("s0", 100);
    assert.ok(whole);
    before.close();
    const database = new Database(file);
    const sql = `SELECT ${name} AS value FROM kept WHERE seq = ?`;
    const found = database.prepare<[number], { value: unknown }>(sql).get(whole.row.seq);
    const changed = changeByte(found?.value, position, difference);
    database.prepare(`UPDATE kept SET ${name} = ? WHERE seq = ?`).run(changed, whole.row.seq);
    database.close();
    const problems = checkJournal(home.directory, home.options.key)?.problems ?? [];
    assert.deepEqual([...new Set(problems.map(({ code }) => code))], ["kept"], name);
    const journal = home.open();
    try {
      const kept = journal.kept("s0", 100);
      if (kept) standingOf(kept);
      assert.notEqual(kept?.row.seq, whole.row.seq);
    } catch (error) {
      assert.equal(codeOf(error), "journal.damaged", String(error));
    } finally {
      journal.close();
    }
  },
  { runs: 30 },
);
