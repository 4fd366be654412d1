import assert from "node:assert/strict";
import { test } from "node:test";
import { methodOf } from "../../src/commands/assembly/vault-method.ts";
import { parseConfig } from "../../src/config/check.ts";
import { validators } from "../fixtures/config/validators.ts";

let clock = 0;
const io = { env: { ID_TOKEN: "e.n.v" }, home: "/home/ada", user: "ada", now: () => clock };

async function chosen(written: string) {
  const text = `vault: { address: https://v, ${written} }`;
  const { config, problems } = parseConfig(text, "f", validators);
  assert.deepEqual(problems, []);
  return config && methodOf(config.vault, io);
}

for (const [written, name, needsPerson, files] of [
  ["auth_method: approle, role_id_file: ~/r, secret_id_file: ~/s", "approle", false, ["/home/ada/r", "/home/ada/s"]],
  [
    "auth_method: approle, role_id_file: ~/r, secret_id_file: /s, secret_id_wrapping_path: auth/approle/role/r/secret-id",
    ...(["approle", false, ["/home/ada/r", '"/s"', "auth/approle/role/r/secret-id"]] as const),
  ],
  ["auth_method: jwt, jwt_env: ID_TOKEN, auth_mount: ci", "jwt", false, ["e.n.v", '"ci"']],
  ["auth_method: jwt, jwt_command: [print, --short]", "jwt", false, ["print", "--short"]],
  ["auth_method: kubernetes", "kubernetes", false, ["/var/run/secrets/kubernetes.io/serviceaccount/token"]],
  ["auth_method: userpass, password_file: ~/p", "userpass", false, ["/home/ada/p", '"ada"']],
  ["auth_method: ldap, username: bob", "ldap", true, ['"bob"']],
  ["auth_method: mtls, client_cert: ~/c", "mtls", false, ["/home/ada/c", '"cert"']],
  ["auth_method: oidc, auth_role: dev", "oidc", true, ['"dev"', "8250"]],
  ["auth_method: token, wrapped_token_file: ~/w", "token", false, ["/home/ada/w"]],
] as const) {
  test(`${written}: what it is made of is what its fingerprint tells apart`, async () => {
    const method = await chosen(written);
    assert.deepEqual([method?.name, method?.needsPerson], [name, needsPerson]);
    const fingerprint = String(await method?.fingerprint());
    for (const part of files) assert.ok(fingerprint.includes(part), `${part} in ${fingerprint}`);
  });
}

test("a token that a person brings is no login; policies make another login of the same method", async () => {
  assert.equal(await chosen("auth_method: token"), undefined);
  const [wide, narrow] = [await chosen("auth_method: oidc"), await chosen("auth_method: oidc, policies: [a]")];
  assert.deepEqual([narrow?.name, narrow?.needsPerson], ["oidc", true]);
  assert.notEqual(await wide?.fingerprint(), await narrow?.fingerprint());
});

test("what a program is given to read is no part of the fingerprint: every shell has another environment", async () => {
  const method = await chosen("auth_method: jwt, jwt_command: [print]");
  const first = String(await method?.fingerprint());
  assert.ok(!first.includes("e.n.v"));
  clock = 14 * 60_000;
  assert.equal(await method?.fingerprint(), first);
  clock = 15 * 60_000;
  assert.notEqual(await method?.fingerprint(), first, "it prints another token: what was refused may go well now");
});
