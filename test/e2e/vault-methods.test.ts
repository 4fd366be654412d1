import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { after, before, test } from "node:test";
import {
  enrolled,
  type Machine,
  makeMachine,
  showsLivePair,
  startPlatform,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { scratch } from "../support/login.ts";
import { freePort, mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { type Authority, makeAuthority } from "../support/pki.ts";
import { auditedIn, documentedPolicies } from "../support/policies.ts";

/** The main job with logins that need no person, as an agent makes them. */

let issuer: OpenBao;
let bao: OpenBao;
let ca: Authority;
let tls = "";
const files = scratch();

before(async () => {
  issuer = await startOpenBao();
  ca = await makeAuthority(issuer);
  const server = await ca.issue({ name: "bao", names: "localhost", ips: "127.0.0.1" });
  const port = await freePort();
  tls = `https://127.0.0.1:${port}`;
  const listener = {
    address: `127.0.0.1:${port}`,
    tls_cert_file: files.file("server.pem", server.certificate),
    tls_key_file: files.file("server.key", server.key),
  };
  const audit = { type: "file", path: "log", options: { file_path: `${files.dir}/audit.log` } };
  bao = await startOpenBao({ config: { listener: [{ tcp: listener }], audit: [audit] } });
  await mountKv(bao, "kv");
  await bao.api("POST", "sys/policies/acl/dotvault", { policy: documentedPolicies(userInfo().username).dotvault });
});
after(async () => {
  await Promise.all([bao?.stop(), issuer?.stop()]);
  files.remove();
});

/** Whose certificates gave the tokens that live. */
async function holders(): Promise<Set<string>> {
  const { data } = (await bao.api("LIST", "auth/token/accessors")) as { data: { keys: string[] } };
  const looked = data.keys.map((accessor) => bao.api("POST", "auth/token/lookup-accessor", { accessor }));
  const tokens = (await Promise.all(looked)) as { data: { meta: { common_name?: string } | null } }[];
  return new Set(tokens.flatMap(({ data: { meta } }) => meta?.common_name ?? []));
}

function showsNothing(machine: Machine, secrets: readonly string[]): void {
  for (const { path } of machine.outputs) {
    for (const secret of secrets) assert.ok(!readFileSync(path, "utf8").includes(secret), path);
  }
}

test("cert: enrol and rotate with a client certificate; the one that replaces it is shown at the next login", async (t) => {
  await bao.api("POST", "sys/auth/cert", { type: "cert" });
  const role = { certificate: ca.certificate, token_policies: "dotvault", token_ttl: "1h" };
  await bao.api("POST", "auth/cert/certs/dev", role);
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const vault = {
    ...{ address: tls, auth_method: "mtls", ca_cert: "~/ca.pem" },
    ...{ client_cert: "~/client.pem", client_key: "~/client.key" },
  };
  const machine = makeMachine(t, JSON.stringify({ ...written, vault }));
  machine.home.put("ca.pem", ca.certificate);
  const put = async (name: string): Promise<string> => {
    const { certificate, key } = await ca.issue({ name });
    machine.home.put("client.pem", certificate);
    machine.home.put("client.key", key);
    return key;
  };
  const keys = [await put("first")];
  await enrolled(machine, platform);
  assert.deepEqual(await holders(), new Set(["first"]));
  keys.push(await put("second"));
  await bao.api("POST", "sys/leases/revoke-prefix/auth/cert/login", { sync: true });
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  assert.ok(showsLivePair(machine.home, platform));
  assert.deepEqual(await holders(), new Set(["second"]));
  showsNothing(
    machine,
    keys.map((key) => key.split("\n")[1] ?? key),
  );
});

async function wrapped(path: string): Promise<string> {
  const headers = { "x-vault-token": "root", "x-vault-wrap-ttl": "300" };
  const answer = await fetch(`${bao.address}/v1/${path}`, { method: "POST", headers });
  return ((await answer.json()) as { wrap_info: { token: string } }).wrap_info.token;
}

const isWrapping = async (token: string) => {
  const body = JSON.stringify({ token });
  return (await fetch(`${bao.address}/v1/sys/wrapping/lookup`, { method: "POST", body })).status === 200;
};

test("approle: a wrapped secret id is opened once, through SIGKILL and dead tokens; none is burned while a token lives", async (t) => {
  await bao.api("POST", "sys/auth/approle", { type: "approle" });
  await bao.api("POST", "auth/approle/role/dev", { token_policies: "dotvault", token_ttl: "1h" });
  const role = (await bao.api("GET", "auth/approle/role/dev/role-id")) as { data: { role_id: string } };
  const wrappingPath = "auth/approle/role/dev/secret-id";
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const vault = {
    ...{ address: bao.address, auth_method: "approle", role_id_file: "~/role-id" },
    ...{ secret_id_file: "~/secret-id", secret_id_wrapping_path: wrappingPath },
  };
  const machine = makeMachine(t, JSON.stringify({ ...written, vault }));
  machine.home.put("role-id", role.data.role_id);
  const first = await wrapped(wrappingPath);
  machine.home.put("secret-id", first);
  const opened = () => auditedIn(`${files.dir}/audit.log`).filter(({ path }) => path === "sys/wrapping/unwrap").length;

  const agent = await enrolled(machine, platform);
  assert.equal(opened(), 1);
  await agent.kill();
  machine.run();
  await bao.api("POST", "sys/leases/revoke-prefix/auth/approle/login", { sync: true });
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  assert.equal(opened(), 1, "what was in it serves the next login");

  const second = await wrapped(wrappingPath);
  machine.home.put("secret-id", second);
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  assert.ok(await isWrapping(second), "a live token: the new one is not touched");

  await bao.api("POST", "sys/leases/revoke-prefix/auth/approle/login", { sync: true });
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  assert.ok(!(await isWrapping(second)));
  assert.equal(opened(), 2);
  showsNothing(machine, [first, second]);
});

test("a wrapping token that was made elsewhere is not opened; the agent says so and goes on by itself when it is right", async (t) => {
  await bao.api("POST", "auth/approle/role/other", { token_policies: "dotvault" });
  await bao.api("POST", "auth/approle/role/late", { token_policies: "dotvault", token_ttl: "1h" });
  const role = (await bao.api("GET", "auth/approle/role/late/role-id")) as { data: { role_id: string } };
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const vault = {
    ...{ address: bao.address, auth_method: "approle", role_id_file: "~/role-id" },
    ...{ secret_id_file: "~/secret-id", secret_id_wrapping_path: "auth/approle/role/late/secret-id" },
  };
  const machine = makeMachine(t, JSON.stringify({ ...written, vault }));
  machine.home.put("role-id", role.data.role_id);
  const strange = await wrapped("auth/approle/role/other/secret-id");
  machine.home.put("secret-id", strange);
  machine.run();
  await machine.until("the refusal", () => machine.events("LOGIN_REFUSED").length > 0);
  const message = String(machine.events("LOGIN_REFUSED")[0]?.event.message);
  assert.equal(machine.events("LOGIN_REFUSED")[0]?.event.class, "login.wrapped.other-origin");
  assert.match(message, /made at auth\/approle\/role\/other\/secret-id, and not at/);
  assert.ok(await isWrapping(strange));
  machine.home.put("secret-id", await wrapped("auth/approle/role/late/secret-id"));
  await machine.ask("enrol", { name: "jfrog" });
  await untilSettled(machine, platform);
  showsNothing(machine, [strange]);
});

test("narrowed policies that are changed mean a new login, with exactly the new ones", async (t) => {
  const user = userInfo().username;
  await bao.api("POST", "sys/policies/acl/more", {
    policy: `path "kv/metadata/users/${user}/*" { capabilities = ["read"] }`,
  });
  await bao.api("POST", "sys/policies/acl/make", { policy: 'path "auth/token/create" { capabilities = ["update"] }' });
  await bao.api("POST", "sys/auth/narrow", { type: "approle" });
  const policies = ["dotvault", "more", "make"];
  await bao.api("POST", "auth/narrow/role/dev", {
    token_policies: policies,
    bind_secret_id: false,
    token_bound_cidrs: "127.0.0.1/32",
  });
  const role = (await bao.api("GET", "auth/narrow/role/dev/role-id")) as { data: { role_id: string } };
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const vault = { address: bao.address, auth_method: "approle", auth_mount: "narrow", role_id_file: "~/role-id" };
  const machine = makeMachine(t, JSON.stringify({ ...written, vault: { ...vault, policies: ["dotvault"] } }));
  machine.home.put("role-id", role.data.role_id);
  const agent = await enrolled(machine, platform);
  await agent.stop();
  const from = auditedIn(`${files.dir}/audit.log`).length;
  machine.home.configure(JSON.stringify({ ...written, vault: { ...vault, policies: ["dotvault", "more"] } }));
  machine.run();
  const usedNow = () =>
    auditedIn(`${files.dir}/audit.log`)
      .slice(from)
      .filter(({ path }) => path.startsWith("kv/"))
      .map((request) => request.policies.toSorted().join());
  await machine.until("the new token is used", () => usedNow().length > 0);
  assert.deepEqual(new Set(usedNow()), new Set(["default,dotvault,more"]));
});
