import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { nodeFs, writeTarget } from "../../src/adapters/files/index.ts";
import { MACHINE } from "../../src/adapters/files/leftovers.ts";
import { breakingFs, failing, folder } from "../support/files-breaking.ts";

// Whichever step of a write fails, or is the last one: the old file or the new one is there, whole.

for (const [name, backups] of [
  ["conf.json", 0],
  ["conf.json", 2],
  ["jfrog-cli.conf.v6", 0],
] as const) {
  for (const when of ["before", "after"] as const) {
    const kept = backups > 0 ? ` with ${backups} older versions` : "";
    test(`whichever step of writing ${name}${kept} fails (${when} it is done), the file is old or new, and nothing is left`, async (t) => {
      const home = folder(t);
      const target = join(home, name);
      const fresh = "new content";
      const intact = breakingFs(0, when === "after" ? "before" : when, "EIO");
      writeFileSync(target, "old");
      await writeTarget(target, () => fresh, { fs: intact.fs, mode: 0o640, backups });
      const total = intact.steps.length;
      assert.ok(total > 12, "the steps were counted");
      for (let at = 1; at <= total; at++) {
        writeFileSync(target, "old");
        const { fs, steps } = breakingFs(at, when, "ENOSPC");
        const options = { fs, mode: 0o640, backups };
        const failed = await writeTarget(target, () => fresh, options).catch((error: unknown) => error);
        const content = readFileSync(target, "utf8");
        assert.ok(content === "old" || content === fresh, `${steps[at - 1]} (${at}): ${content}`);
        if (content === "old") assert.equal((failed as { code?: string }).code, "files.disk-full", `${steps[at - 1]}`);
        if (steps[at - 1] !== "unlink") assert.deepEqual(leftBehind(home), [], `${steps[at - 1]} (${at})`);
        rmSync(join(home, "locks"), { recursive: true, force: true });
      }
    });
  }
}

test("a file that is to go: whichever step fails it is there as it was, or gone", async (t) => {
  const home = folder(t);
  const target = join(home, "conf");
  const intact = breakingFs(0, "before", "EIO");
  writeFileSync(target, "old");
  const outcome = await writeTarget(target, () => null, { fs: intact.fs });
  assert.deepEqual([outcome.written, outcome.mode, existsSync(target)], [true, undefined, false]);
  assert.equal((await writeTarget(target, () => null)).written, false, "gone already");
  for (let at = 1; at <= intact.steps.length; at++) {
    writeFileSync(target, "old");
    const { fs, steps } = breakingFs(at, "before", "EACCES");
    const failed = await writeTarget(target, () => null, { fs }).catch((error: unknown) => error);
    if (existsSync(target)) assert.equal((failed as { code?: string }).code, "files.denied", `${steps[at - 1]}`);
    assert.deepEqual(leftBehind(home), []);
  }
});

test("the text is on the disk before the name points to it, and the name before we say so", async (t) => {
  const { fs, steps } = breakingFs(0, "before", "");
  await writeTarget(join(folder(t), "conf"), () => "x", { fs });
  const order = steps.filter((step) => ["file.write", "file.sync", "rename"].includes(step));
  assert.deepEqual(order, ["file.write", "file.sync", "rename", "file.sync"]);
});

function leftBehind(home: string): string[] {
  return readdirSync(home, { recursive: true })
    .map(String)
    .filter((name) => /\.tmp$|\.lck\./.test(name));
}

test("system errors have names a person understands", async (t) => {
  const target = join(folder(t), "conf");
  for (const [code, named] of [
    ["EACCES", "files.denied"],
    ["EPERM", "files.denied"],
    ["EROFS", "files.read-only"],
    ["ENOSPC", "files.disk-full"],
    ["EDQUOT", "files.disk-full"],
    ["EFBIG", "files.disk-full"],
    ["EIO", "files.failed"],
  ]) {
    const rename = () => Promise.reject(failing(code ?? ""));
    await assert.rejects(
      writeTarget(target, () => "x", { fs: { ...nodeFs, rename } }),
      { code: named },
    );
    assert.deepEqual(readdirSync(dirname(target)), []);
  }
});

test("temporary files of ended runs beside the target are removed, others are not", async (t) => {
  const home = folder(t);
  const target = join(home, "conf");
  const ended = spawnSync(process.execPath, ["-e", "0"]).pid;
  const random = `${MACHINE}0123456789abcdef`;
  const elsewhere = `${[...MACHINE].reverse().join("")}0123456789abcdef`;
  const make = (name: string, ageMinutes = 0) => {
    writeFileSync(join(home, name), "secret");
    const at = Date.now() / 1000 - ageMinutes * 60;
    utimesSync(join(home, name), at, at);
    return name;
  };
  const gone = [
    make(`.dotvault-conf-${ended}-${random}.tmp`),
    make(`.dotvault-conf-${process.pid}-${random}.tmp`),
    make(`.dotvault-conf-${process.ppid}-${random}.tmp`, 60),
    make(`.dotvault-conf-${ended}-${elsewhere}.tmp`, 60),
  ];
  const kept = [
    make(`.dotvault-conf-${process.ppid}-${random.replace("cdef", "cdee")}.tmp`),
    // In a home that two machines share: there it may be written at this moment.
    make(`.dotvault-conf-${ended}-${elsewhere.replace("cdef", "cdee")}.tmp`),
    make(`.dotvault-other-${ended}-${random}.tmp`),
    make(`.dotvault-conf-${ended}-short.tmp`),
    make(`conf-${ended}-${random}.tmp`),
  ];
  await writeTarget(target, () => "new");
  const names = readdirSync(home);
  for (const name of gone) assert.ok(!names.includes(name), name);
  for (const name of kept) assert.ok(names.includes(name), name);
  assert.equal(names.length, kept.length + 1);
});
