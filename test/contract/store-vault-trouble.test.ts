import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import { type SecretStore, StoreFailure, type StoreFailureClass } from "../../src/adapters/store-port.ts";
import { createVaultStore } from "../../src/adapters/vault/store.ts";
import {
  deleteMetadata,
  mountKv,
  type OpenBao,
  revokeToken,
  seal,
  startOpenBao,
  tokenWith,
} from "../support/openbao.ts";

const http = createHttp();
/** Not there yet when a name filter leaves no test to wait for it. */
let bao: OpenBao;

before(async () => {
  bao = await startOpenBao();
  await mountKv(bao, "kv");
});

after(async () => {
  await http.close();
  await bao?.stop();
});

function storeWith(options: { token?: string | undefined; kvMount?: string; user?: string; address?: string } = {}) {
  const { token = "root", kvMount = "kv", user = "alice", address = bao.address } = options;
  return createVaultStore({ address, kvMount, userPrefix: "users", user, token: async () => token, http });
}

/** Every operation fails with this class; no message shows the token. Returns the failures. */
async function allFail(store: SecretStore, failureClass: StoreFailureClass, token = "root"): Promise<StoreFailure[]> {
  const tries = [store.read("n"), store.write("n", {}, 0), store.softDelete("n", 1), store.look(["n"])];
  const failures: StoreFailure[] = [];
  for (const result of await Promise.allSettled(tries)) {
    assert.equal(result.status, "rejected");
    assert.ok(result.reason instanceof StoreFailure, String(result.reason));
    assert.equal(result.reason.class, failureClass);
    assert.ok(!`${result.reason.message} ${result.reason.hint} ${result.reason.stack}`.includes(token));
    failures.push(result.reason);
  }
  return failures;
}

test("the store says where it is", () => {
  assert.equal(storeWith().place, `${bao.address} (kv/users/alice)`);
});

test("a mistyped, a revoked and an unspeakable token are told from a missing policy", async () => {
  await allFail(storeWith({ token: "s.mistyped" }), "store.token", "s.mistyped");
  const revoked = await tokenWith(bao, { "kv/*": ["create", "read", "update", "list"] });
  await storeWith({ token: revoked }).read("n");
  await revokeToken(bao, revoked);
  await allFail(storeWith({ token: revoked }), "store.token", revoked);
  await allFail(storeWith({ token: "two\nlines" }), "store.token", "two\nlines");
});

for (const noDefaultPolicy of [false, true]) {
  test(`a policy's denial names path and capability (no default policy: ${noDefaultPolicy})`, async () => {
    const token = await tokenWith(bao, { "kv/data/users/bob/*": ["read"] }, { noDefaultPolicy });
    const [read, write, remove, look] = await allFail(storeWith({ token }), "store.denied", token);
    assert.match(String(read?.hint), /path "kv\/data\/users\/alice\/n" \{ capabilities = \["read"\] \}/);
    assert.match(String(write?.message), /create on kv\/data\/users\/alice\/n/);
    assert.match(String(remove?.message), /update on kv\/delete\/users\/alice\/n/);
    assert.match(String(look?.message), /read on kv\/data\/users\/alice\/n/);
  });
}

test("no token is a failure of its own that says where to put one", async () => {
  const store = createVaultStore({
    ...{ address: bao.address, kvMount: "kv", userPrefix: "users/", user: "alice", http },
    token: async () => undefined,
  });
  const [failure] = await allFail(store, "store.no-token");
  assert.match(String(failure?.hint), /\.dotvault-token .* DOTVAULT_TOKEN/);
});

test("a look falls back to metadata and to the documents where the policy allows no listing", async () => {
  const root = storeWith({ user: "carol" });
  const { createdAt } = await root.write("live", { a: "1" }, 0);
  await root.write("group/gone", { a: "1" }, 0);
  await root.softDelete("group/gone", 1);
  const rules = [
    { "kv/metadata/users/carol/*": ["read"] },
    { "kv/data/users/carol/*": ["read"] },
    { "kv/metadata/users/carol/live": ["read"], "kv/data/users/carol/*": ["read"] },
  ];
  for (const rule of rules) {
    const store = storeWith({ user: "carol", token: await tokenWith(bao, rule) });
    for (const _again of [1, 2]) {
      const seen = await store.look(["live", "group/gone", "never"]);
      assert.deepEqual([...seen.keys()].sort(), ["group/gone", "live"]);
      assert.deepEqual(seen.get("live"), { version: 1, createdAt, deleted: false });
      assert.equal(seen.get("group/gone")?.deleted, true);
    }
  }
});

test("destroyed versions are absent at their version", async () => {
  const store = storeWith({ user: "dora" });
  await store.write("n", { a: "1" }, 0);
  await bao.api("POST", "kv/destroy/users/dora/n", { versions: [1] });
  const found = await store.read("n");
  assert.deepEqual([found.state, found.version], ["absent", 1]);
  assert.equal((await store.look(["n"])).get("n")?.deleted, true);
});

test("after its metadata was deleted a document starts at version 1 again, with a later creation time", async () => {
  const store = storeWith({ user: "erik" });
  const first = await store.write("n", { a: "1" }, 0);
  await deleteMetadata(bao, "kv", "users/erik/n");
  assert.equal((await store.read("n")).version, 0);
  assert.equal((await store.look(["n"])).size, 0);
  const second = await store.write("n", { a: "2" }, 0);
  assert.equal(second.version, first.version);
  assert.ok(second.createdAt > first.createdAt);
  assert.equal((await store.look(["n"])).get("n")?.createdAt, second.createdAt);
});

test("a name with metadata and no version is as one that was never written", async () => {
  const store = storeWith({ user: "finn" });
  await bao.api("POST", "kv/metadata/users/finn/n", { cas_required: true });
  assert.equal((await store.look(["n"])).size, 0);
  const found = await store.read("n");
  assert.deepEqual([found.state, found.version], ["absent", 0]);
  assert.equal((await store.write("n", { a: "1" }, 0)).version, 1);
});

test("a version that is to be deleted later is there until then", async () => {
  const store = storeWith({ user: "gwen" });
  await bao.api("POST", "kv/metadata/users/gwen/n", { delete_version_after: "1h" });
  await store.write("n", { a: "1" }, 0);
  assert.equal((await store.look(["n"])).get("n")?.deleted, false);
  assert.equal((await store.read("n")).state, "present");
});

test("a mount that is not there, and one of version 1, say so", async () => {
  await allFail(storeWith({ kvMount: "nowhere" }), "store.no-mount");
  await mountKv(bao, "old", { version: 1 });
  const store = storeWith({ kvMount: "old" });
  await assert.rejects(store.write("n", { a: "1" }, 0), {
    class: "store.odd-answer",
    sent: "maybe",
    hint: /version 2/,
  });
  await assert.rejects(store.read("n"), { class: "store.odd-answer" });
});

test("sealed is a state of its own, and certain not to have written", async () => {
  const other = await startOpenBao();
  try {
    await mountKv(other, "kv");
    const store = storeWith({ address: other.address });
    await store.read("n");
    await seal(other);
    for (const failure of await allFail(store, "store.sealed")) assert.equal(failure.sent, "no");
  } finally {
    await other.stop();
  }
});

test("a server that is down is unreachable without a byte sent, and is used again when it is back", async () => {
  const other = await startOpenBao();
  const port = Number(new URL(other.address).port);
  const store = storeWith({ address: other.address });
  try {
    await mountKv(other, "kv");
    await store.write("n", { a: "1" }, 0);
  } finally {
    await other.kill();
  }
  const down = [store.read("n"), store.write("n", {}, 1), store.softDelete("n", 1), store.look(["n"])];
  for (const result of await Promise.allSettled(down)) {
    assert.equal(result.status, "rejected");
    assert.equal((result.reason as StoreFailure).class, "store.unreachable");
  }
  // From here on no kept connection is left whose end could have come while we were sending.
  for (const failure of await allFail(store, "store.unreachable")) assert.equal(failure.sent, "no");

  const back = await startOpenBao({ port });
  try {
    await mountKv(back, "kv");
    assert.equal((await store.read("n")).version, 0);
    assert.equal((await store.write("n", { a: "2" }, 0)).version, 1);
  } finally {
    await back.stop();
  }
});

test("one store serves concurrent calls", async () => {
  const store = storeWith({ user: "hans" });
  const names = Array.from({ length: 30 }, (_, index) => `g${index % 3}/n${index}`);
  await Promise.all(names.map((name) => store.write(name, { name }, 0)));
  assert.equal((await store.look(names)).size, 30);
  const all = await Promise.all(names.map((name) => store.read(name)));
  assert.deepEqual(
    all.map((found) => found.state === "present" && found.fields.name),
    names,
  );
});
