import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import { StoreFailure } from "../../src/adapters/store-port.ts";
import { overAddresses } from "../../src/adapters/vault/addresses.ts";
import { createVaultStore } from "../../src/adapters/vault/store.ts";
import { startRaft } from "../support/raft.ts";

/** `vault.addresses` against a real cluster: standbys serve, and whatever node is killed, the next one answers. */
test("a cluster by its addresses: a standby is as good as the leader; with either killed, the next request is answered", async (t) => {
  const cluster = await startRaft();
  t.after(() => cluster.stop());
  const leader = await cluster.leader();
  const [standby, other] = cluster.nodes.filter(({ id }) => id !== leader.id);
  assert.ok(standby && other);
  const asked: string[] = [];
  const plain = createHttp();
  t.after(() => plain.close());
  const http = overAddresses(
    {
      ...plain,
      send: (request) => {
        asked.push(new URL(request.url).origin);
        return plain.send(request);
      },
    },
    [standby.address, leader.address, other.address],
  );
  const health = await http.send({ method: "GET", url: `${standby.address}/v1/sys/health` });
  assert.ok([429, 473].includes(health.status), String(health.status));
  const options = { address: standby.address, kvMount: "secret", userPrefix: "users/", user: "ada", http };
  const store = createVaultStore({ ...options, token: async () => cluster.token });

  const first = await store.write("a", { x: "1" }, 0);
  assert.equal((await store.read("a")).version, first.version);
  assert.deepEqual(new Set(asked), new Set([standby.address]), "the standby does for both");

  await cluster.kill(standby);
  const second = await store.write("a", { x: "2" }, first.version);
  assert.equal(asked.at(-1), leader.address);
  asked.length = 0;
  await store.read("a");
  assert.deepEqual(asked, [leader.address], "what works is kept");

  await cluster.revive(standby);
  await cluster.kill(leader);
  assert.equal((await store.read("a")).version, second.version, "standbys serve reads while there is no leader");
  await cluster.leader();
  // A standby may hear of the new leader a moment later than we do; what it says until then passes by itself.
  for (let done = false; !done; ) {
    const written = await store.write("a", { x: "3" }, second.version).catch((error: unknown) => error);
    if (written instanceof StoreFailure) assert.match(written.class, /store\.(unavailable|unreachable)/);
    else done = true;
  }
  assert.equal((await store.read("a")).version, second.version + 1);
  assert.ok(!asked.slice(-1).includes(leader.address));
});
