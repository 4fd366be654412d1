import assert from "node:assert/strict";
import { after } from "node:test";
import fc from "fast-check";
import { StoreFailure } from "../../src/adapters/store-port.ts";
import type { VaultAnswer } from "../../src/adapters/vault/answer.ts";
import type { VaultClient } from "../../src/adapters/vault/client.ts";
import type { LoginMethod } from "../../src/adapters/vault/login/method.ts";
import { narrowed } from "../../src/adapters/vault/login/narrowed.ts";
import { oidcLogin } from "../../src/adapters/vault/login/oidc/login.ts";
import { typedLogin } from "../../src/adapters/vault/login/password.ts";
import { unattendedLogin } from "../../src/adapters/vault/login/unattended.ts";
import { wrappedSecretIdLogin } from "../../src/adapters/vault/login/wrapped-secret-id.ts";
import { wrappedTokenLogin } from "../../src/adapters/vault/login/wrapped-token.ts";
import { scratch, scripted } from "../support/login.ts";
import { property } from "../support/property.ts";

const files = scratch();
after(() => files.remove());

const SECRET = "s3cret-of-a-person";
const secretFile = files.file("secret", SECRET);
const wrappingPath = "auth/approle/role/dev/secret-id";
const untouched = JSON.stringify(Object.getOwnPropertyNames(Object.prototype).toSorted());

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, -1, 0, 1e300, "", "\u001b]0;x\u0007", "a\u202eb\r\nc", {}, [], "x".repeat(10_000)),
  fc.jsonValue(),
);
const nasty = fc.constantFrom("\u001b]0;x\u0007", "a\u202eb\r\nc", "\u009b2Jx");
/** What a server says as a rule, so that the draws come far. */
const often = <T>(usual: T) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>(usual) }, { weight: 2, arbitrary: nasty }, odd);

const factor = fc.record({ id: often("f-1"), type: often("totp"), name: odd, uses_passcode: often(true) });
const requirement = fc.record({
  mfa_request_id: often("r-1"),
  mfa_constraints: fc.oneof(
    { weight: 1, arbitrary: odd },
    { weight: 3, arbitrary: fc.record({ all: fc.record({ any: fc.array(factor, { maxLength: 3 }) }) }) },
  ),
});
const auth = fc.record(
  {
    client_token: often("hvs.t"),
    lease_duration: often(3600),
    renewable: odd,
    orphan: odd,
    mfa_requirement: requirement,
  },
  { requiredKeys: ["client_token"] },
);
const data = fc.record({
  ...{ creation_path: often(wrappingPath), secret_id: often("id"), state: odd, poll_interval: odd },
  auth_url: fc.oneof(odd, fc.constantFrom("https://idp/?state=x", "file:///etc/passwd?state=x", "javascript:alert(1)")),
});
const answer = fc.record({
  status: fc.constantFrom(200, 200, 200, 204, 307, 400, 403, 404, 412, 429, 500, 503),
  headers: fc.constant({}),
  body: fc.oneof(odd, fc.record({ auth, data, errors: fc.array(odd) })),
  serverTime: fc.constant(0),
});

function methods(): readonly LoginMethod[] {
  const password = unattendedLogin("userpass", { method: "userpass", username: "ada", passwordFile: secretFile });
  return [
    password,
    unattendedLogin("approle", { method: "approle", roleIdFile: secretFile, secretIdFile: secretFile }),
    unattendedLogin("jwt", { method: "jwt", jwt: SECRET }),
    typedLogin("ldap", "ldap", "ada"),
    wrappedSecretIdLogin("approle", { roleIdFile: secretFile, secretIdFile: secretFile, wrappingPath }),
    wrappedTokenLogin(secretFile),
    narrowed(password, { policies: ["p"], noDefaultPolicy: true }),
    oidcLogin("oidc", { callbackPort: 0, nonce: () => SECRET, patience: 1, pause: async () => {} }),
  ];
}

property(
  "whatever Vault answers to whatever login: an outcome or a failure of the store, told in one harmless line, without what was presented",
  [fc.array(answer, { minLength: 1, maxLength: 6 })],
  async (answers) => {
    for (const method of methods()) {
      let turn = 0;
      const next = () => answers[turn++ % answers.length] as VaultAnswer;
      const client: VaultClient = { call: async () => next() };
      const opened: string[] = [];
      const asked: string[] = [];
      const ask = async (question: string) => (asked.push(question) > 0 && /1-\d/.test(question) ? "1" : SECRET);
      const person = { ...scripted([], (url) => opened.push(url) > 0), ask };
      const warned: string[] = [];
      const ports = { client, now: () => 0, person, warn: (message: string) => warned.push(message) };
      const end = await method.login(ports).catch((error: unknown) => error);
      if (!(end instanceof StoreFailure)) assert.ok(typeof (end as { kind?: unknown })?.kind === "string", String(end));
      const { message = "", hint = "" } = end as { message?: string; hint?: string };
      for (const line of [message, hint, ...warned, ...asked, ...person.told]) {
        assert.doesNotMatch(line, /\p{C}/u);
        assert.ok(!line.includes(SECRET), line);
      }
      for (const url of opened) assert.match(url, /^https:/);
    }
    assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype).toSorted()), untouched);
    return true;
  },
);
