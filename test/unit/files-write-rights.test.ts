import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type FsPort, nodeFs, writeTarget } from "../../src/adapters/files/index.ts";
import { canLimit, canMount, onSmallDisk } from "../support/disk-limits.ts";

// Whose file it is, and where a link may lead; with real users and a real full disk where the tests run as root.

const WRITER = join(import.meta.dirname, "../../src/adapters/files/index.ts");
const SOMEBODY = 4242;
const isRoot = process.getuid?.() === 0;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "dotvault-rights-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  chmodSync(path, 0o755);
  return path;
}

/** Writes a target in a process of its own, begun by `prefix`; what it says is the error's code, or how it went. */
function writes(target: string, text: string, prefix: readonly string[]): string {
  const script = `import { writeTarget } from ${JSON.stringify(WRITER)};
    const work = writeTarget(${JSON.stringify(target)}, () => ${JSON.stringify(text)});
    console.log(await work.then(({ written }) => "written " + written, (error) => error.code));`;
  const [program = "", ...args] = [...prefix, process.execPath, "--input-type=module", "-e", script];
  return spawnSync(program, args, { encoding: "utf8", cwd: "/" }).stdout.trim();
}

const as = (uid: number) => ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
const somebodyReads = isRoot && spawnSync("setpriv", [...as(SOMEBODY).slice(1), "test", "-r", WRITER]).status === 0;

test("a file that the user may not write is not replaced, although its folder is theirs", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "old");
  const asked: string[] = [];
  const access: FsPort["access"] = async (path) => {
    asked.push(path);
    throw Object.assign(new Error("EACCES"), { code: "EACCES" });
  };
  await assert.rejects(
    writeTarget(target, () => "new", { fs: { ...nodeFs, access } }),
    { code: "files.denied" },
  );
  assert.deepEqual([readFileSync(target, "utf8"), asked], ["old", [target]]);
});

test("a link leads to another user's file: refused, and it stays", { skip: !somebodyReads }, (t) => {
  const home = folder(t);
  chownSync(home, SOMEBODY, SOMEBODY);
  mkdirSync(join(home, "theirs"));
  chmodSync(join(home, "theirs"), 0o777);
  writeFileSync(join(home, "theirs", "real"), "root's", { mode: 0o644 });
  symlinkSync("theirs/real", join(home, "conf"));
  assert.equal(writes(join(home, "conf"), "new", as(SOMEBODY)), "files.denied");
  assert.equal(readFileSync(join(home, "theirs", "real"), "utf8"), "root's");
  symlinkSync("/root/dotvault-not-there", join(home, "out"));
  assert.equal(writes(join(home, "out"), "new", as(SOMEBODY)), "files.denied");
  assert.deepEqual(readdirSync(join(home, "theirs")), ["real"]);
});

test("a link of one's own to a file of one's own is followed, as any user", { skip: !somebodyReads }, (t) => {
  const home = folder(t);
  chownSync(home, SOMEBODY, SOMEBODY);
  writeFileSync(join(home, "real"), "old");
  chownSync(join(home, "real"), SOMEBODY, SOMEBODY);
  symlinkSync("real", join(home, "conf"));
  assert.equal(writes(join(home, "conf"), "new", as(SOMEBODY)), "written true");
  assert.equal(readFileSync(join(home, "real"), "utf8"), "new");
});

test("the link that another user put into a shared folder leads nobody anywhere", { skip: !isRoot }, async (t) => {
  const home = folder(t);
  const [shared, own] = [join(home, "shared"), join(home, "own")];
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  mkdirSync(own);
  for (const [place, uid] of [
    [shared, SOMEBODY],
    [own, SOMEBODY],
    [shared, 0],
  ] as const) {
    const link = join(place, `conf-${uid}`);
    symlinkSync(join(home, "real"), link);
    lchownSync(link, uid, uid);
  }
  const refusal = { code: "files.foreign-link", message: /conf-4242/, hint: /folder of your own/ };
  await assert.rejects(
    writeTarget(join(shared, `conf-${SOMEBODY}`), () => "secret"),
    refusal,
  );
  assert.deepEqual(readdirSync(home).sort(), ["own", "shared"]);
  assert.equal((await writeTarget(join(shared, "conf-0"), () => "x")).written, true);
  assert.equal((await writeTarget(join(own, `conf-${SOMEBODY}`), () => "y")).written, true);
});

test("root keeps another's file theirs: owner, group and mode", { skip: !isRoot }, async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "old", { mode: 0o600 });
  chownSync(target, SOMEBODY, SOMEBODY + 1);
  await writeTarget(target, () => "new");
  const { uid, gid, mode } = statSync(target);
  assert.deepEqual([uid, gid, mode & 0o777], [SOMEBODY, SOMEBODY + 1, 0o600]);
  assert.equal(readFileSync(target, "utf8"), "new");
});

test("a disk that is full: named, the old file whole, nothing left beside it", { skip: !canMount }, async (t) => {
  const home = folder(t);
  await onSmallDisk(join(home, "disk"), async ({ fill, makeRoom }) => {
    const target = join(home, "disk", "conf");
    writeFileSync(target, "old");
    fill();
    await assert.rejects(
      writeTarget(target, () => "x".repeat(100_000)),
      { code: "files.disk-full", hint: /the old file is untouched/ },
    );
    assert.equal(readFileSync(target, "utf8"), "old");
    assert.deepEqual(readdirSync(join(home, "disk")).sort(), ["conf", "filler"]);
    makeRoom();
    assert.equal((await writeTarget(target, () => "x".repeat(100_000))).written, true);
  });
});

test("a limit on file sizes is as a full disk", { skip: !canLimit }, (t) => {
  const home = folder(t);
  const target = join(home, "conf");
  writeFileSync(target, "old");
  assert.equal(writes(target, "x".repeat(100_000), ["prlimit", "--fsize=10000"]), "files.disk-full");
  assert.equal(readFileSync(target, "utf8"), "old");
  assert.deepEqual(readdirSync(home), ["conf"]);
});
