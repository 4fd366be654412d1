import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import { createVaultStore } from "../../src/adapters/vault/store.ts";
import { mountKv, type OpenBao, startOpenBao, tokenWith } from "../support/openbao.ts";
import { patrolOver } from "../support/patrol.ts";

const SECOND = 1_000;
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

/** Secrets of a user of their own, and the rounds over them with a token; every request is counted with its time. */
async function stage(user: string, n: number, token: string) {
  const names = Array.from({ length: n }, (_, i) => `s${i}`);
  const write = (name: string) => bao.api("POST", `kv/data/users/${user}/${name}`, { data: { token: "x" } });
  for (const name of names) await write(name);
  const requests: number[] = [];
  const counting: typeof http = {
    ...http,
    send: (request) => {
      requests.push(rounds.time());
      return http.send(request);
    },
  };
  const place = { address: bao.address, kvMount: "kv", userPrefix: "users", user };
  const store = createVaultStore({ ...place, token: async () => token, http: counting });
  const rounds = patrolOver(store, names);
  rounds.patrol.now();
  await rounds.patrol.settled();
  requests.length = 0;
  rounds.synced.length = 0;
  return { ...rounds, names, write, requests };
}

test("OpenBao lists: a hundred secrets are looked at with one request each ten seconds", async () => {
  const { runFor, write, synced, requests } = await stage("lists", 100, "root");
  await runFor(60 * SECOND);
  assert.equal(requests.length, 6);
  await write("s63");
  await runFor(10 * SECOND);
  assert.deepEqual(
    synced.map(({ name }) => name),
    ["s63"],
  );
  assert.equal(requests.length, 8, "one more look, and the secret itself");
});

for (const [what, endpoint] of [
  ["metadata of single secrets", "metadata"],
  ["nothing but the secrets themselves", "data"],
]) {
  test(`a policy that shows ${what}: one request a second, ten secrets within ten seconds`, async () => {
    const user = `only-${endpoint}`;
    const allowed = { [`kv/data/users/${user}/*`]: ["read"], [`kv/${endpoint}/users/${user}/*`]: ["read"] };
    const { runFor, write, synced, requests, names, time } = await stage(user, 10, await tokenWith(bao, allowed));
    await runFor(30 * SECOND);
    assert.equal(requests.length, 30);
    for (const [i, at] of requests.entries()) assert.ok(at - (requests[i - 1] ?? 0) >= SECOND);
    for (const name of names) await write(name);
    const changed = time();
    await runFor(10 * SECOND);
    assert.deepEqual(synced.map(({ name }) => name).toSorted(), names);
    assert.ok(synced.every(({ at }) => at - changed <= 10 * SECOND));
  });
}
