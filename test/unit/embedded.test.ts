import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import Sqlite from "better-sqlite3";
import { openStoreFile } from "../../src/adapters/embedded/file.ts";
import { createEmbeddedStore, type EmbeddedStore } from "../../src/adapters/embedded/store.ts";
import type { SecretStore, StoreFailureClass } from "../../src/adapters/store-port.ts";
import { generateKey } from "../../src/seal/key.ts";

const key = generateKey();
let home: string;
let path: string;
let stores: EmbeddedStore[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "dotvault-embedded-"));
  path = join(home, "new", "store.db");
  stores = [];
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  rmSync(home, { recursive: true });
});

function store(options: { key?: typeof key; clock?: () => number } = {}): EmbeddedStore {
  let now = 1_764_000_000_000;
  const made = createEmbeddedStore({ path, key, clock: () => now++, ...options });
  stores.push(made);
  return made;
}

/** Every operation that touches the file fails with this class. */
async function allFail(of: SecretStore, failureClass: StoreFailureClass) {
  await assert.rejects(of.read("n"), { class: failureClass });
  await assert.rejects(of.write("n", {}, 0), { class: failureClass });
  await assert.rejects(of.softDelete("n", 1), { class: failureClass });
  await assert.rejects(of.look(["n"]), { class: failureClass });
}

function sealedOf(name: string): string {
  const db = new Sqlite(path, { readonly: true });
  const sealed = db.prepare("SELECT sealed FROM documents WHERE name = ?").pluck().get(name);
  db.close();
  return String(sealed);
}

/** Works on the file with a connection of its own, as another process would. */
function tamper(sql: string, ...values: unknown[]) {
  const db = new Sqlite(path);
  db.prepare(sql).run(...values);
  db.close();
}

test("it is nobody else's business, and says where it is", () => {
  assert.deepEqual([store().kind, store().shared, store().place], ["embedded", false, path]);
});

test("reading makes neither file nor directory", async () => {
  assert.equal((await store().read("n")).version, 0);
  await store().softDelete("n", 1);
  assert.equal((await store().look(["n"])).size, 0);
  assert.deepEqual(readdirSync(home), []);
});

test("directory and files belong to the user alone from their first moment, whatever the umask", async () => {
  const umask = process.umask(0);
  try {
    await store().write("n", { a: "1" }, 0);
  } finally {
    process.umask(umask);
  }
  const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
  assert.equal(mode(join(home, "new")), "700");
  assert.deepEqual(
    readdirSync(join(home, "new")).map((file) => `${file} ${mode(join(home, "new", file))}`),
    ["store.db 600", "store.db-shm 600", "store.db-wal 600"],
  );
});

test("commits are durable: synchronous is FULL on a file that was opened again and written", async () => {
  await store().write("n", { a: "1" }, 0);
  await stores[0]?.close();
  const db = await openStoreFile(path);
  db.prepare("UPDATE documents SET created_at = created_at").run();
  assert.equal(db.pragma("synchronous", { simple: true }), 2);
  assert.equal(db.pragma("journal_mode", { simple: true }), "wal");
  db.close();
});

test("secrets are on the disk in sealed form only, and the WAL is emptied after a write", async () => {
  const first = store();
  await first.write("n", { access_token: "planted-token" }, 0);
  await first.write("n", { access_token: "planted-token-2" }, 1);
  await new Promise((done) => setImmediate(done));
  assert.equal(statSync(`${path}-wal`).size, 0);
  const files = readdirSync(join(home, "new")).map((file) => readFileSync(join(home, "new", file), "latin1"));
  assert.ok(files.join("").includes("eyJ"));
  assert.ok(!files.join("").includes("planted"));
});

test("what was written is there for the next process, and the replaced version is not", async () => {
  await store().write("n", { a: "1" }, 0);
  await store().write("n", { a: "2" }, 1);
  await Promise.all(stores.map((each) => each.close()));
  const found = await store().read("n");
  assert.ok(found.state === "present");
  assert.deepEqual(found.fields, { a: "2" });
  const db = new Sqlite(path);
  assert.equal(db.prepare("SELECT count(*) FROM documents").pluck().get(), 1);
  db.close();
});

test("what is purged leaves the disk, its neighbours and later versions stay", async () => {
  const mine = store();
  for (const name of ["gone", "other"]) await mine.write(name, { token: name }, 0);
  const sealed = sealedOf("gone");
  await mine.purge("gone", 2);
  assert.equal((await mine.read("gone")).version, 1, "another version is not meant");
  await mine.purge("gone", 1);
  await mine.purge("gone", 1);
  await new Promise(setImmediate);
  assert.deepEqual(await mine.names(), ["other"]);
  for (const file of readdirSync(join(home, "new"))) {
    assert.ok(!readFileSync(join(home, "new", file), "latin1").includes(sealed), file);
  }
});

test("a file that another process has locked is trouble that passes, and nothing was written", async () => {
  const mine = store();
  await mine.write("n", { a: "1" }, 0);
  const other = new Sqlite(path);
  other.exec("BEGIN EXCLUSIVE");
  await assert.rejects(mine.write("n", { a: "2" }, 1), { class: "store.locked", sent: "no" });
  await assert.rejects(store().softDelete("n", 1), { class: "store.locked" });
  other.exec("ROLLBACK");
  other.close();
  assert.equal((await mine.write("n", { a: "2" }, 1)).version, 2);
});

test("a file that is locked while it is opened can be opened later", async () => {
  await store().write("n", { a: "1" }, 0);
  await stores[0]?.close();
  const other = new Sqlite(path);
  other.pragma("locking_mode = EXCLUSIVE");
  other.exec("BEGIN EXCLUSIVE");
  const mine = store();
  await allFail(mine, "store.locked");
  other.close();
  assert.equal((await mine.read("n")).version, 1);
});

test("a damaged file is named so and left as it is", async () => {
  mkdirSync(join(home, "new"));
  writeFileSync(path, "this is not a database, whatever it is. ".repeat(200));
  const before = readFileSync(path);
  await allFail(store(), "store.damaged");
  assert.deepEqual(readFileSync(path), before);
});

test("a truncated file is damaged, not empty", async () => {
  const first = store();
  for (let index = 0; index < 20; index++) await first.write(`n${index}`, { blob: "x".repeat(4000) }, 0);
  await first.close();
  truncateSync(path, 8192);
  await assert.rejects(store().read("n7"), { class: "store.damaged" });
});

test("a database of something else is refused and not changed", async () => {
  mkdirSync(join(home, "new"));
  const db = new Sqlite(path);
  db.exec("CREATE TABLE theirs (a)");
  db.close();
  await allFail(store(), "store.damaged");
  const again = new Sqlite(path);
  assert.deepEqual(again.prepare("SELECT name FROM sqlite_schema").pluck().all(), ["theirs"]);
  again.close();
});

test("a store of a newer dotvault is refused with what to do", async () => {
  await store().write("n", { a: "1" }, 0);
  await stores[0]?.close();
  const db = new Sqlite(path);
  db.pragma("user_version = 2");
  db.close();
  await assert.rejects(store().read("n"), { class: "store.refused", hint: /update dotvault/ });
});

test("another key opens nothing, and says so", async () => {
  await store().write("n", { a: "1" }, 0);
  await assert.rejects(store({ key: generateKey() }).read("n"), { class: "store.damaged", message: /key/ });
});

for (const [attack, sql] of [
  [
    "put in another's place",
    "UPDATE documents SET sealed = (SELECT sealed FROM documents WHERE name = 'b') WHERE name = 'a'",
  ],
  ["given another version", "UPDATE documents SET version = 2 WHERE name = 'a'"],
  ["re-dated", "UPDATE documents SET created_at = created_at + 1 WHERE name = 'a'"],
  ["changed", "UPDATE documents SET sealed = substr(sealed, 1, length(sealed) - 4) || 'AAAA' WHERE name = 'a'"],
] as const) {
  test(`a sealed document that was ${attack} is not opened`, async () => {
    const mine = store({ clock: () => 1_764_000_000_000 });
    await mine.write("a", { a: "1" }, 0);
    await mine.write("b", { b: "1" }, 0);
    tamper(sql);
    await assert.rejects(mine.read("a"), { class: "store.damaged" });
    assert.equal((await mine.read("b")).state, "present");
  });
}

test("a deleted document can be looked at without its key", async () => {
  await store().write("n", { a: "1" }, 0);
  const other = store({ key: generateKey() });
  await other.softDelete("n", 1);
  assert.equal((await other.look(["n"])).get("n")?.deleted, true);
  assert.equal((await other.read("n")).state, "absent");
});

test("a place that can't be written is told from damage", async () => {
  writeFileSync(join(home, "new"), "a file, not a directory");
  await assert.rejects(store().write("n", {}, 0), { class: "store.denied" });
});

test("a closed store does nothing more", async () => {
  const mine = store();
  await mine.write("n", { a: "1" }, 0);
  await mine.close();
  await mine.close();
  assert.ok(!existsSync(`${path}-wal`));
  await assert.rejects(mine.read("n"), { class: "store.unavailable" });
});

for (const [what, harm] of [
  ["deleted", () => rmSync(path)],
  ["deleted with all that belongs to it", () => rmSync(join(home, "new"), { recursive: true })],
  ["moved away", () => renameSync(path, join(home, "elsewhere"))],
] as const) {
  test(`a file that was ${what} is gone, and what is written next is there for the next process`, async () => {
    const one = store();
    await one.write("n", { a: "old" }, 0);
    harm();
    assert.equal((await one.read("n")).state, "absent");
    assert.equal((await one.look(["n"])).size, 0);
    await one.write("n", { a: "new" }, 0);
    await one.close();
    const found = await store().read("n");
    assert.deepEqual([found.version, found.state === "present" && found.fields], [1, { a: "new" }]);
  });
}

test("a backup that was put in the file's place is what is read, and written on", async () => {
  const one = store();
  await one.write("n", { a: "1" }, 0);
  await one.close();
  copyFileSync(path, join(home, "backup"));
  const two = store();
  await two.write("n", { a: "2" }, 1);
  // The WAL has been written back by then.
  await new Promise((resolve) => setImmediate(resolve));
  renameSync(join(home, "backup"), path);
  assert.equal((await two.read("n")).version, 1);
  await two.write("n", { a: "3" }, 1);
  await two.close();
  const found = await store().read("n");
  assert.deepEqual([found.version, found.state === "present" && found.fields], [2, { a: "3" }]);
});

test("a WAL that was deleted takes nothing with it that is written after", async () => {
  const one = store();
  await one.write("n", { a: "1" }, 0);
  rmSync(`${path}-wal`);
  await one.write("n", { a: "2" }, 1);
  const found = await store().read("n");
  assert.deepEqual([found.version, found.state === "present" && found.fields], [2, { a: "2" }]);
});
