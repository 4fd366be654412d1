import assert from "node:assert/strict";
import { chmodSync, copyFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DotvaultError } from "../../src/errors.ts";
import { watchPresence } from "../../src/journal/presence.ts";
import { change, journalHome } from "../support/journal.ts";

const gone = (error: unknown) => error instanceof DotvaultError && error.code === "journal.gone";

for (const [what, harm] of [
  ["deleted", (file: string) => rmSync(file)],
  ["moved", (file: string) => renameSync(file, `${file}.away`)],
  [
    "replaced by a copy of itself",
    (file: string) => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
  ],
  [
    "deleted and made anew",
    (file: string) => {
      rmSync(file);
      writeFileSync(file, "");
    },
  ],
] as const) {
  for (const name of ["journal.db", "journal.db-wal"]) {
    test(`${name} ${what} under the writer: no write goes into a file that nobody finds`, () => {
      using home = journalHome();
      const journal = home.open();
      journal.append(change("jfrog", 0));
      harm(join(home.directory, name));
      assert.throws(() => journal.append(change("jfrog", 1)), gone);
      assert.throws(() => journal.setFact("a", 1), gone);
      assert.throws(() => journal.inbox(), gone);
      assert.throws(() => journal.compact(0), gone);
      assert.equal(journal.head("jfrog")?.version, 1);
      journal.tidy();
      journal.close();
    });
  }
}

test("a journal that is put back is written again", () => {
  using home = journalHome();
  const journal = home.open();
  const path = join(home.directory, "journal.db");
  renameSync(path, `${path}.away`);
  assert.throws(() => journal.append(change("jfrog", 0)), gone);
  renameSync(`${path}.away`, path);
  journal.append(change("jfrog", 0));
  journal.close();
  assert.equal(home.open().head("jfrog")?.version, 1);
});

test("replaced within the tick of an earlier change, so that the directory's time stays: noticed all the same", () => {
  using home = journalHome();
  home.open().close();
  const path = join(home.directory, "journal.db");
  const { atime, mtime } = statSync(home.directory);
  utimesSync(home.directory, atime, mtime);
  const check = watchPresence(path, () => mtime.getTime() + 5);
  check();
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
  utimesSync(home.directory, atime, mtime);
  assert.throws(check, gone);
});

test("tidying and growing are no change of the file", () => {
  using home = journalHome();
  const journal = home.open();
  for (let version = 0; version < 50; version++) {
    journal.append(change("jfrog", version, { snapshot: { filler: "x".repeat(20_000) } }));
    if (version % 10 === 0) journal.tidy();
  }
  assert.equal(journal.lastSeq(), 50);
});

test("another journal in its place is not touched by the old one's end", () => {
  using home = journalHome();
  const old = home.open();
  old.append(change("jfrog", 0));
  for (const file of ["journal.db", "journal.db-wal", "journal.db-shm"]) rmSync(join(home.directory, file));
  const fresh = home.open();
  fresh.append(change("other", 0));
  old.close();
  fresh.append(change("other", 1));
  fresh.close();
  const again = home.open();
  assert.deepEqual([again.head("other")?.version, again.head("jfrog")], [2, undefined]);
});

test("modes that somebody narrows or widens while it is open change nothing that is written", () => {
  using home = journalHome();
  const journal = home.open();
  for (const [version, mode] of [0o000, 0o400, 0o644].entries()) {
    chmodSync(join(home.directory, "journal.db"), mode);
    journal.append(change("jfrog", version));
  }
  assert.equal(journal.head("jfrog")?.version, 3);
});
