import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Connection, makeDurable } from "../../src/journal/connection.ts";
import { openReader } from "../../src/journal/reader.ts";
import { change, journalHome } from "../support/journal.ts";

const phrase = "aVerySealedSecret";
const marker = phrase.repeat(200);
const secret = (id: string) => ({ ref: { id, kind: "pair", digest: "d" }, jwe: `${id}.${marker}` }) as const;

test("every commit is FULL, read back after a write on a file that was opened again", () => {
  using home = journalHome();
  home.open().close();
  const path = join(home.directory, "journal.db");
  const connection = new Connection(path);
  connection.write(() => connection.run("INSERT INTO facts VALUES ('a', '1')"));
  assert.equal(connection.pragma("synchronous"), 1, "the library's own default: not durable");
  makeDurable(connection);
  connection.write(() => connection.run("INSERT INTO facts VALUES ('b', '1')"));
  assert.equal(connection.pragma("synchronous"), 2);
  connection.close();
});

const strace = spawnSync("strace", ["-f", "-o", "/dev/null", process.execPath, "-e", "0"]).status === 0;

test("one event is one durable commit: exactly one sync, and so is a reschedule", { skip: !strace }, () => {
  using home = journalHome();
  home.open().close();
  const run = (events: number) => {
    const trace = join(home.directory, "..", "trace");
    const script = join(import.meta.dirname, "..", "support", "journal-writer.ts");
    const args = ["-f", "-e", "trace=fsync,fdatasync", "-o", trace, process.execPath, script];
    const done = spawnSync("strace", [...args, home.directory, home.options.key.reveal(), "count", String(events)]);
    assert.equal(done.status, 0, String(done.stderr));
    return readFileSync(trace, "utf8").match(/(fsync|fdatasync)\(/g)?.length ?? 0;
  };
  run(1);
  const [few, many] = [run(10), run(60)];
  assert.equal((many - few) / 50, 2);
});

test("directory and files are private from the start, whatever the umask", {
  skip: process.platform === "win32",
}, () => {
  using home = journalHome();
  const before = process.umask(0);
  try {
    const journal = home.open();
    journal.append(change("jfrog", 0));
    for (const name of readdirSync(home.directory)) {
      assert.equal(statSync(join(home.directory, name)).mode & 0o777, 0o600, name);
    }
    assert.ok(readdirSync(home.directory).includes("journal.db-wal"));
    assert.equal(statSync(home.directory).mode & 0o777, 0o700);
  } finally {
    process.umask(before);
  }
});

test("a forgotten secret has left the disk after the next idle moment", () => {
  using home = journalHome();
  const journal = home.open();
  for (let version = 0; version < 20; version += 2) {
    journal.append(change("jfrog", version, { seal: [secret("s1")] }));
    journal.append(change("jfrog", version + 1, { forget: ["s1"] }));
  }
  assert.ok(onDisk(home.directory), "the WAL still has it: the test can fail");
  journal.tidy();
  assert.ok(!onDisk(home.directory));
  journal.append(change("jfrog", 20, { seal: [secret("s2")] }));
  journal.tidy();
  assert.equal(journal.sealed("s2"), secret("s2").jwe);
});

test("a secret forgotten by a process that was killed leaves the disk at the next start", () => {
  using home = journalHome();
  const script = join(import.meta.dirname, "..", "support", "journal-writer.ts");
  const args = [script, home.directory, home.options.key.reveal(), "forget-and-die", marker];
  assert.equal(spawnSync(process.execPath, args).signal, "SIGKILL");
  assert.ok(onDisk(home.directory));
  home.open().tidy();
  assert.ok(!onDisk(home.directory));
});

test("a reader in the middle of a read puts tidying off, and nothing fails", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { seal: [secret("s1")] }));
  const reader = new Connection(join(home.directory, "journal.db"), { readonly: true });
  reader.run("BEGIN");
  reader.get("SELECT * FROM events");
  journal.append(change("jfrog", 1, { forget: ["s1"] }));
  journal.tidy();
  assert.ok(onDisk(home.directory));
  reader.run("COMMIT");
  reader.close();
  journal.tidy();
  assert.ok(!onDisk(home.directory));
});

test("a slow consumer of events does not put tidying off", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { seal: [secret("s1")] }));
  journal.append(change("jfrog", 1, { forget: ["s1"] }));
  const reader = openReader(home);
  const events = reader?.events();
  events?.next();
  journal.tidy();
  assert.ok(!onDisk(home.directory));
  reader?.close();
});

test("tidying when there is nothing to tidy writes nothing", () => {
  using home = journalHome();
  const journal = home.open();
  journal.tidy();
  journal.append(change("jfrog", 0));
  const wal = () => statSync(join(home.directory, "journal.db-wal")).size;
  const before = wal();
  journal.tidy();
  assert.deepEqual([wal(), before > 0], [before, true]);
});

test("a directory that was there before is used as it is", () => {
  using home = journalHome();
  mkdirSync(home.directory, { recursive: true, mode: 0o755 });
  home.open().append(change("jfrog", 0));
  assert.equal(statSync(join(home.directory, "journal.db")).mode & 0o777, 0o600);
});

function onDisk(directory: string): boolean {
  return readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(phrase));
}
