import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultAnswer } from "../../src/adapters/vault/answer.ts";
import type { VaultRequest } from "../../src/adapters/vault/client.ts";
import { concludeLogin } from "../../src/adapters/vault/login/conclude.ts";
import { scripted } from "../support/login.ts";

/**
 * What OpenBao has no methods for: pushes, and several factors to choose from. The shape is that of
 * https://developer.hashicorp.com/vault/docs/auth/login-mfa (duo, okta, pingid); the TOTP exchange is tested against OpenBao.
 */
const totp = { type: "totp", id: "t-1", uses_passcode: true, name: "phone" };
const duo = { type: "duo", id: "d-1", uses_passcode: false, name: "corp" };
const granted = { auth: { client_token: "hvs.x", lease_duration: 3600, renewable: true } };

function answer(status: number, body: unknown): VaultAnswer {
  return { status, headers: {}, body, serverTime: undefined };
}

const asks = (...constraints: object[][]) =>
  answer(200, {
    auth: {
      client_token: "",
      mfa_requirement: {
        mfa_request_id: "r-1",
        mfa_constraints: Object.fromEntries(constraints.map((any, i) => [`c${i}`, { any }])),
      },
    },
  });

async function pass(login: VaultAnswer, person: ReturnType<typeof scripted>, validated = answer(200, granted)) {
  const sent: VaultRequest[] = [];
  const client = {
    call: async (request: VaultRequest) => {
      sent.push(request);
      return validated;
    },
  };
  return { result: await concludeLogin(login, "ldap", 0, { client, now: () => 0, person }), sent };
}

test("a push: nothing is asked, the person is told what to do, and the request has time for it", async () => {
  const person = scripted([]);
  const { result, sent } = await pass(asks([duo]), person);
  assert.equal(result.kind, "granted");
  assert.deepEqual(sent[0]?.json, { mfa_request_id: "r-1", mfa_payload: { "d-1": [] } });
  assert.ok(Number(sent[0]?.timeouts?.headersMs) >= 60_000);
  assert.deepEqual(person.told, ["Approve the sign-in on your phone (duo corp)."]);
});

test("a push that is denied is not sent again by itself", async () => {
  const { result, sent } = await pass(asks([duo]), scripted([]), answer(403, { errors: ["denied"] }));
  assert.deepEqual([result.kind, sent.length], ["refused", 1]);
});

test("of several factors the person chooses; where two are wanted, both are given in one request", async () => {
  const person = scripted(["9", "2", "123456"]);
  const { sent } = await pass(asks([totp, duo], [totp]), person);
  assert.deepEqual(sent[0]?.json, { mfa_request_id: "r-1", mfa_payload: { "d-1": [], "t-1": ["123456"] } });
  assert.deepEqual(
    person.asked.map(({ question }) => question),
    ["Second factor [1-2]:", "Second factor [1-2]:", "Code (totp phone):"],
  );
});

test("a factor of no known kind, or none to choose from, is a refusal; names are shown without control characters", async () => {
  for (const any of [[], [{ type: 7 }], [{ id: "x" }]]) {
    const { result, sent } = await pass(asks(any), scripted([]));
    assert.deepEqual([result.kind, sent.length], ["refused", 0]);
  }
  const person = scripted(["1"]);
  await pass(asks([{ ...totp, name: "a\u001b[2Jb\nc" }]), person);
  assert.equal(person.asked[0]?.question, "Code (totp a [2Jb c):");
});
