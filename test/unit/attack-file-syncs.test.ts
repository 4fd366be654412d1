import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const strace = spawnSync("strace", ["-f", "-o", "/dev/null", process.execPath, "-e", "0"]).status === 0;
const WRITER = join(import.meta.dirname, "../../src/adapters/files/index.ts");

/** The calls that a process which writes so many files makes on files, renames and syncs, with the paths of what is synced. */
function traced(folder: string, files: number): string[] {
  const script = `import { writeTarget } from ${JSON.stringify(WRITER)};
    for (let n = 0; n < ${files}; n++) await writeTarget(${JSON.stringify(folder)} + "/conf" + n, () => "token " + n);`;
  const out = join(folder, "..", "trace");
  const calls = "trace=fsync,fdatasync,rename,renameat,renameat2";
  const args = ["-f", "-y", "-e", calls, "-o", out, process.execPath, "--input-type=module", "-e", script];
  const done = spawnSync("strace", args, { encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  return readFileSync(out, "utf8")
    .split("\n")
    .filter((line) => line.includes(folder) && !line.includes("resumed"));
}

test("one rendered file is two syncs: its text before the rename, its folder after it", { skip: !strace }, () => {
  const parent = mkdtempSync(join(tmpdir(), "dotvault-syncs-"));
  try {
    const folder = join(parent, "files");
    spawnSync("mkdir", [folder]);
    const calls = traced(folder, 3);
    const told = calls.map((line) => {
      if (/rename/.test(line)) return "rename";
      return new RegExp(`<${folder}>`).test(line) ? "sync of the folder" : "sync of the file";
    });
    const each = ["sync of the file", "rename", "sync of the folder"];
    assert.deepEqual(told, [...each, ...each, ...each]);
    writeFileSync(join(folder, "conf0"), "token 0");
    assert.deepEqual(traced(folder, 3), [], "what has not changed is neither written nor synced");
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
