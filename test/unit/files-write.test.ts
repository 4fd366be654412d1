import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import {
  type FsPort,
  fingerprint,
  nodeFs,
  type OpenFile,
  readTarget,
  writeTarget,
} from "../../src/adapters/files/index.ts";
import { failing, folder, modeOf, temporaries } from "../support/files-breaking.ts";

test("a new file has mode 0600 and its missing folders 0755", async (t) => {
  const target = join(folder(t), "a", "b", "conf");
  const { fingerprint: _, ...outcome } = await writeTarget(target, () => "x");
  assert.deepEqual(outcome, { path: target, written: true, created: true, mode: 0o600 });
  assert.equal(modeOf(target), 0o600);
  assert.equal(modeOf(dirname(target)), 0o755);
  assert.equal(modeOf(dirname(dirname(target))), 0o755);
});

test("modes are only ever narrowed, and target.mode is the widest", async (t) => {
  const target = join(folder(t), "conf");
  for (const [old, wanted, mode] of [
    [0o644, undefined, 0o600],
    [0o640, 0o660, 0o640],
    [0o600, 0o644, 0o600],
    [0o700, undefined, 0o600],
  ] as const) {
    writeFileSync(target, "old");
    chmodSync(target, old);
    await writeTarget(target, () => "new", wanted === undefined ? {} : { mode: wanted });
    assert.equal(modeOf(target), mode);
    rmSync(target);
  }
  await writeTarget(target, () => "new", { mode: 0o644 });
  assert.equal(modeOf(target), 0o644);
});

test("a umask does not narrow what target.mode asks for", async (t) => {
  const target = join(folder(t), "conf");
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  await writeTarget(target, () => "x", { mode: 0o640 });
  assert.equal(modeOf(target), 0o640);
});

test("the temporary file is created with the final mode, not narrowed later", async (t) => {
  const target = join(folder(t), "conf");
  const opened: (number | undefined)[] = [];
  const fs: FsPort = {
    ...nodeFs,
    open: (path, flags, mode) => {
      if (path.endsWith(".tmp")) opened.push(mode);
      return nodeFs.open(path, flags, mode);
    },
  };
  await writeTarget(target, () => "x", { fs });
  assert.deepEqual(opened, [0o600]);
});

test("nothing is written when nothing changes: same inode, no temporary file, no folder", async (t) => {
  const home = folder(t);
  const target = join(home, "conf");
  writeFileSync(target, "same");
  const { ino, mtimeMs } = statSync(target);
  assert.equal((await writeTarget(target, (before) => before)).written, false);
  assert.equal((await writeTarget(target, () => undefined)).written, false);
  assert.deepEqual([statSync(target).ino, statSync(target).mtimeMs], [ino, mtimeMs]);
  assert.equal((await writeTarget(join(home, "no", "conf"), () => undefined)).mode, undefined);
  assert.equal(existsSync(join(home, "no")), false);
});

test("symbolic links stay links: the real file is written, a dangling one creates its target", async (t) => {
  const home = folder(t);
  mkdirSync(join(home, "dotfiles"));
  writeFileSync(join(home, "dotfiles", "real"), "old");
  symlinkSync("dotfiles/real", join(home, "second"));
  symlinkSync(join(home, "second"), join(home, "first"));
  const outcome = await writeTarget(join(home, "first"), (before) => `${before}+new`);
  assert.equal(outcome.path, join(home, "dotfiles", "real"));
  assert.equal(readFileSync(join(home, "dotfiles", "real"), "utf8"), "old+new");
  symlinkSync("dotfiles/later/file", join(home, "dangling"));
  await writeTarget(join(home, "dangling"), () => "made");
  assert.equal(readFileSync(join(home, "dotfiles", "later", "file"), "utf8"), "made");
  for (const link of ["first", "second", "dangling"]) assert.ok(lstatSync(join(home, link)).isSymbolicLink());
});

test("links in a circle, folders, pipes, folders in place of files: refused by name", async (t) => {
  const home = folder(t);
  symlinkSync("b", join(home, "a"));
  symlinkSync("a", join(home, "b"));
  writeFileSync(join(home, "file"), "x");
  mkdirSync(join(home, "dir"));
  spawnSync("mkfifo", [join(home, "pipe")]);
  const refused = (name: string, code: string) =>
    assert.rejects(
      writeTarget(join(home, name), () => "new"),
      (error: Error & { code: string; hint: string }) =>
        error.code === code && error.message.includes(name) && error.hint !== "",
    );
  await refused("a", "files.symlink-loop");
  await refused("dir", "files.not-a-file");
  await refused("pipe", "files.not-a-file");
  await refused("file/below", "files.not-a-directory");
  await refused("n".repeat(300), "files.name-too-long");
  assert.deepEqual(temporaries(home), []);
});

test("text that is not UTF-8 is left as it is; a byte order mark is text", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, Buffer.from([0x61, 0xff, 0x62]));
  await assert.rejects(
    writeTarget(target, () => "new"),
    { code: "files.not-utf8" },
  );
  assert.deepEqual(readFileSync(target), Buffer.from([0x61, 0xff, 0x62]));
  writeFileSync(target, "\uFEFFa");
  await writeTarget(target, (before) => `${before}b`);
  assert.equal(readFileSync(target, "utf8"), "\uFEFFab");
});

test("a target over 4 MiB is refused before it is read", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, Buffer.alloc(4 * 1024 * 1024 + 1, "x"));
  await assert.rejects(
    writeTarget(target, () => "new"),
    { code: "files.too-large" },
  );
});

test("a file whose write bit is gone is left alone, with what to do", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "old");
  chmodSync(target, 0o400);
  await assert.rejects(
    writeTarget(target, () => "new"),
    { code: "files.read-only", hint: `chmod u+w ${target}` },
  );
  assert.equal((await writeTarget(target, () => "old")).written, false);
});

test("what a refusal throws reaches the caller, and nothing was written", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "old");
  const refusal = new Error("no");
  await assert.rejects(
    writeTarget(target, () => {
      throw refusal;
    }),
    refusal,
  );
  assert.equal(readFileSync(target, "utf8"), "old");
});

test("a file that is right but more open than it may be is narrowed where that is asked for, and nothing else of it changes", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "right");
  chmodSync(target, 0o664);
  const { ino } = statSync(target);
  const plain = await writeTarget(target, (before) => before, { mode: 0o640 });
  assert.deepEqual([plain.mode, plain.narrowedFrom, modeOf(target)], [0o664, undefined, 0o664]);
  const narrowed = await writeTarget(target, (before) => before, { mode: 0o640, narrow: true });
  assert.deepEqual([narrowed.written, narrowed.mode, narrowed.narrowedFrom], [false, 0o640, 0o664]);
  assert.deepEqual([modeOf(target), statSync(target).ino], [0o640, ino]);
  assert.equal(narrowed.fingerprint, fingerprint(await readTarget(target)));
  const again = await writeTarget(target, (before) => before, { mode: 0o640, narrow: true });
  assert.equal(again.narrowedFrom, undefined);
});

test("another user's file is not narrowed, and that is no failure", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "right");
  chmodSync(target, 0o644);
  const open: FsPort["open"] = async (path, flags, mode) => {
    const file = await nodeFs.open(path, flags, mode);
    file.chmod = async () => {
      throw failing("EPERM");
    };
    return file;
  };
  const outcome = await writeTarget(target, (before) => before, { fs: { ...nodeFs, open }, narrow: true });
  assert.deepEqual([outcome.mode, outcome.narrowedFrom], [0o644, undefined]);
});

test("another owner is kept where that is possible, and no reason to fail where it is not", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "old");
  const asked: number[][] = [];
  const foreign = (facts: Awaited<ReturnType<FsPort["lstat"]>>) =>
    Object.assign(Object.create(facts) as typeof facts, { uid: 4242, gid: 4243 });
  const fs: FsPort = {
    ...nodeFs,
    open: async (path, flags, mode) => {
      const file = await nodeFs.open(path, flags, mode);
      const own: OpenFile = {
        stat: async () => (path === target ? foreign(await file.stat()) : file.stat()),
        readFile: () => file.readFile(),
        writeFile: (data) => file.writeFile(data),
        chmod: (bits) => file.chmod(bits),
        chown: async (uid, gid) => {
          asked.push([uid, gid]);
          throw failing("EPERM");
        },
        sync: () => file.sync(),
        close: () => file.close(),
      };
      return own;
    },
  };
  assert.equal((await writeTarget(target, () => "new", { fs })).written, true);
  assert.deepEqual(asked, [[4242, 4243]]);
});

test("a name of the greatest length still finds room for its temporary file", async (t) => {
  const target = join(folder(t), "n".repeat(255));
  await writeTarget(target, () => "x");
  assert.equal(readFileSync(target, "utf8"), "x");
});

test("a hard link is cut: the other name keeps the old text, the target gets the new one", async (t) => {
  const home = folder(t);
  writeFileSync(join(home, "a"), "old");
  linkSync(join(home, "a"), join(home, "b"));
  await writeTarget(join(home, "a"), () => "new");
  assert.deepEqual([readFileSync(join(home, "a"), "utf8"), readFileSync(join(home, "b"), "utf8")], ["new", "old"]);
});
