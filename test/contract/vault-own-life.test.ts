import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import { createVaultClient, type VaultClient } from "../../src/adapters/vault/client.ts";
import { keepingAlive } from "../../src/adapters/vault/own-life.ts";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";

/** The token that a person brought, kept alive at OpenBao's own server. */

let bao: OpenBao;
const http = createHttp();
before(async () => {
  bao = await startOpenBao();
});
after(async () => {
  await http.close();
  await bao.stop();
});

async function made(settings: object): Promise<string> {
  const answer = await bao.api("POST", "auth/token/create", { policies: ["default"], ...settings });
  return (answer as { auth: { client_token: string } }).auth.client_token;
}

/** `token()` asks, and waits for what went on beside it. */
function source(token: string, real?: VaultClient) {
  const asked: string[] = [];
  const flying: Promise<unknown>[] = [];
  const behind = real ?? createVaultClient({ address: bao.address, http, token: async () => undefined });
  const client: VaultClient = {
    call(request) {
      asked.push(request.path.replace("auth/token/", ""));
      const answer = behind.call(request);
      flying.push(answer.catch(() => {}));
      return answer;
    },
  };
  const clock = { now: Date.now() };
  const ask = keepingAlive({ own: async () => token, client, clock: () => clock.now });
  const settled = async () => {
    assert.equal(await ask(), token);
    await Promise.all(flying);
    await new Promise(setImmediate);
  };
  return { settled, clock, asked };
}

test("it is renewed once a third of its life is left, and not before", async () => {
  const { settled, clock, asked } = source(await made({ ttl: "1h", renewable: true }));
  await settled();
  clock.now += 39 * 60_000;
  await settled();
  assert.deepEqual(asked, ["lookup-self"]);
  clock.now += 2 * 60_000;
  await settled();
  await settled();
  assert.deepEqual(asked, ["lookup-self", "renew-self"]);
});

for (const [what, settings] of [
  ["not renewable", { ttl: "1h", renewable: false }],
  ["mistyped", undefined],
] as const) {
  test(`a token that is ${what} is let be`, async () => {
    const { settled, clock, asked } = source(settings === undefined ? "s.mistyped" : await made(settings));
    for (let hour = 0; hour < 3; hour++) {
      await settled();
      clock.now += 3_600_000;
    }
    assert.deepEqual(asked, ["lookup-self"]);
  });
}

test("the root token, which has no end, is let be", async () => {
  const { settled, clock, asked } = source("root");
  await settled();
  clock.now += 1e12;
  await settled();
  assert.deepEqual(asked, ["lookup-self"]);
});

test("an outage is asked again after a minute, and the request is not kept from its token", async () => {
  const address = "http://127.0.0.1:1";
  const { settled, clock, asked } = source("s.x", createVaultClient({ address, http, token: async () => undefined }));
  for (const after of [0, 59_000, 2000]) {
    clock.now += after;
    await settled();
  }
  assert.deepEqual(asked, ["lookup-self", "lookup-self"]);
});
