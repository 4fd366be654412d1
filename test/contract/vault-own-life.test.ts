import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import { createVaultClient, type VaultClient } from "../../src/adapters/vault/client.ts";
import { type OpenBao, revokeToken, startOpenBao } from "../support/openbao.ts";
import { SessionStage } from "../support/vault-session.ts";

/** The token that a person brought, kept alive at OpenBao's own server. */

let bao: OpenBao;
const http = createHttp();
before(async () => {
  bao = await startOpenBao();
});
after(async () => {
  for (const stage of stages) await stage.stop();
  await http.close();
  await bao.stop();
});

async function made(settings: object): Promise<string> {
  const answer = await bao.api("POST", "auth/token/create", { policies: ["default"], ...settings });
  return (answer as { auth: { client_token: string } }).auth.client_token;
}

const stages: SessionStage[] = [];

/** A session with a token that a person brought, and what the server was asked about it. */
function source(token: string, real?: VaultClient) {
  const asked: string[] = [];
  const behind = real ?? createVaultClient({ address: bao.address, http, token: async () => undefined });
  const client: VaultClient = {
    call(request) {
      asked.push(request.path.replace("auth/token/", ""));
      return behind.call(request);
    },
  };
  const stage = new SessionStage({ client, brought: async () => ({ token, source: "file" }) });
  stages.push(stage);
  const used = async () => {
    assert.equal(await stage.token(), token);
    await stage.settle();
  };
  return { stage, used, asked };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("it is renewed once a third of its life is left, and not before", async () => {
  const { stage, used, asked } = source(await made({ ttl: "1h", renewable: true }));
  await used();
  await stage.pass(39 * MINUTE);
  await used();
  assert.deepEqual(asked, ["lookup-self"]);
  await stage.pass(2 * MINUTE);
  await used();
  assert.deepEqual(asked, ["lookup-self", "renew-self"]);
  assert.deepEqual([stage.state, stage.types().at(-1)], ["live", "RENEWED"]);
});

test("a token that can't be renewed is let be to its end, and then the server is asked, not the clock", async () => {
  const { stage, used, asked } = source(await made({ ttl: "1h", renewable: false }));
  await used();
  await stage.pass(59 * MINUTE);
  assert.deepEqual(asked, ["lookup-self"]);
  // The server's clock has not moved: it lives.
  await stage.pass(2 * MINUTE);
  await used();
  assert.deepEqual([stage.state, asked], ["live", ["lookup-self", "lookup-self"]]);
});

test("a mistyped token is presented once; a replaced file is tried at once", async () => {
  let token = "s.mistyped";
  const asked: string[] = [];
  const real = createVaultClient({ address: bao.address, http, token: async () => undefined });
  const client: VaultClient = {
    call: (request) => {
      asked.push(String(request.token));
      return real.call(request);
    },
  };
  const stage = new SessionStage({ client, brought: async () => ({ token, source: "file" }) });
  stages.push(stage);
  await stage.token();
  await stage.settle();
  assert.equal(stage.state, "expired");
  const presented = asked.length;
  for (let hour = 0; hour < 3; hour++) {
    await assert.rejects(stage.token(), { class: "store.token", waitsForSession: true, hint: /dotvault-token/ });
    await stage.pass(HOUR);
  }
  assert.equal(asked.length, presented);
  token = await made({ ttl: "1h" });
  assert.equal(await stage.token(), token);
  await stage.settle();
  assert.equal(stage.state, "live");
});

test("the root token, which has no end, is let be", async () => {
  const { stage, used, asked } = source("root");
  await used();
  await stage.pass(30 * HOUR);
  await used();
  assert.deepEqual(asked, ["lookup-self"]);
});

test("an outage keeps nobody from the token, is asked about now and then, and leaves one event", async () => {
  const address = "http://127.0.0.1:1";
  const { stage, used, asked } = source("s.x", createVaultClient({ address, http, token: async () => undefined }));
  await used();
  for (let minute = 0; minute < 60; minute++) {
    await stage.pass(MINUTE);
    await used();
  }
  assert.ok(asked.length > 4, `${asked.length} looks in an hour`);
  assert.deepEqual(stage.types(), ["CONFIGURED", "TOKEN_BROUGHT", "FAILED"]);
});

test("revoked while the agent is away: found out at its first use, told as a dead token and not as a policy", async () => {
  const token = await made({ ttl: "1h" });
  const { stage, used } = source(token);
  await used();
  stage.crash();
  await revokeToken(bao, token);
  stage.restart();
  assert.equal(await stage.token(), token);
  assert.ok(stage.session.died(stage.session.turn));
  await assert.rejects(stage.token(), { class: "store.token", message: /expired, revoked or mistyped/ });
});
