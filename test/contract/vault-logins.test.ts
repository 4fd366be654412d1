import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { rootCertificates } from "node:tls";
import { createHttp } from "../../src/adapters/http/create.ts";
import type { Credentials } from "../../src/adapters/vault/login/credentials.ts";
import { unattendedLogin } from "../../src/adapters/vault/login/unattended.ts";
import { mountKv, type OpenBao, revokeToken, startOpenBao } from "../support/openbao.ts";
import { type SessionStage, storeStage } from "../support/vault-session.ts";

/** The logins that dotvault makes by itself, against OpenBao's own server. */

let bao: OpenBao;
let dir: string;
const http = createHttp();

before(async () => {
  dir = mkdtempSync(join(tmpdir(), "dotvault-logins-"));
  bao = await startOpenBao();
  await mountKv(bao, "kv");
  await bao.api("POST", "sys/policies/acl/dotvault", {
    policy: 'path "kv/data/users/alice/*" { capabilities = ["create", "read", "update"] }',
  });
});
after(async () => {
  for (const stage of stages) await stage.stop();
  await http.close();
  await bao?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(dir, name);
  writeFileSync(path, `${content}\n`, { mode: 0o600 });
  return path;
}

const stages: SessionStage[] = [];

/** A store whose session logs in so; time is the test's. */
function storeWith(
  mount: string,
  credentials: Credentials,
  more: Partial<Omit<Parameters<typeof storeStage>[1], "method">> = {},
) {
  const method = unattendedLogin(mount, credentials);
  const made = storeStage(http, { address: bao.address, ...more, method });
  stages.push(made.stage);
  return made;
}

async function appRole(mount: string): Promise<Credentials> {
  await bao.api("POST", `sys/auth/${mount}`, { type: "approle" });
  await bao.api("POST", `auth/${mount}/role/dev`, { token_policies: "dotvault", token_ttl: "1h" });
  const role = (await bao.api("GET", `auth/${mount}/role/dev/role-id`)) as { data: { role_id: string } };
  const secret = (await bao.api("POST", `auth/${mount}/role/dev/secret-id`)) as { data: { secret_id: string } };
  const roleIdFile = file(`${mount}-role`, role.data.role_id);
  return { method: "approle", roleIdFile, secretIdFile: file(`${mount}-secret`, secret.data.secret_id) };
}

test("approle: many requests at once are one login; it is renewed at two thirds of its life, and not before", async () => {
  const { store, stage, logins, renewals } = storeWith("ar1", await appRole("ar1"));
  await Promise.all(["a", "b", "c"].map((name) => store.write(name, { x: "1" }, 0)));
  assert.deepEqual([logins(), renewals()], [1, 0]);
  await stage.pass(39 * 60_000);
  await store.read("a");
  assert.deepEqual([logins(), renewals()], [1, 0]);
  await stage.pass(2 * 60_000);
  await Promise.all([store.read("a"), store.read("b")]);
  assert.deepEqual([logins(), renewals()], [1, 1]);
});

test("a renewal that the server refuses is followed by a login, unseen by who asked", async () => {
  const { store, stage, logins, renewals } = storeWith("ar2", await appRole("ar2"));
  await store.write("max", { x: "1" }, 0);
  await revokeToken(bao, await stage.token());
  await stage.pass(41 * 60_000);
  await store.read("max");
  assert.deepEqual([logins(), renewals()], [2, 1]);
});

test("a token that was revoked is replaced within the same request; a policy that denies is not a dead token", async () => {
  const { store, stage, logins } = storeWith("ar3", await appRole("ar3"));
  await store.write("again", { x: "1" }, 0);
  await revokeToken(bao, await stage.token());
  assert.equal((await store.read("again")).state, "present");
  assert.equal(logins(), 2);
  await assert.rejects(store.softDelete("again", 1), { class: "store.denied" });
  assert.equal(logins(), 2);
});

test("a login that was refused is not presented again until a file changes, whatever time passes and whoever restarts", async () => {
  const right = await appRole("ar4");
  assert.ok(right.method === "approle");
  const { store, stage, logins } = storeWith("ar4", { ...right, secretIdFile: file("mistyped", "not-it") });
  for (let time = 0; time < 3; time++) {
    await assert.rejects(store.read("n"), { class: "store.token", message: /refuses the login at auth\/ar4: invalid/ });
  }
  await stage.pass(16 * 60_000);
  stage.crash();
  stage.restart();
  await assert.rejects(store.read("n"), { class: "store.token", message: /refuses the login at auth\/ar4: invalid/ });
  assert.deepEqual([logins(), stage.state], [1, "refused"]);
  const secret = (await bao.api("POST", "auth/ar4/role/dev/secret-id")) as { data: { secret_id: string } };
  file("mistyped", secret.data.secret_id);
  assert.equal((await store.read("n")).state, "absent");
  assert.equal(logins(), 2);
});

test("the person's own token comes first, and a login only when it is dead", async () => {
  const made = (await bao.api("POST", "auth/token/create", { policies: ["dotvault"] })) as {
    auth: { client_token: string };
  };
  const { store, logins } = storeWith("ar5", await appRole("ar5"), { own: () => made.auth.client_token });
  await store.read("n");
  assert.equal(logins(), 0);
  await revokeToken(bao, made.auth.client_token);
  await Promise.all([store.read("n"), store.read("m")]);
  assert.equal(logins(), 1);
});

test("a 403 to a dead token that arrives after the next login is not taken for a policy that denies", async () => {
  const late = Promise.withResolvers<void>();
  let holds = false;
  const { store, stage, logins } = storeWith("ar6", await appRole("ar6"), {
    answered: (path) => (holds && path.endsWith("/late") ? late.promise : undefined),
  });
  await revokeToken(bao, await stage.token());
  holds = true;
  const reading = store.read("late");
  await store.read("n");
  holds = false;
  late.resolve();
  assert.equal((await reading).state, "absent");
  assert.equal(logins(), 2);
});

test("an outage at renewal time triggers no login, and is told as an outage", async () => {
  const mortal = await startOpenBao();
  const root = mortal.address;
  const { store, stage, logins, renewals } = await (async () => {
    await mortal.api("POST", "sys/auth/userpass", { type: "userpass" });
    await mortal.api("POST", "auth/userpass/users/alice", {
      password: "pw",
      token_policies: "default",
      token_ttl: "1h",
    });
    const passwordFile = file("mortal", "pw");
    return storeWith("userpass", { method: "userpass", username: "alice", passwordFile }, { address: root });
  })();
  const token = await stage.token();
  await mortal.kill();
  await stage.pass(45 * 60_000);
  assert.equal(await stage.token(), token);
  await assert.rejects(store.read("n"), { class: "store.unreachable" });
  assert.equal(logins(), 1);
  assert.ok(renewals() > 1);
  await stage.pass(120 * 60_000);
  assert.deepEqual([await stage.token(), logins(), stage.state], [token, 1, "renewing"]);
});

test("userpass: the password's file is read; the token works", async () => {
  await bao.api("POST", "sys/auth/people", { type: "userpass" });
  await bao.api("POST", "auth/people/users/alice", { password: "correct horse", token_policies: "dotvault" });
  const passwordFile = file("password", "correct horse");
  const { store } = storeWith("people", { method: "userpass", username: "alice", passwordFile });
  assert.equal((await store.read("n")).state, "absent");
});

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const publicPem = keys.publicKey.export({ type: "spki", format: "pem" });

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iat: now, nbf: now - 5, exp: now + 600, ...claims })}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(keys.privateKey, "base64url")}`;
}

test("jwt: from a variable first, else from the file", async () => {
  await bao.api("POST", "sys/auth/ci", { type: "jwt" });
  await bao.api("POST", "auth/ci/config", { jwt_validation_pubkeys: [publicPem] });
  const role = { role_type: "jwt", user_claim: "sub", bound_audiences: ["bao"], token_policies: "dotvault" };
  await bao.api("POST", "auth/ci/role/build", role);
  const good = jwt({ sub: "build-7", aud: "bao" });
  for (const from of [{ jwt: good, jwtFile: file("stale", "x.y.z") }, { jwtFile: file("jwt", good) }]) {
    const { store } = storeWith("ci", { method: "jwt", role: "build", ...from });
    assert.equal((await store.read("n")).state, "absent");
  }
  const { store } = storeWith("ci", { method: "jwt", role: "build", jwt: jwt({ sub: "build-7", aud: "other" }) });
  await assert.rejects(store.read("n"), { class: "store.token", message: /refuses the login at auth\/ci/ });
  const unset = storeWith("ci", { method: "jwt", role: "build" });
  await assert.rejects(unset.store.read("n"), { class: "store.no-token", message: /vault.jwt_env is not set/ });
});

test("kubernetes: the service account's token, judged by the cluster's TokenReview", async (t) => {
  const account = { username: "system:serviceaccount:dev:dotvault", uid: "u-1" };
  const cluster = createServer((request, response) => {
    request.resume();
    const status = { authenticated: true, user: account };
    response.setHeader("content-type", "application/json");
    response.statusCode = 201;
    response.end(JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", status }));
  }).listen(0, "127.0.0.1");
  await once(cluster, "listening");
  t.after(() => cluster.close());
  await bao.api("POST", "sys/auth/kubernetes", { type: "kubernetes" });
  await bao.api("POST", "auth/kubernetes/config", {
    kubernetes_host: `http://127.0.0.1:${(cluster.address() as AddressInfo).port}`,
    token_reviewer_jwt: jwt({ sub: "reviewer" }),
    disable_local_ca_jwt: true,
    // It insists on one; the review itself goes over plain HTTP.
    kubernetes_ca_cert: rootCertificates[0],
    pem_keys: [publicPem],
  });
  await bao.api("POST", "auth/kubernetes/role/dev", {
    bound_service_account_names: "dotvault",
    bound_service_account_namespaces: "dev",
    token_policies: "dotvault",
  });
  const claims = {
    iss: "kubernetes/serviceaccount",
    sub: account.username,
    "kubernetes.io": { namespace: "dev", serviceaccount: { name: "dotvault", uid: "u-1" } },
  };
  const jwtFile = file("service-account", jwt(claims));
  const { store } = storeWith("kubernetes", { method: "kubernetes", role: "dev", jwtFile });
  assert.equal((await store.read("n")).state, "absent");
});

test("a namespace: the login, the renewal and the secrets are there, and not in the root", async () => {
  await bao.api("POST", "sys/namespaces/team", {});
  await bao.api("POST", "team/sys/auth/userpass", { type: "userpass" });
  await bao.api("POST", "team/sys/policies/acl/dotvault", {
    policy: 'path "kv/data/users/alice/*" { capabilities = ["create", "read", "update"] }',
  });
  const user = { password: "pw", token_policies: "dotvault", token_ttl: "1h" };
  await bao.api("POST", "team/auth/userpass/users/alice", user);
  await mountKv(bao, "kv", { below: "team" });
  const passwordFile = file("team", "pw");
  const { store, stage, logins, renewals } = storeWith(
    "userpass",
    { method: "userpass", username: "alice", passwordFile },
    { namespace: "team" },
  );
  await store.write("here", { x: "1" }, 0);
  await stage.pass(41 * 60_000);
  assert.equal((await store.read("here")).state, "present");
  assert.deepEqual([logins(), renewals()], [1, 1]);
  await bao.api("GET", "team/kv/data/users/alice/here");
  await assert.rejects(bao.api("GET", "kv/data/users/alice/here"), /404/);
});
