import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import { typedLogin } from "../../src/adapters/vault/login/password.ts";
import { loginDesk, scripted } from "../support/login.ts";

/**
 * LDAP's server side is not in OpenBao: these are HashiCorp Vault's answers as its API page prints them, and as a Vault with
 * a directory that refuses the bind gives them. https://developer.hashicorp.com/vault/api-docs/auth/ldap#login-with-ldap-user
 */
const granted = {
  lease_id: "",
  renewable: false,
  lease_duration: 0,
  data: null,
  auth: {
    client_token: "c4f280f6-fdb2-18eb-89d3-589e2e834cdb",
    policies: ["admins", "default"],
    metadata: { username: "mitchellh" },
    lease_duration: 2_764_800,
    renewable: true,
  },
};
const refused = { errors: ["ldap operation failed: failed to bind as user"] };

async function recorded(t: TestContext, status: number, answer: object) {
  const seen: { method: string | undefined; url: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    seen.push({ method: request.method, url: request.url, body: Buffer.concat(chunks).toString("utf8") });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const http = createHttp();
  t.after(() => Promise.all([http.close(), server.close()]));
  return { seen, desk: loginDesk(http, `http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

test("ldap: the password goes where Vault wants it, and the token comes back with its life", async (t) => {
  const { seen, desk } = await recorded(t, 200, granted);
  const person = scripted(["correct horse"]);
  const result = await desk.login(typedLogin("ldap", "corp/ldap", "mitchell h"), { person, now: () => 1_000 });
  assert.deepEqual(seen, [
    { method: "POST", url: "/v1/auth/corp/ldap/login/mitchell%20h", body: '{"password":"correct horse"}' },
  ]);
  assert.ok(result.kind === "granted");
  const { token, expiresAt, renewable } = result.life;
  assert.deepEqual([token, expiresAt, renewable], [granted.auth.client_token, 2_764_801_000, true]);
});

test("ldap: a bind that the directory refuses is a refusal, in the server's words and without the password", async (t) => {
  const { desk } = await recorded(t, 400, refused);
  const person = scripted(["correct horse"]);
  const result = await desk.login(typedLogin("ldap", "ldap", "ada"), { person });
  assert.ok(result.kind === "refused");
  assert.equal(result.message, `vault refuses the login at auth/ldap: ${refused.errors[0]}`);
  assert.ok(!JSON.stringify(result).includes("correct horse"));
});
