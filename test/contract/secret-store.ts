import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  type Document,
  type Found,
  nameSegments,
  parseSpelled,
  type SecretStore,
  StoreConflict,
  StoreFailure,
} from "../../src/adapters/store-port.ts";

/** A store under contract. */
export interface StoreRig {
  /** The same documents through connections of its own: another process, another machine. */
  another(): SecretStore;
  /** Whether a number is stored as it was spelled, or (OpenBao) as a double. */
  readonly keepsSpelling: boolean;
}

type Present = Extract<Found, { state: "present" }>;

/** What every implementation of the port has to do: the ways of KVv2. `rig` is asked once, in a `before` hook. */
export function secretStoreContract(kind: string, rig: () => StoreRig): void {
  describe(`the secret store's contract: ${kind}`, () => {
    let store: SecretStore;
    let names = 0;
    /** A name that no other test uses. */
    const fresh = (prefix = "n") => `${prefix}${names++}`;
    before(() => {
      store = rig().another();
    });

    readsAndWrites(() => store, fresh);
    checkAndSet(() => store, fresh, rig);
    deletions(() => store, fresh);
    looks(() => store, fresh);
    contents(() => store, fresh, rig);
    refusedNames(() => store);
  });
}

type Fresh = (prefix?: string) => string;

function readsAndWrites(store: () => SecretStore, fresh: Fresh) {
  test("a name that was never written is absent at version 0", async () => {
    const found = await store().read(fresh());
    assert.equal(found.state, "absent");
    assert.equal(found.version, 0);
    assert.ok(Number.isSafeInteger(found.serverTime));
  });

  test("what was created is read back with its version and its time", async () => {
    const name = fresh();
    const written = await store().write(name, { access_token: "one" }, 0);
    assert.equal(written.version, 1);
    const found = await present(store(), name);
    assert.deepEqual(found.fields, { access_token: "one" });
    assert.deepEqual([found.version, found.createdAt], [1, written.createdAt]);
    assert.ok(Number.isSafeInteger(written.createdAt) && Number.isSafeInteger(written.serverTime));
  });

  test("a write replaces the whole document as the next version", async () => {
    const name = fresh();
    const first = await store().write(name, { a: "1", b: "2" }, 0);
    const second = await store().write(name, { b: "3" }, 1);
    assert.equal(second.version, 2);
    assert.ok(second.createdAt >= first.createdAt);
    assert.deepEqual((await present(store(), name)).fields, { b: "3" });
  });
}

function checkAndSet(store: () => SecretStore, fresh: Fresh, rig: () => StoreRig) {
  test("creating what exists is a conflict and changes nothing", async () => {
    const name = fresh();
    await store().write(name, { a: "first" }, 0);
    await assert.rejects(store().write(name, { a: "second" }, 0), StoreConflict);
    assert.deepEqual((await present(store(), name)).fields, { a: "first" });
  });

  test("a stale version, and one that does not exist yet, are conflicts", async () => {
    const name = fresh();
    await store().write(name, { a: "1" }, 0);
    await store().write(name, { a: "2" }, 1);
    await assert.rejects(store().write(name, { a: "stale" }, 1), StoreConflict);
    await assert.rejects(store().write(name, { a: "ahead" }, 3), StoreConflict);
    await assert.rejects(store().write(fresh(), { a: "ahead" }, 1), StoreConflict);
    assert.equal((await present(store(), name)).version, 2);
  });

  test("of concurrent writers on one version exactly one wins, and its document is the one that stays", async () => {
    const name = fresh();
    await store().write(name, { a: "base" }, 0);
    const writers = Array.from({ length: 8 }, (_, index) => ({ id: `w${index}`, store: rig().another() }));
    const results = await Promise.allSettled(writers.map((writer) => writer.store.write(name, { a: writer.id }, 1)));
    const winners = writers.filter((_, index) => results[index]?.status === "fulfilled");
    for (const result of results) {
      if (result.status === "rejected") assert.ok(result.reason instanceof StoreConflict, String(result.reason));
    }
    assert.equal(winners.length, 1);
    assert.deepEqual((await present(store(), name)).fields, { a: winners[0]?.id });
    await Promise.all(writers.map((writer) => writer.store.close()));
  });
}

function deletions(store: () => SecretStore, fresh: Fresh) {
  test("a soft deletion leaves the name absent at its version, with the time of the deletion", async () => {
    const name = fresh();
    const { createdAt } = await store().write(name, { a: "1" }, 0);
    await store().softDelete(name, 1);
    const found = await store().read(name);
    assert.equal(found.state, "absent");
    assert.equal(found.version, 1);
    assert.ok(found.state === "absent" && found.deletedAt !== undefined && found.deletedAt >= createdAt);
  });

  test("a soft deletion takes exactly its version: a later one stays", async () => {
    const name = fresh();
    await store().write(name, { a: "1" }, 0);
    await store().write(name, { a: "2" }, 1);
    await store().softDelete(name, 1);
    assert.deepEqual((await present(store(), name)).fields, { a: "2" });
    await store().softDelete(name, 9);
    assert.equal((await present(store(), name)).version, 2);
    await store().softDelete(name, 2);
    assert.equal((await store().read(name)).state, "absent");
  });

  test("a soft deletion is idempotent, also of what was never written", async () => {
    const name = fresh();
    await store().write(name, { a: "1" }, 0);
    await store().softDelete(name, 1);
    const { serverTime: _first, ...deleted } = await store().read(name);
    await store().softDelete(name, 1);
    await store().softDelete(fresh(), 1);
    const { serverTime: _second, ...still } = await store().read(name);
    assert.deepEqual(still, deleted);
  });

  test("after a soft deletion a write names the deleted version, not 0", async () => {
    const name = fresh();
    await store().write(name, { a: "1" }, 0);
    await store().softDelete(name, 1);
    await assert.rejects(store().write(name, { a: "2" }, 0), StoreConflict);
    assert.equal((await store().write(name, { a: "2" }, 1)).version, 2);
    assert.deepEqual((await present(store(), name)).fields, { a: "2" });
  });
}

function looks(store: () => SecretStore, fresh: Fresh) {
  test("a look at nothing is empty", async () => {
    assert.equal((await store().look([])).size, 0);
  });

  test("a look shows versions and times of many names, deleted ones as such, unwritten ones not at all", async () => {
    const group = fresh("group");
    const [live, twice, deleted, unwritten] = [fresh(), fresh(), fresh(), fresh()];
    const grouped = [`${group}/a`, `${group}/b`, `.dotvault/${live}`];
    for (const name of [live, twice, deleted, ...grouped]) await store().write(name, { a: "1" }, 0);
    const second = await store().write(twice, { a: "2" }, 1);
    await store().softDelete(deleted, 1);

    const seen = await store().look([live, twice, deleted, unwritten, `${group}/none`, "no-folder/none", ...grouped]);
    assert.deepEqual([...seen.keys()].sort(), [live, twice, deleted, ...grouped].sort());
    assert.deepEqual(seen.get(twice), { version: 2, createdAt: second.createdAt, deleted: false });
    assert.deepEqual([seen.get(deleted)?.version, seen.get(deleted)?.deleted], [1, true]);
    for (const name of [live, ...grouped]) {
      const { version, createdAt } = await present(store(), name);
      assert.deepEqual(seen.get(name), { version, createdAt, deleted: false });
    }
  });
}

function contents(store: () => SecretStore, fresh: Fresh, rig: () => StoreRig) {
  test("names in a group, under .dotvault, and with characters that a URL gives a meaning, are themselves", async () => {
    const odd = [
      "a b",
      "a%2Fb",
      "a?b#c",
      "ä/ß 秘密",
      "a+b&c=d;e",
      "a:b@c",
      "a.b",
      "..a",
      "a\\b",
      "&#x2F;",
      "'q'(1)*!~",
    ];
    for (const name of [fresh("group/"), fresh(".dotvault/"), fresh("group/deeper/"), ...odd]) {
      await store().write(name, { name }, 0);
      assert.deepEqual((await present(store(), name)).fields, { name }, name);
      assert.deepEqual([...(await store().look([name])).keys()], [name]);
    }
  });

  test("foreign fields survive being read and written back: null, nesting, arrays, unicode, odd keys", async () => {
    const name = fresh();
    const fields = JSON.parse(
      '{"text":"grün \\u0000 \\ud83d\\ude00 \\"q\\"","none":null,"yes":true,"list":[1,"two",null,{"deep":[[]]}],"o":{},"__proto__":{"x":1},"":"empty key"}',
    );
    await store().write(name, fields, 0);
    const first = await present(store(), name);
    await store().write(name, { ...first.fields, access_token: "new" }, 1);
    const { access_token, ...others } = (await present(store(), name)).fields;
    assert.equal(access_token, "new");
    assert.equal(canonical(others), canonical(first.fields));
    assert.equal(canonical(first.fields), canonical(fields));
  });

  test("numbers read and written back are not respelled", async () => {
    const name = fresh();
    const spelled = "[1,-1.5,1e+21,1e-7,0.1,9007199254740991,12345678901234567000]";
    await store().write(name, { numbers: JSON.parse(spelled) }, 0);
    const { fields } = await present(store(), name);
    await store().write(name, fields, 1);
    assert.equal(JSON.stringify((await present(store(), name)).fields.numbers), spelled);
  });

  test("numbers that JavaScript would spell otherwise keep their text", async (t) => {
    if (!rig().keepsSpelling) return t.diagnostic("this server itself turns numbers into doubles");
    const name = fresh();
    const spelled = '{"id":12345678901234567890,"price":1.50,"zero":-0,"list":[1e3]}';
    await store().write(name, parseSpelled(spelled) as Document, 0);
    assert.equal(JSON.stringify((await present(store(), name)).fields), spelled);
  });

  test("a large document goes in and out whole", async () => {
    const name = fresh();
    const fields = { blob: "x".repeat(400_000) };
    await store().write(name, fields, 0);
    assert.deepEqual((await present(store(), name)).fields, fields);
  });
}

function refusedNames(store: () => SecretStore) {
  test("a name that a URL would read as another one is refused before anything is sent", async () => {
    for (const name of ["", "/", "a/", "/a", "a//b", "..", "a/../b", "./a", "a\nb", "a\0"]) {
      const refused = (error: unknown) => error instanceof StoreFailure && error.class === "store.refused";
      assert.throws(() => nameSegments(name), refused);
      await assert.rejects(store().read(name), refused);
      await assert.rejects(store().write(name, {}, 0), refused);
      await assert.rejects(store().softDelete(name, 1), refused);
      await assert.rejects(store().look([name]), refused);
    }
  });
}

async function present(store: SecretStore, name: string): Promise<Present> {
  const found = await store.read(name);
  assert.equal(found.state, "present", name);
  return found as Present;
}

/** Key order is the store's own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner) && !("rawJSON" in inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
