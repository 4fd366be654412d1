import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type FsPort, nodeFs, writeTarget } from "../../src/adapters/files/index.ts";
import { folder, modeOf, temporaries } from "../support/files-breaking.ts";

// Other programs write, too: what they write in the meantime is merged, and never lost.

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
