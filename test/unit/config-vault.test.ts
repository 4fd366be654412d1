import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem } from "../../src/config/problems.ts";
import { check, rule, warnings } from "../support/config-checks.ts";

// The section vault: the way there, and logging in.

test("Vault's paths and address lose their slashes; the prefix ends in one", () => {
  const vault = check(
    "vault: { address: https://v/path//, kv_mount: /kv/v2/, user_prefix: people//, auth_mount: sso/ }",
  ).config?.vault;
  assert.deepEqual(
    [vault?.address, vault?.kvMount, vault?.userPrefix, vault?.authMount],
    ["https://v/path", "kv/v2", "people/", "sso"],
  );
});

for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
  test(`plain http to ${host} is accepted`, () => {
    assert.equal(check(`vault: { address: "http://${host}:8200" }`).config?.vault.address, `http://${host}:8200`);
  });
}

for (const [written, complaint] of [
  ["address: 'unix://run/v.sock'", "vault.address: this is no socket; say unix:///run/vault.sock"],
  ["address: 'unix:///run/'", "vault.address: this is no socket; say unix:///run/vault.sock"],
  ["addresses: ['https://v', 'http://v']", "vault.addresses[1]: plain http is for this machine only; say https://v"],
  [
    "addresses: ['']",
    "vault.addresses[0]: the address is empty; say https://vault.example.com:8200, or leave vault out",
  ],
  ["address: 'https://v', tls_server_name: 'https://v'", 'tls_server_name: "https://v" is not a host\'s name; say'],
  ["address: 'https://v', ca_path: certs", 'vault.ca_path: "certs" is a relative path; begin with / or ~/'],
  ["address: 'https://v', client_cert: '~/certs/'", 'vault.client_cert: "~/certs/" names a directory, not a file'],
] as const) {
  test(`the way to Vault: ${written}`, () => {
    const { problems: found } = check(`vault: { ${written} }`);
    assert.equal(found.length, 1);
    assert.ok(found.map(formatProblem).join().includes(complaint), found.map(formatProblem).join());
  });
}

test("mtls logs in at Vault's method cert, unless a mount is named", () => {
  const mounted = (more: string) =>
    check(`vault: { address: https://v, auth_method: mtls${more} }`).config?.vault.authMount;
  assert.deepEqual([mounted(""), mounted(", auth_mount: mtls")], ["cert", "mtls"]);
});

test("policies of a narrowed token; they have no effect on a token that a person brings", () => {
  const narrow = "policies: [a, b], no_default_policy: true, token_role: dev";
  const { config, warnings: none } = check(`vault: { address: https://v, auth_method: kubernetes, ${narrow} }`);
  assert.deepEqual(config?.vault.narrowing, { policies: ["a", "b"], noDefaultPolicy: true, tokenRole: "dev" });
  assert.deepEqual(none, []);
  const { warnings: found } = check("vault: { address: https://v, no_default_policy: true }");
  assert.match(
    found.map(formatProblem).join(),
    /vault\.no_default_policy has no effect on a token that a person brings/,
  );
});

test("vault.addresses alone name a server; each counts once; unix sockets are addresses", () => {
  const { config, warnings: found } = check("vault: { addresses: ['https://a', 'https://b', 'https://a'] }");
  assert.deepEqual([config?.vault.address, config?.vault.moreAddresses, found], ["https://a", ["https://b"], []]);
  const both = check("vault: { address: 'unix:///run/v.sock', addresses: ['https://b'] }");
  assert.deepEqual(
    [both.config?.vault.address, both.config?.vault.moreAddresses],
    ["unix:///run/v.sock", ["https://b"]],
  );
});

test("a client key without its certificate is said to have no effect", () => {
  const { config, warnings: found } = check("vault: { address: 'https://v', client_key: ~/k.pem }");
  assert.deepEqual(config?.vault.tls, { skipVerify: false });
  assert.match(found.map(formatProblem).join(), /vault\.client_key has no effect without vault\.client_cert/);
});

for (const method of ["oidc+tpm", "mtls+os", "ldap+tpm"]) {
  test(`logging in with ${method} loads, and a person is told what is done until it comes`, () => {
    const { config, warnings: found } = check(`vault: { address: https://v, auth_method: ${method} }`);
    assert.equal(config?.vault.login, undefined);
    assert.match(
      found.map(formatProblem).join(),
      /comes with a later version; until then dotvault reads DOTVAULT_TOKEN/,
    );
  });
}

for (const [written, login] of [
  ["approle, role_id_file: ~/r, secret_id_file: ~/s", { method: "approle", roleIdFile: "~/r", secretIdFile: "~/s" }],
  ["jwt, auth_role: ci, jwt_env: ID_TOKEN", { method: "jwt", role: "ci", jwtEnv: "ID_TOKEN" }],
  [
    "approle, role_id_file: ~/r, secret_id_file: ~/s, secret_id_wrapping_path: /auth/approle/role/dev/secret-id/",
    {
      ...{ method: "approle", roleIdFile: "~/r", secretIdFile: "~/s" },
      secretIdWrappingPath: "auth/approle/role/dev/secret-id",
    },
  ],
  ["jwt, jwt_command: [print-token, --short]", { method: "jwt", jwtCommand: ["print-token", "--short"] }],
  ["userpass, username: ada", { method: "userpass", username: "ada" }],
  ["mtls, client_cert: ~/c", { method: "mtls", certFile: "~/c" }],
  [
    "cert, auth_role: dev, client_cert: ~/c, client_key: ~/k",
    { method: "cert", role: "dev", certFile: "~/c", keyFile: "~/k" },
  ],
  ["oidc, auth_role: dev, oidc_callback_port: 0", { method: "oidc", role: "dev", callbackPort: 0 }],
  ["oidc", { method: "oidc", callbackPort: 8250 }],
  ["token, wrapped_token_file: ~/w", { method: "token", wrappedTokenFile: "~/w" }],
  ["ldap, password_file: ~/p", { method: "ldap", passwordFile: "~/p" }],
  ["kubernetes", { method: "kubernetes", jwtFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" }],
] as const) {
  test(`auth_method ${written}: dotvault logs in by itself, and says nothing`, () => {
    const { config, warnings: found } = check(`vault: { address: https://v, auth_method: ${written} }`);
    assert.deepEqual(config?.vault.login, login);
    assert.deepEqual(found, []);
  });
}

for (const [method, needs] of [
  ["approle", "vault.role_id_file and vault.secret_id_file"],
  ["jwt", "vault.jwt_file, vault.jwt_env or vault.jwt_command"],
  ["mtls", "vault.client_cert"],
] as const) {
  test(`${method} without its keys still loads (the predecessor had none), and says what it needs`, () => {
    const { config, warnings: found } = check(`vault: { address: https://v, auth_method: ${method} }`);
    assert.equal(config?.vault.login, undefined);
    assert.match(
      found.map(formatProblem).join(),
      new RegExp(`f:1:43: logging in with ${method} needs ${needs}; until then`),
    );
  });
}

test("a vault section without an address warns: the embedded store is used", () => {
  assert.match(warnings("vault: { kv_mount: secret }").join(), /vault.address is not set: the embedded store is used/);
});

test("a vault_key that nothing fills warns with the nearest enrolment, on the embedded store only", () => {
  const text = rule("path: ~/x, format: json", "name: r, vault_key: jfrgo");
  assert.deepEqual(warnings(text), [
    'f:4:27: no enrolment is named "jfrgo", so the embedded store never holds it (did you mean "jfrog"?)',
  ]);
  assert.deepEqual(warnings(`vault: { address: https://v }\n${text}`), []);
});
