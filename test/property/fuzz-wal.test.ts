import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import fc from "fast-check";
import { checkJournal } from "../../src/journal/check/check.ts";
import type { Recorded } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { change, intent, journalHome } from "../support/journal.ts";
import { property } from "../support/property.ts";

const home = journalHome();
const database = join(home.directory, "journal.db");
const wal = `${database}-wal`;
const { whole, image, log } = write();
after(() => home[Symbol.dispose]());

/** What a power cut leaves: the file as it was at the last checkpoint, and a WAL with everything since. */
function write(): { whole: Recorded[]; image: Buffer; log: Buffer } {
  const journal = home.open();
  for (let version = 0; version < 25; version++) {
    const event = { type: "HAPPENED", at: 1000 + version, text: "ü".repeat(version) };
    const sealed = { ref: { id: `s${version}`, kind: "pair", digest: "d" }, jwe: "j".repeat(200) } as const;
    journal.append(change("jfrog", version, { event, intents: [intent(`i${version}`)], seal: [sealed] }));
  }
  const recorded = [...journal.events()];
  const kept = { whole: recorded, image: readFileSync(database), log: readFileSync(wal) };
  journal.close();
  return kept;
}

function restore(bytes: Uint8Array): void {
  rmSync(home.directory, { recursive: true });
  mkdirSync(home.directory, { mode: 0o700 });
  writeFileSync(database, image, { mode: 0o600 });
  writeFileSync(wal, bytes, { mode: 0o600 });
}

/** A reader, the check and the next agent all see the same beginning of the history, and all that belongs to it. */
function assertPrefix(): void {
  const reader = openReader(home);
  const read = [...(reader?.events() ?? [])];
  reader?.close();
  assert.deepEqual(read, whole.slice(0, read.length));
  // What is sealed here is no JWE.
  const problems = checkJournal(home.directory, home.options.key)?.problems.filter(({ code }) => code !== "secret");
  assert.deepEqual(problems, []);
  const journal = home.open();
  try {
    assert.equal(journal.lastSeq(), read.length);
    assert.equal(journal.head("jfrog")?.version ?? 0, read.length);
    assert.deepEqual([journal.openIntents().length, journal.sealedRefs().length], [read.length, read.length]);
    journal.append(change("jfrog", read.length));
  } finally {
    journal.close();
  }
}

property(
  "a WAL that ends anywhere leaves a beginning of the history, whole, and the agent goes on from there",
  [fc.nat()],
  (end) => {
    restore(log.subarray(0, end % (log.length + 1)));
    assertPrefix();
    return true;
  },
  { runs: 40 },
);

property(
  "a WAL with bytes that flipped anywhere leaves a beginning of the history, never garbage",
  [fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 5 })],
  (flips) => {
    const bytes = Buffer.from(log);
    for (const [position, difference] of flips) {
      const at = position % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ difference;
    }
    restore(bytes);
    assertPrefix();
    return true;
  },
  { runs: 40 },
);

property(
  "another journal's WAL in its place is not taken for its own",
  [fc.nat(24)],
  (events) => {
    restore(log);
    using other = journalHome();
    const journal = other.open();
    for (let version = 0; version < events; version++) journal.append(change("foreign", version));
    copyFileSync(join(other.directory, "journal.db-wal"), wal);
    journal.close();
    try {
      const reader = openReader(home);
      const read = [...(reader?.events() ?? [])];
      reader?.close();
      assert.ok(
        read.every(({ stream }) => stream !== "foreign") ||
          checkJournal(home.directory, home.options.key)?.ok === false,
      );
    } catch (error) {
      assert.match(String((error as { code?: string }).code), /^journal\./);
    }
    return true;
  },
  { runs: 5 },
);
