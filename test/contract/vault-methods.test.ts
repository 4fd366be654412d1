import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import { certificateLogin } from "../../src/adapters/vault/login/certificate.ts";
import type { LoginMethod } from "../../src/adapters/vault/login/method.ts";
import { narrowed } from "../../src/adapters/vault/login/narrowed.ts";
import { typedLogin } from "../../src/adapters/vault/login/password.ts";
import { tokenPrintedBy } from "../../src/adapters/vault/login/program.ts";
import { unattendedLogin } from "../../src/adapters/vault/login/unattended.ts";
import { wrappedSecretIdLogin } from "../../src/adapters/vault/login/wrapped-secret-id.ts";
import { wrappedTokenLogin } from "../../src/adapters/vault/login/wrapped-token.ts";
import { loginDesk, scratch, scripted, tokenOf, totp } from "../support/login.ts";
import { freePort, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { type Authority, makeAuthority } from "../support/pki.ts";
import { enforceTotp } from "../support/second-factor.ts";

/** Logins with certificates, wrapped secrets, second factors and narrowed tokens, against OpenBao's own server. */

let bao: OpenBao;
let issuer: OpenBao;
let ca: Authority;
let tls = "";
const files = scratch();
const http = createHttp();
type Answer = Record<string, never> & { data: Record<string, string>; auth: Record<string, string> };

before(async () => {
  issuer = await startOpenBao();
  ca = await makeAuthority(issuer);
  const server = await ca.issue({ name: "bao", ips: "127.0.0.1" });
  const port = await freePort();
  tls = `https://127.0.0.1:${port}`;
  const listener = {
    address: `127.0.0.1:${port}`,
    tls_cert_file: files.file("server.pem", server.certificate),
    tls_key_file: files.file("server.key", server.key),
  };
  bao = await startOpenBao({ config: { listener: [{ tcp: listener }] } });
  files.file("ca.pem", ca.certificate);
  await bao.api("POST", "sys/policies/acl/secrets", { policy: 'path "secret/*" { capabilities = ["read"] }' });
  await bao.api("POST", "sys/policies/acl/parent", {
    policy: 'path "auth/token/create" { capabilities = ["update"] }',
  });
  await bao.api("POST", "sys/auth/approle", { type: "approle" });
  await bao.api("POST", "sys/auth/userpass", { type: "userpass" });
});
after(async () => {
  await http.close();
  await Promise.all([bao?.stop(), issuer?.stop()]);
  files.remove();
});

// cert

async function certificateDesk(name: string, ttl?: string) {
  const { certificate, key } = await ca.issue({ name, ...(ttl === undefined ? {} : { ttl }) });
  const [certFile, keyFile] = [files.file(`${name}.pem`, certificate), files.file(`${name}.key`, key)];
  const secure = createHttp({ tls: { caFile: `${files.dir}/ca.pem`, certFile, keyFile } });
  return { desk: loginDesk(secure, tls), certFile, keyFile, close: () => secure.close() };
}

test("cert: the client certificate is the login; a role narrows it; a stranger's is refused", async (t) => {
  await bao.api("POST", "sys/auth/cert", { type: "cert" });
  const role = { certificate: ca.certificate, allowed_common_names: "ada", token_policies: "secrets" };
  await bao.api("POST", "auth/cert/certs/dev", role);
  const ada = await certificateDesk("ada");
  const eve = await certificateDesk("eve");
  t.after(() => Promise.all([ada.close(), eve.close()]));
  for (const name of [undefined, "dev"]) {
    const method = certificateLogin("cert", "cert", { role: name, certFile: ada.certFile, keyFile: ada.keyFile });
    const token = tokenOf(await ada.desk.login(method));
    const looked = (await ada.desk.as(token, "auth/token/lookup-self")).body as { data: { policies: string[] } };
    assert.deepEqual(looked.data.policies, ["default", "secrets"]);
  }
  const strange = certificateLogin("cert", "cert", { certFile: eve.certFile, keyFile: eve.keyFile });
  const result = await eve.desk.login(strange);
  assert.ok(
    result.kind === "refused" && /refuses the login at auth\/cert/.test(result.message),
    JSON.stringify(result),
  );
});

test("cert: an outdated certificate is not sent, and named; a replaced one is another fingerprint", async (t) => {
  const { desk, certFile, keyFile, close } = await certificateDesk("old");
  t.after(close);
  const method = certificateLogin("mtls", "cert", { certFile, keyFile });
  const [before, later] = [await method.fingerprint(), () => Date.now() + 7_200_000];
  await assert.rejects(desk.login(method, { now: later }), {
    class: "store.no-token",
    message: /old\.pem has expired/,
  });
  await assert.rejects(desk.login(method, { now: () => 0 }), { message: /old\.pem is not valid before/ });
  assert.deepEqual(desk.sent, []);
  files.file("old.pem", (await ca.issue({ name: "new" })).certificate);
  assert.notEqual(await method.fingerprint(), before);
});

// wrapped secrets

async function role(name: string): Promise<string> {
  await bao.api("POST", `auth/approle/role/${name}`, { token_policies: "secrets", token_ttl: "1h" });
  const { data } = (await bao.api("GET", `auth/approle/role/${name}/role-id`)) as Answer;
  return files.file(`${name}-role`, data.role_id ?? "");
}

async function wrap(path: string, body: object = {}): Promise<string> {
  const answer = await fetch(`${bao.address}/v1/${path}`, {
    method: "POST",
    headers: { "x-vault-token": "root", "x-vault-wrap-ttl": "300" },
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { wrap_info: { token: string } }).wrap_info.token;
}

test("approle: a wrapped secret id is opened once, kept, and serves the next login; a new file is opened anew", async () => {
  const path = "auth/approle/role/wrapped/secret-id";
  const roleIdFile = await role("wrapped");
  const wrapping = await wrap(path);
  const secretIdFile = files.file("wrapped-secret", wrapping);
  const method = wrappedSecretIdLogin("approle", { roleIdFile, secretIdFile, wrappingPath: path });
  const desk = loginDesk(http, bao.address);
  const tokens = [tokenOf(await desk.login(method)), tokenOf(await desk.login(method))];
  assert.notEqual(tokens[0], tokens[1]);
  const opened = () => desk.sent.filter((sent) => sent === "sys/wrapping/unwrap").length;
  assert.equal(opened(), 1);
  assert.ok(!Buffer.from(desk.kept ?? []).includes(wrapping));
  files.file("wrapped-secret", await wrap(path));
  tokenOf(await desk.login(method));
  assert.equal(opened(), 2);
});

test("approle: a wrapping token of another path is not opened, so that its owner can see what happened", async () => {
  const roleIdFile = await role("swapped");
  await role("other");
  const stolen = await wrap("auth/approle/role/other/secret-id");
  const secretIdFile = files.file("swapped-secret", stolen);
  const wrappingPath = "auth/approle/role/swapped/secret-id";
  const desk = loginDesk(http, bao.address);
  const result = await desk.login(wrappedSecretIdLogin("approle", { roleIdFile, secretIdFile, wrappingPath }));
  assert.ok(
    result.kind === "refused" && /made at auth\/approle\/role\/other\/secret-id, and not at/.test(result.message),
  );
  assert.deepEqual(desk.sent, ["sys/wrapping/lookup"]);
  assert.ok(!JSON.stringify(result).includes(stolen));
  const looked = await fetch(`${bao.address}/v1/sys/wrapping/lookup`, {
    method: "POST",
    body: JSON.stringify({ token: stolen }),
  });
  assert.equal(looked.status, 200);
});

test("approle: a wrapping token that somebody else has opened is refused, with the warning that this may be theft", async () => {
  const path = "auth/approle/role/late/secret-id";
  const roleIdFile = await role("late");
  const wrapping = await wrap(path);
  await fetch(`${bao.address}/v1/sys/wrapping/unwrap`, { method: "POST", headers: { "x-vault-token": wrapping } });
  const files2 = { roleIdFile, secretIdFile: files.file("late-secret", wrapping), wrappingPath: path };
  const result = await loginDesk(http, bao.address).login(wrappedSecretIdLogin("approle", files2));
  assert.ok(result.kind === "refused" && /used up, expired or mistyped/.test(result.message));
  assert.match(result.hint, /somebody else may have/);
});

test("token: a file with a wrapping token gives the token in it; one that wraps something else is not opened", async () => {
  const wrapping = await wrap("auth/token/create", { policies: ["secrets"], ttl: "1h" });
  const desk = loginDesk(http, bao.address);
  const method = wrappedTokenLogin(files.file("wrapped-token", wrapping));
  const token = tokenOf(await desk.login(method));
  assert.equal((await desk.as(token, "auth/token/lookup-self")).status, 200);
  const again = await desk.login(method);
  assert.equal(again.kind, "refused");
  files.file("wrapped-token", await wrap("auth/approle/role/wrapped/secret-id"));
  const other = await desk.login(method);
  assert.ok(other.kind === "refused" && /not at auth\/token\/create: it has not been opened/.test(other.message));
});

// jwt_command

test("jwt: the program's words are passed as they are; what it prints or why it failed never shows a secret", async () => {
  const node = process.execPath;
  const run = (script: string, patience = 20_000) => {
    const jwtCommand = { words: [node, "-e", script, "s3cret"] as const, env: {}, now: Date.now, patience };
    const method = unattendedLogin("ci", { method: "jwt", role: "r", jwtCommand });
    return loginDesk(http, bao.address).login(method);
  };
  await bao.api("POST", "sys/auth/ci", { type: "jwt" });
  const rows = [
    ["process.exit(3)", /ended with exit code 3/],
    ["console.log('se cret')", /printed more than one word/],
    ["", /printed nothing/],
    ["console.log('x'.repeat(100000))", /printed more than a token/],
    ["console.error('s3cret'); process.kill(process.pid, 'SIGTERM')", /was ended by SIGTERM/],
  ] as const;
  for (const [script, why] of rows) {
    const failed = await run(script).catch((error: Error) => error);
    assert.ok(failed instanceof Error && why.test(failed.message), String(failed));
    assert.ok(!/se ?cret|s3cret|xxx/.test(failed.message), failed.message);
  }
  await assert.rejects(run("setInterval(() => {}, 1000)", 300), /was not done after 0.3 s/);
  const seen = "console.log([process.argv[1], process.env.A, process.env.VAULT_TOKEN].join('.').replaceAll(' ', '_'))";
  const words = [node, "-e", seen, "$HOME; `id`"] as const;
  assert.equal(await tokenPrintedBy({ words, env: { A: "a", VAULT_TOKEN: "root" } }), "$HOME;_`id`.a.");
  const gone = unattendedLogin("ci", {
    method: "jwt",
    jwtCommand: { words: ["/nowhere/print-token"], env: {}, now: Date.now },
  });
  await assert.rejects(loginDesk(http, bao.address).login(gone), /can't be started \(ENOENT\)/);
});

// second factors

async function secondFactor(user: string): Promise<string> {
  await bao.api("POST", `auth/userpass/users/${user}`, { password: "pw", token_policies: "secrets" });
  return enforceTotp(bao, "userpass", user);
}

test("a second factor: the code is asked for, a mistyped one may be typed again, the token is real", async () => {
  const url = await secondFactor("mfa");
  const desk = loginDesk(http, bao.address);
  const person = scripted(["pw", "000 000", () => totp(url).replace(/^.../, "$& ")]);
  const token = tokenOf(await desk.login(typedLogin("userpass", "userpass", "mfa"), { person }));
  assert.equal((await desk.as(token, "auth/token/lookup-self")).status, 200);
  assert.deepEqual(person.asked, [
    { question: "Password of mfa at Vault:", hidden: true },
    { question: "Code (totp):", hidden: false },
    { question: "Code (totp):", hidden: false },
  ]);
  assert.deepEqual(person.told, ["Vault does not take that code. Wait for the next one, and type it."]);
});

test("a second factor: nobody there: refused with what to run; three wrong codes: refused, and no password in it", async () => {
  await secondFactor("wrong");
  const desk = loginDesk(http, bao.address);
  const passwordFile = files.file("wrong-password", "pw");
  const alone = await desk.login(unattendedLogin("userpass", { method: "userpass", username: "wrong", passwordFile }));
  assert.deepEqual(alone, {
    kind: "refused",
    class: "login.second-factor",
    message: "the login at auth/userpass asks for a second factor",
    hint: "run: dotvault login",
    wantsPerson: true,
  });
  const person = scripted(["pw", "1", "2", "3"]);
  const result = await desk.login(typedLogin("userpass", "userpass", "wrong"), { person });
  assert.ok(result.kind === "refused" && /refuses the login at auth\/userpass: failed to satisfy/.test(result.message));
  assert.equal(person.asked.length, 4);
});

test("a password that nobody can type is no login, and nothing is sent", async () => {
  const desk = loginDesk(http, bao.address);
  await assert.rejects(desk.login(typedLogin("ldap", "ldap", "ada")), { class: "store.no-token" });
  assert.deepEqual(desk.sent, []);
});

// narrowed tokens

async function login(user: string, policies: string[], more: object = {}): Promise<LoginMethod> {
  const body = { password: "pw", token_policies: policies, token_ttl: "1h", ...more };
  await bao.api("POST", `auth/userpass/users/${user}`, body);
  return unattendedLogin("userpass", { method: "userpass", username: user, passwordFile: files.file("pw", "pw") });
}

const policiesOf = async (token: string) => {
  const answer = (await bao.api("POST", "auth/token/lookup", { token })) as { data: { policies: string[] } };
  return answer.data.policies;
};

test("a narrowed token has exactly the named policies, and ends when the login's token does, however long it was given", async () => {
  const method = narrowed(await login("narrow", ["secrets", "parent"]), {
    policies: ["secrets"],
    noDefaultPolicy: true,
  });
  const desk = loginDesk(http, bao.address);
  const warned: string[] = [];
  const result = await desk.login(method, { warn: (message) => warned.push(message) });
  assert.deepEqual(await policiesOf(tokenOf(result)), ["secrets"]);
  assert.ok(result.kind === "granted" && !result.life.renewable);
  assert.equal(result.life.who, "narrow");
  assert.ok(result.life.expiresAt <= Date.now() + 3_600_000);
  assert.deepEqual(warned, [
    'the narrowed token lacks a rule, whether it is alive can\'t be asked: add to vault.policies path "auth/token/lookup-self" { capabilities = ["read"] }',
  ]);
});

test("with a token role that makes orphans it outlives the login, whose token is ended at once", async () => {
  await bao.api("POST", "auth/token/roles/dotvault", { orphan: true, allowed_policies: "secrets,self" });
  await bao.api("POST", "sys/policies/acl/self", {
    policy:
      'path "auth/token/lookup-self" { capabilities = ["read"] }\npath "auth/token/renew-self" { capabilities = ["update"] }',
  });
  await bao.api("POST", "sys/policies/acl/by-role", {
    policy: 'path "auth/token/create/dotvault" { capabilities = ["update"] }',
  });
  const inner = await login("orphan", ["by-role"]);
  let parent = "";
  const watched: LoginMethod = {
    ...inner,
    login: async (ports) => {
      const result = await inner.login(ports);
      parent = tokenOf(result);
      return result;
    },
  };
  const narrowing = { policies: ["secrets", "self"], noDefaultPolicy: true, tokenRole: "dotvault" };
  const desk = loginDesk(http, bao.address);
  const warned: string[] = [];
  const result = await desk.login(narrowed(watched, narrowing), { warn: (message) => warned.push(message) });
  assert.deepEqual(await policiesOf(tokenOf(result)), ["secrets", "self"]);
  assert.ok(result.kind === "granted" && result.life.renewable);
  await assert.rejects(policiesOf(parent), /403/);
  assert.deepEqual(warned, []);
});

for (const [why, policies, narrow, message, hint] of [
  [
    "may not make tokens",
    ["secrets"],
    ["secrets"],
    /do not allow to make/,
    /path "auth\/token\/create" \{ capabilities/,
  ],
  [
    "has less",
    ["parent"],
    ["secrets"],
    /child policies must be subset of parent/,
    /only policies that the login's role/,
  ],
] as const) {
  test(`no narrowed token, no login: a login that ${why} is refused with the rule, and its token is ended`, async () => {
    const inner = await login("none", [...policies], { no_default_policy: true, token_no_default_policy: false });
    let parent = "";
    const watched: LoginMethod = {
      ...inner,
      login: async (ports) => {
        const result = await inner.login(ports);
        parent = tokenOf(result);
        return result;
      },
    };
    const desk = loginDesk(http, bao.address);
    const result = await desk.login(narrowed(watched, { policies: narrow, noDefaultPolicy: true }));
    assert.ok(result.kind === "refused", JSON.stringify(result));
    assert.match(result.message, message);
    assert.match(result.hint, hint);
    await assert.rejects(policiesOf(parent), /403/);
  });
}
