import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { createTokenSource, watchTokenFile } from "../../src/adapters/vault/token.ts";

let home: string;
let warnings: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "dotvault-token-"));
  warnings = [];
});
afterEach(() => rmSync(home, { recursive: true }));

const brought = (env: Record<string, string> = {}) =>
  createTokenSource({ env, home, warn: (message) => void warnings.push(message) });
const source = (env: Record<string, string> = {}) => {
  const ask = brought(env);
  return async () => (await ask())?.token;
};
const path = () => join(home, ".dotvault-token");

test("the environment comes first, then the file; both are trimmed", async () => {
  writeFileSync(path(), "s.file\n", { mode: 0o600 });
  assert.equal(await source({ DOTVAULT_TOKEN: " s.env\n" })(), "s.env");
  assert.equal(await source({ DOTVAULT_TOKEN: "  " })(), "s.file");
  assert.equal(await source()(), "s.file");
  assert.deepEqual(warnings, []);
});

test("where it came from is told with it", async () => {
  writeFileSync(path(), "s.file", { mode: 0o600 });
  assert.equal((await brought({ DOTVAULT_TOKEN: "s.env" })())?.source, "env");
  assert.equal((await brought()())?.source, "file");
});

test("a change of the file is told at once, one of another file is not", async () => {
  const told = Promise.withResolvers<string>();
  const end = watchTokenFile(home, () => told.resolve(readFileSync(path(), "utf8")));
  writeFileSync(join(home, "another"), "x");
  writeFileSync(`${path()}.new`, "s.two", { mode: 0o600 });
  renameSync(`${path()}.new`, path());
  assert.equal(await told.promise, "s.two");
  end();
});

test("VAULT_TOKEN, an empty file and no file are no token", async () => {
  assert.equal(await source({ VAULT_TOKEN: "s.other" })(), undefined);
  writeFileSync(path(), " \n", { mode: 0o600 });
  assert.equal(await source()(), undefined);
});

test("a replaced file is picked up", async () => {
  const token = source();
  writeFileSync(path(), "s.one", { mode: 0o600 });
  assert.equal(await token(), "s.one");
  writeFileSync(`${path()}.new`, "s.two", { mode: 0o600 });
  renameSync(`${path()}.new`, path());
  assert.equal(await token(), "s.two");
  rmSync(path());
  assert.equal(await token(), undefined);
});

test("a file that others can read is used, with one warning that says what to do", async () => {
  writeFileSync(path(), "s.file");
  chmodSync(path(), 0o644);
  const token = source();
  assert.deepEqual([await token(), await token()], ["s.file", "s.file"]);
  assert.deepEqual(warnings, [`${path()} can be read by other users of this machine: chmod 600 ${path()}`]);
});

test("a file that can't be read says so instead of counting as none", async () => {
  mkdirSync(path());
  await assert.rejects(source()(), { class: "store.no-token", message: /EISDIR/ });
});
