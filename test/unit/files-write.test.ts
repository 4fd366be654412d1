import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  type FsPort,
  fingerprint,
  nodeFs,
  type OpenFile,
  readTarget,
  writeTarget,
} from "../../src/adapters/files/index.ts";
import { MACHINE } from "../../src/adapters/files/leftovers.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "dotvault-write-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;
const temporaries = (path: string) => readdirSync(path).filter((name) => name.endsWith(".tmp"));
const failing = (code: string) => Object.assign(new Error(code), { code });

/** Counts the steps of a write and makes one of them fail, before or after it has been done. */
function breakingFs(at: number, when: "before" | "after", code: string): { fs: FsPort; steps: string[] } {
  const steps: string[] = [];
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const here = steps.push(name) === at;
    if (here && when === "before") throw failing(code);
    const result = await work();
    if (here) throw failing(code);
    return result;
  };
  const wrap = (file: OpenFile): OpenFile => ({
    stat: () => step("file.stat", () => file.stat()),
    readFile: () => step("file.read", () => file.readFile()),
    writeFile: (data) => step("file.write", () => file.writeFile(steps.length === at ? data.subarray(0, 3) : data)),
    chmod: (mode) => step("file.chmod", () => file.chmod(mode)),
    chown: (uid, gid) => step("file.chown", () => file.chown(uid, gid)),
    sync: () => step("file.sync", () => file.sync()),
    close: async () => {
      await file.close();
      await step("file.close", () => Promise.resolve());
    },
  });
  const fs: FsPort = {
    lstat: (path) => step("lstat", () => nodeFs.lstat(path)),
    access: (path, mode) => step("access", () => nodeFs.access(path, mode)),
    readlink: (path) => step("readlink", () => nodeFs.readlink(path)),
    realpath: (path) => step("realpath", () => nodeFs.realpath(path)),
    mkdir: (path, options) => step("mkdir", () => nodeFs.mkdir(path, options)),
    readdir: (path) => step("readdir", () => nodeFs.readdir(path)),
    open: async (path, flags, mode) => {
      const here = steps.push("open") === at;
      if (here) throw failing(code);
      return wrap(await nodeFs.open(path, flags, mode));
    },
    rename: (from, to) => step("rename", () => nodeFs.rename(from, to)),
    unlink: (path) => step("unlink", () => nodeFs.unlink(path)),
  };
  return { fs, steps };
}

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

test("a file changed between read and write is merged again, never overwritten", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "one");
  const seen: (string | undefined)[] = [];
  await writeTarget(target, (before) => {
    if (seen.push(before) === 1) writeFileSync(target, "two");
    return `${before}+ours`;
  });
  assert.deepEqual(seen, ["one", "two"]);
  assert.equal(readFileSync(target, "utf8"), "two+ours");
  assert.deepEqual(temporaries(dirname(target)), []);
});

for (const step of ["rename", "unlink"] as const) {
  test(`what another program writes into the old file in the very moment of our ${step} is merged, not lost`, async (t) => {
    const target = join(folder(t), "conf");
    writeFileSync(target, "one");
    let moments = 0;
    const meanwhile = () => {
      if (moments++ === 0) writeFileSync(target, "theirs");
    };
    const fs: FsPort = {
      ...nodeFs,
      async rename(from, to) {
        meanwhile();
        await nodeFs.rename(from, to);
      },
      async unlink(path) {
        if (path === target) meanwhile();
        await nodeFs.unlink(path);
      },
    };
    const seen: (string | undefined)[] = [];
    const produce = (before: string | undefined) => {
      seen.push(before);
      if (step === "unlink") return before === "one" ? null : undefined;
      return before?.endsWith("+ours") ? undefined : `${before}+ours`;
    };
    const { written } = await writeTarget(target, produce, { fs });
    assert.equal(written, true);
    assert.deepEqual(seen, ["one", "theirs"]);
    assert.equal(readFileSync(target, "utf8"), step === "unlink" ? "theirs" : "theirs+ours");
    assert.deepEqual(temporaries(dirname(target)), []);
  });
}

test("bits that somebody takes away between read and write are not given back", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "one", { mode: 0o640 });
  chmodSync(target, 0o640);
  let tries = 0;
  await writeTarget(
    target,
    (before) => {
      if (tries++ === 0) chmodSync(target, 0o600);
      return `${before}+ours`;
    },
    { mode: 0o660 },
  );
  assert.deepEqual([modeOf(target), readFileSync(target, "utf8"), tries], [0o600, "one+ours", 2]);
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

test("a file that is changed every time: files.busy, and the other program's text stays", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "0");
  const busy = writeTarget(target, (before) => {
    writeFileSync(target, `${Number(before) + 1}`);
    return "ours";
  });
  await assert.rejects(busy, { code: "files.busy" });
  assert.equal(readFileSync(target, "utf8"), "5");
  assert.deepEqual(temporaries(dirname(target)), []);
});

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

test("a file that is to go and was changed meanwhile is asked about again", async (t) => {
  const target = join(folder(t), "conf");
  writeFileSync(target, "ours");
  const gone = await writeTarget(target, (before) => {
    if (before !== "ours") return undefined;
    writeFileSync(target, "theirs");
    return null;
  });
  assert.deepEqual([gone.written, readFileSync(target, "utf8")], [false, "theirs"]);
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
