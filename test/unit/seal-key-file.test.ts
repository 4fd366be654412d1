import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { generateKey } from "../../src/seal/key.ts";
import { createKey, keyringId, loadKey } from "../../src/seal/key-file.ts";
import type { Keyring } from "../../src/seal/keyring.ts";

function place() {
  const parent = mkdtempSync(join(tmpdir(), "dotvault-key-"));
  return {
    path: join(parent, "deep", "er", "key"),
    [Symbol.dispose]: () => rmSync(parent, { recursive: true }),
  };
}

test("a missing key is undefined, and looking makes nothing", () => {
  using home = place();
  assert.equal(loadKey(home.path), undefined);
  assert.ok(!existsSync(dirname(home.path)));
});

test("a created key is the one that is loaded afterwards", () => {
  using home = place();
  const created = createKey(home.path);
  assert.equal(loadKey(home.path)?.id, created.id);
});

test("the file has mode 600 and its directories 700, and nothing else is left beside it", () => {
  using home = place();
  createKey(home.path);
  assert.equal(statSync(home.path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(home.path)).mode & 0o777, 0o700);
  assert.equal(statSync(dirname(dirname(home.path))).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(dirname(home.path)), ["key"]);
});

test("a draft that a killed making has left goes with the next one, and nothing else", () => {
  using home = place();
  mkdirSync(dirname(home.path), { recursive: true });
  for (const name of ["key.0123456789ab.new", "key.next", "key.next.0123456789ab.new", "other"])
    writeFileSync(join(dirname(home.path), name), "");
  createKey(home.path);
  assert.deepEqual(readdirSync(dirname(home.path)).sort(), ["key", "key.next", "key.next.0123456789ab.new", "other"]);
});

test("the file is one line in the documented form", () => {
  using home = place();
  createKey(home.path, undefined, (size) => Buffer.alloc(size, 0xff));
  assert.equal(readFileSync(home.path, "utf8"), `dotvault-key-v1:${Buffer.alloc(32, 0xff).toString("base64url")}\n`);
});

/** A keyring in memory; `forgetful` takes and does not keep. */
function keyringOf(entries: Map<string, string>, options: { forgetful?: boolean } = {}): Keyring {
  return {
    get: (id) => entries.get(id),
    set: (id, line) => void (options.forgetful || entries.set(id, line)),
    remove: (id) => void entries.delete(id),
  };
}

test("a key in the keyring: the file names it and does not hold it", () => {
  using home = place();
  const entries = new Map<string, string>();
  const keyring = keyringOf(entries);
  const key = createKey(home.path, keyring);
  assert.equal(readFileSync(home.path, "utf8"), `dotvault-keyring-v1:${key.id}\n`);
  assert.equal(keyringId(home.path), key.id);
  assert.equal(loadKey(home.path, keyring)?.reveal(), key.reveal());
  assert.throws(() => loadKey(home.path), { code: "key.keyring" });
  entries.set(key.id, generateKey().reveal());
  assert.throws(() => loadKey(home.path, keyring), { code: "key.malformed" });
  entries.clear();
  assert.equal(loadKey(home.path, keyring), undefined, "a keyring that has it no more: the key is missing");
});

test("a keyring that takes a key and does not give it back gets none: there is no file either", () => {
  using home = place();
  assert.throws(() => createKey(home.path, keyringOf(new Map(), { forgetful: true })), { code: "key.keyring" });
  assert.ok(!existsSync(home.path));
});

test("an existing key is never replaced", () => {
  using home = place();
  const first = createKey(home.path);
  assert.throws(() => createKey(home.path), { code: "key.exists" });
  assert.equal(loadKey(home.path)?.id, first.id);
  assert.deepEqual(readdirSync(dirname(home.path)), ["key"]);
});

test("a key that others may read is refused with what to do", { skip: process.platform === "win32" }, () => {
  using home = place();
  createKey(home.path);
  for (const mode of [0o640, 0o604, 0o666]) {
    chmodSync(home.path, mode);
    assert.throws(() => loadKey(home.path), { code: "key.permissions", hint: `chmod 600 ${home.path}` });
  }
});

test("an empty or cut key file is refused, not made anew", () => {
  using home = place();
  createKey(home.path);
  for (const text of ["", "dotvault-key-v1:", readFileSync(home.path, "utf8").slice(0, 30)]) {
    writeFileSync(home.path, text);
    assert.throws(() => loadKey(home.path), { code: "key.malformed" });
    assert.equal(readFileSync(home.path, "utf8"), text);
  }
});

test("a directory in the key's place is an error with a name", () => {
  using home = place();
  createKey(home.path);
  assert.throws(() => loadKey(dirname(home.path)), { code: "key.unreadable" });
});
