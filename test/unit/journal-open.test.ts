import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { Connection } from "../../src/journal/connection.ts";
import { openJournal } from "../../src/journal/journal.ts";
import { migrate } from "../../src/journal/migrate.ts";
import { migrations } from "../../src/journal/migrations/list.ts";
import { openReader, openReadOnly } from "../../src/journal/reader.ts";
import { postRequest } from "../../src/journal/request.ts";
import { generateKey } from "../../src/seal/key.ts";
import { change, journalHome } from "../support/journal.ts";

const file = (home: { directory: string }) => join(home.directory, "journal.db");

function tamper(home: { directory: string }, sql: string): void {
  const database = new Database(file(home));
  database.exec(sql);
  database.close();
}

test("there is no reader where there is no journal, and looking makes none", () => {
  using home = journalHome();
  assert.equal(openReader(home), undefined);
  assert.ok(!existsSync(home.directory));
});

test("a start that died while it made the journal is no journal to a reader, and begun anew by the agent", () => {
  using home = journalHome();
  mkdirSync(home.directory, { recursive: true });
  writeFileSync(`${file(home)}.new`, "half of it", { mode: 0o600 });
  assert.equal(openReader(home), undefined);
  assert.throws(() => postRequest({ ...home, clock: () => 1 }, "sync", {}), { code: "journal.missing" });
  assert.equal(home.open().append(change("jfrog", 0)), 1);
  assert.ok(!existsSync(`${file(home)}.new`));
});

test("readers work beside the writer, after it, and without the key; they see whole events only", () => {
  using home = journalHome();
  const journal = home.open();
  const reader = openReader(home);
  assert.ok(reader);
  const versionBefore = reader.dataVersion();
  assert.equal(reader.dataVersion(), versionBefore);
  journal.append(change("jfrog", 0, { wakes: [{ name: "due", at: 5 }] }));
  assert.notEqual(reader.dataVersion(), versionBefore);
  assert.deepEqual(reader.head("jfrog"), journal.head("jfrog"));
  assert.deepEqual([...reader.events()], [...journal.events()]);
  journal.close();
  assert.equal(reader.wakes("jfrog")[0]?.at, 5);
  reader.close();
  const later = openReader(home);
  assert.equal(later?.lastSeq(), 1);
  later?.close();
});

test("a reader can't write", () => {
  using home = journalHome();
  home.open().close();
  const connection = new Connection(file(home), { readonly: true });
  assert.throws(() => connection.run("DELETE FROM facts"), { code: "journal.unwritable" });
  connection.close();
});

const setpriv = spawnSync("setpriv", ["--version"]).status === 0 && process.getuid?.() === 0;

test("a journal in a directory that can't be written can be read when no agent runs", { skip: !setpriv }, () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0));
  journal.close();
  const parent = join(home.directory, "..");
  chmodSync(parent, 0o755);
  chmodSync(home.directory, 0o555);
  chmodSync(file(home), 0o444);
  const script = `import { openReader } from ${JSON.stringify(join(import.meta.dirname, "../../src/journal/reader.ts"))};
    console.log(openReader({ directory: ${JSON.stringify(home.directory)} }).lastSeq());`;
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const args = [...nobody, process.execPath, "--input-type=module", "-e", script];
  const done = spawnSync("setpriv", args, { encoding: "utf8" });
  assert.equal(done.stdout, "1\n", done.stderr);
});

test("another key is refused before anything is read or written", () => {
  using home = journalHome();
  home.open().close();
  const before = readFileSync(file(home));
  assert.throws(() => openJournal({ ...home.options, key: generateKey() }), { code: "journal.other-key" });
  assert.deepEqual(readFileSync(file(home)), before);
});

test("a journal from a newer dotvault is refused by name and version, and not touched", () => {
  using home = journalHome();
  openJournal({ ...home.options, appVersion: "9.8.7" }).close();
  tamper(home, `PRAGMA user_version = ${migrations.length + 1}`);
  const before = readFileSync(file(home));
  const refusal = { code: "journal.newer", message: /written by dotvault 9\.8\.7/ };
  assert.throws(() => home.open(), refusal);
  assert.throws(() => openReader(home), refusal);
  assert.throws(() => postRequest({ ...home, clock: () => 1 }, "sync", {}), refusal);
  assert.deepEqual(readFileSync(file(home)), before);
});

test("an older journal is migrated step by step, each step once and whole; readers wait for that", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0));
  journal.close();
  const connection = new Connection(file(home));
  const steps = [...migrations, "ALTER TABLE events ADD COLUMN more TEXT", "CREATE TABLE added (a TEXT) STRICT"];
  assert.throws(() => migrate(connection, [...steps, "CREATE TABLE half (a TEXT); SELECT broken"]));
  assert.equal(connection.pragma("user_version"), steps.length);
  assert.equal(connection.get("SELECT 1 FROM sqlite_schema WHERE name = 'half'"), undefined);
  migrate(connection, steps);
  assert.equal(connection.get<{ seq: number }>("SELECT seq FROM events WHERE more IS NULL")?.seq, 1);
  connection.close();
});

test("a reader of an older format says what to do", () => {
  using home = journalHome();
  home.open().close();
  assert.throws(() => openReadOnly(home.directory, migrations.length + 1), {
    code: "journal.older",
    hint: /dotvault run/,
  });
});

test("a journal that has lost its format is damaged, not empty", () => {
  using home = journalHome();
  home.open().close();
  tamper(home, "PRAGMA user_version = 0");
  assert.throws(() => openReader(home), { code: "journal.damaged" });
  assert.throws(() => home.open(), { code: "journal.damaged" });
});

test("a file that is no journal is refused and left alone", () => {
  for (const bytes of ["this is not a database, it only lies there. ".repeat(40), "xy", ""]) {
    using home = journalHome();
    mkdirSync(home.directory, { recursive: true });
    writeFileSync(file(home), bytes);
    assert.throws(() => home.open(), { code: "journal.damaged" });
    assert.throws(() => openReader(home), { code: "journal.damaged" });
    assert.equal(readFileSync(file(home), "utf8"), bytes);
    assert.deepEqual(readdirSync(home.directory), ["journal.db"]);
  }
});

test("another program's database is refused and left alone", () => {
  using home = journalHome();
  mkdirSync(home.directory, { recursive: true });
  tamper(home, "CREATE TABLE bookmarks (url TEXT)");
  const before = readFileSync(file(home));
  assert.throws(() => home.open(), { code: "journal.damaged" });
  assert.throws(() => openReader(home), { code: "journal.damaged" });
  assert.equal(readFileSync(file(home)).length, before.length);
});

test("who wrote the journal last is noted when the version changes", () => {
  using home = journalHome();
  home.open().close();
  openJournal({ ...home.options, appVersion: "1.3.0" }).close();
  const reader = openReader(home);
  assert.deepEqual([reader?.fact("writtenBy"), reader?.fact("createdAt")], ["1.3.0", 5000]);
  reader?.close();
});
