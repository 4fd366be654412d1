import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { writeTarget } from "../../src/adapters/files/index.ts";
import { folder } from "../support/files-breaking.ts";

// jf's own lock on its file.

const LOCKS = ["locks", "config"];

function jfLock(home: string, pid: number, nanoseconds: string): string {
  const path = join(home, ...LOCKS, `jfrog-cli.conf.lck.${pid}.${nanoseconds}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  return path;
}

test("jf's file is written only when a running jf has released its lock", async (t) => {
  const home = folder(t);
  const target = join(home, "jfrog-cli.conf.v6");
  const theirs = jfLock(home, process.ppid, "1700000000000000000");
  let waits = 0;
  const clock = {
    now: () => 1_700_000_000_001,
    sleep: async () => {
      assert.equal(existsSync(target), false);
      if (++waits === 3) rmSync(theirs);
    },
  };
  await writeTarget(target, () => "x", { clock });
  assert.equal(waits, 3);
  assert.deepEqual(readdirSync(join(home, ...LOCKS)), []);
});

test("the lock of a jf that has ended is removed, a later one is not waited for", async (t) => {
  const home = folder(t);
  const ended = jfLock(home, spawnSync(process.execPath, ["-e", "0"]).pid, "1700000000000000000");
  const later = jfLock(home, process.ppid, "1900000000000000000");
  const clock = { now: () => 1_800_000_000_000, sleep: () => assert.fail("no wait") };
  await writeTarget(join(home, "jfrog-cli.conf.v6"), () => "x", { clock });
  assert.equal(existsSync(ended), false);
  assert.equal(existsSync(later), true);
});

test("a lock that jf never releases: files.busy, the file untouched, our lock gone", async (t) => {
  const home = folder(t);
  const theirs = jfLock(home, process.ppid, "1");
  const clock = { now: () => 1_800_000_000_000, sleep: () => Promise.resolve() };
  const target = join(home, "jfrog-cli.conf.v6");
  writeFileSync(target, "old");
  await assert.rejects(
    writeTarget(target, () => "x", { clock }),
    { code: "files.busy" },
  );
  assert.equal(readFileSync(target, "utf8"), "old");
  assert.deepEqual(readdirSync(join(home, ...LOCKS)), [basename(theirs)]);
});
