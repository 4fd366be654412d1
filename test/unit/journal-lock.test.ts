import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { acquireLock, type Lock, lockHolder } from "../../src/journal/lock.ts";
import { type JournalHome, journalHome } from "../support/journal.ts";

const writer = join(import.meta.dirname, "..", "support", "journal-writer.ts");

/** A process that holds the lock until it is killed, at the latest at the end of its block. */
async function holdElsewhere(home: JournalHome) {
  const child = spawn(process.execPath, ["--expose-gc", writer, home.directory, home.options.key.reveal(), "hold"]);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  assert.equal(String(said), "held\n");
  return { pid: child.pid, kill, [Symbol.asyncDispose]: kill };
}

function taken(result: ReturnType<typeof acquireLock>): Lock {
  assert.ok("release" in result, "the lock is free");
  return result;
}

test("the second one is told who holds the lock, since when and with what", () => {
  using home = journalHome();
  const lock = taken(acquireLock({ ...home, command: "dotvault run", clock: () => 77 }));
  const expected = { pid: process.pid, since: 77, command: "dotvault run" };
  assert.deepEqual(acquireLock(home), { heldBy: expected });
  assert.deepEqual(lockHolder(home), expected);
  lock.release();
  assert.equal(lockHolder(home), undefined);
  taken(acquireLock(home)).release();
});

test("the lock dies with its holder, however that ends", async () => {
  using home = journalHome();
  await using child = await holdElsewhere(home);
  const result = acquireLock(home);
  assert.ok("heldBy" in result);
  assert.deepEqual([result.heldBy.pid, result.heldBy.command], [child.pid, "writer hold"]);
  await child.kill();
  assert.equal(lockHolder(home), undefined);
  taken(acquireLock(home)).release();
});

test("a note of a dead holder is never passed off as the holder of a lock that is held", async () => {
  using home = journalHome();
  await using dead = await holdElsewhere(home);
  await dead.kill();
  await using holder = await holdElsewhere(home);
  assert.notEqual(holder.pid, dead.pid);
  writeFileSync(join(home.directory, "holder.json"), JSON.stringify({ pid: dead.pid, since: 1, command: "dead" }));
  const result = acquireLock(home);
  assert.ok("heldBy" in result);
  assert.equal(result.heldBy.pid, 0);
});

test("looking at who holds the lock keeps nobody from taking it, and makes nothing", () => {
  using home = journalHome();
  assert.equal(lockHolder(home), undefined);
  assert.ok(!existsSync(home.directory));
  const lock = taken(acquireLock(home));
  lock.release();
  lockHolder(home);
  taken(acquireLock(home)).release();
});

test("the lock survives that the journal is opened, written and closed in its process", () => {
  using home = journalHome();
  const lock = taken(acquireLock(home));
  home.open().close();
  lockHolder(home);
  assert.ok("heldBy" in acquireLock(home));
  lock.release();
});

test("its files are private, and a release leaves no note", { skip: process.platform === "win32" }, () => {
  using home = journalHome();
  const lock = taken(acquireLock(home));
  assert.deepEqual(readdirSync(home.directory).sort(), ["holder.json", "lock.db"]);
  for (const name of readdirSync(home.directory)) {
    assert.equal(statSync(join(home.directory, name)).mode & 0o777, 0o600);
  }
  lock.release();
  assert.deepEqual(readdirSync(home.directory), ["lock.db"]);
});
