import assert from "node:assert/strict";
import { test } from "node:test";
import type { Http } from "../../src/adapters/http/port.ts";
import { createVaultClient, type VaultRequest } from "../../src/adapters/vault/client.ts";
import { serverWords } from "../../src/adapters/vault/failures.ts";

/** A gateway before Vault that repeats in its refusal all that was sent to it. */
const echo: Http = {
  send: async ({ url, headers, body }) => ({
    status: 400,
    headers: {},
    body: JSON.stringify({ errors: [`no: ${url} ${JSON.stringify(headers)} ${body ?? ""}`.replaceAll('"', "'")] }),
    serverTime: 0,
  }),
  close: async () => {},
};
const client = createVaultClient({ address: "https://vault.test", token: async () => "s.planted-token", http: echo });

const cases: readonly (readonly [Partial<VaultRequest>, RegExp])[] = [
  [{ json: { password: "planted-password" }, token: false }, /'password':'…'/],
  [
    { json: { role_id: "the-role-of-it", secret_id: "planted-secret-id" }, token: false },
    /the-role-of-it.*'secret_id':'…'/,
  ],
  [{ json: { role: "build-agents", jwt: "eyJplanted.planted.planted" }, token: false }, /build-agents/],
  [
    { path: "auth/oidc/oidc/callback?state=planted-state&code=planted-code&client_nonce=planted-n", token: false },
    /code=…/,
  ],
  [{ json: { mfa_request_id: "request-1", mfa_payload: { m: ["planted-passcode"] } }, token: false }, /request-1/],
  [{ json: { options: { cas: 1 }, data: { access_token: "planted-access", more: ["planted-more"] } } }, /'cas':1/],
  [{}, /'X-Vault-Token':'…'/],
];

for (const [request, shown] of cases)
  test(`what was presented is in no refusal's words: ${Object.keys(request.json ?? { token: "" })}${request.path ?? ""}`, async () => {
    const answer = await client.call({ method: "POST", path: "auth/x/login", ...request });
    assert.doesNotMatch(JSON.stringify(answer), /planted/);
    assert.match(JSON.stringify(answer.body), shown, "and the rest of its words is");
    assert.equal(typeof serverWords(answer), "string");
  });
