import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { after, before, test } from "node:test";
import { enrolled, makeMachine, showsLivePair, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { deleteMetadata, mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { documentedPolicies } from "../support/policies.ts";

/** The main job with a login of dotvault's own and exactly the policy that docs/vault.md gives: no token from a person. */

let bao: OpenBao;
const USER = userInfo().username;
const least = documentedPolicies(USER).dotvault;

before(async () => {
  bao = await startOpenBao();
  await mountKv(bao, "kv");
  await bao.api("POST", "sys/policies/acl/least", { policy: least });
  await bao.api("POST", "sys/auth/approle", { type: "approle" });
  await bao.api("POST", "auth/approle/role/dev", { token_policies: "least", token_ttl: "1h" });
});
after(() => bao.stop());

async function idOf(path: string, method: string, field: string, below = ""): Promise<string> {
  const answer = (await bao.api(method, `${below}auth/approle/role/dev/${path}`)) as { data: Record<string, string> };
  return answer.data[field] ?? "";
}

/** Ends every token that AppRole has given. */
async function revokeAll(): Promise<void> {
  await bao.api("POST", "sys/leases/revoke-prefix/auth/approle/login", { sync: true });
}

test("enrol, rotate across a dead token, un-enrol: with AppRole and the least policy", async (t) => {
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const vault = {
    address: bao.address,
    auth_method: "approle",
    role_id_file: "~/role-id",
    secret_id_file: "~/secret-id",
  };
  const machine = makeMachine(t, JSON.stringify({ ...written, vault }));
  machine.home.put("role-id", await idOf("role-id", "GET", "role_id"));
  machine.home.put("secret-id", await idOf("secret-id", "POST", "secret_id"));
  await enrolled(machine, platform);
  await revokeAll();
  const rotated = await machine.verb("refresh", "jfrog");
  assert.equal(rotated.code, 0, rotated.err);
  await untilSettled(machine, platform);
  assert.ok(showsLivePair(machine.home, platform));
  const revoked = await machine.verb("revoke", "jfrog");
  assert.equal(revoked.code, 0, revoked.err);
  const secretId = machine.home.read("secret-id").trim();
  for (const { path } of machine.outputs) assert.ok(!readFileSync(path, "utf8").includes(secretId), path);
});

test("in a namespace: login, narrowed token, secrets and leases are there, and nothing is in the root", async (t) => {
  const policies = documentedPolicies(USER);
  await bao.api("POST", "sys/namespaces/team", {});
  await mountKv(bao, "kv", { below: "team" });
  const names = ["dotvault", "dotvault-self", "dotvault-narrow"];
  for (const name of names) await bao.api("POST", `team/sys/policies/acl/${name}`, { policy: policies[name] });
  await bao.api("POST", "team/sys/auth/approle", { type: "approle" });
  await bao.api("POST", "team/auth/approle/role/dev", { token_policies: names, token_no_default_policy: true });
  for (const name of ["jfrog", ".dotvault/jfrog"]) await deleteMetadata(bao, "kv", `users/${USER}/${name}`);
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const vault = {
    ...{ address: bao.address, namespace: "team", auth_method: "approle" },
    ...{ role_id_file: "~/role-id", secret_id_file: "~/secret-id" },
    ...{ policies: ["dotvault", "dotvault-self"], no_default_policy: true },
  };
  const machine = makeMachine(t, JSON.stringify({ ...written, vault }));
  machine.home.put("role-id", await idOf("role-id", "GET", "role_id", "team/"));
  machine.home.put("secret-id", await idOf("secret-id", "POST", "secret_id", "team/"));
  await enrolled(machine, platform);
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  const lease = (await bao.api("GET", `team/kv/data/users/${USER}/.dotvault/jfrog`)) as { data: { data: object } };
  assert.ok(Object.keys(lease.data.data).length > 0);
  await bao.api("GET", `team/kv/data/users/${USER}/jfrog`);
  const roots = ((await bao.api("LIST", `kv/metadata/users/${USER}`).catch(() => undefined)) ?? {}) as {
    data?: { keys: string[] };
  };
  assert.deepEqual(roots.data?.keys ?? [], []);
});

test("a login that fails says who goes on: the agent where one runs, and else nobody before the next one", async (t) => {
  const vault = { address: "http://127.0.0.1:1", auth_method: "approle", role_id_file: "~/role-id" };
  const machine = makeMachine(t, JSON.stringify({ vault, enrolments: { ssh: { engine: "sshkey" } } }));
  machine.home.put("role-id", "r");
  const alone = await machine.verb("login");
  assert.equal(alone.code, 1);
  assert.match(alone.err, /; no agent runs: dotvault run goes on with it, dotvault status shows how it stands\n$/);
  machine.run();
  await machine.until("an agent runs", async () =>
    /"running": true/.test((await machine.verb("status", "--json")).out),
  );
  assert.match((await machine.verb("login")).err, /; the agent goes on trying, dotvault status shows how it stands\n$/);
});

/** Tokens that AppRole has given and that live. */
async function liveTokens(): Promise<number> {
  const { data } = (await bao.api("LIST", "auth/token/accessors")) as { data: { keys: string[] } };
  const looks = data.keys.map((accessor) => bao.api("POST", "auth/token/lookup-accessor", { accessor }));
  const found = (await Promise.all(looks)) as { data: { path: string } }[];
  return found.filter((token) => token.data.path === "auth/approle/login").length;
}

test("from Vault back to the embedded store: its token is revoked there, and nothing tells of the session as if it lived", async (t) => {
  await revokeAll();
  const ssh = { enrolments: { ssh: { engine: "sshkey" } } };
  const approle = { auth_method: "approle", role_id_file: "~/role-id", secret_id_file: "~/secret-id" };
  const machine = makeMachine(t, JSON.stringify({ ...ssh, vault: { address: bao.address, ...approle } }));
  machine.home.put("role-id", await idOf("role-id", "GET", "role_id"));
  machine.home.put("secret-id", await idOf("secret-id", "POST", "secret_id"));
  assert.equal((await machine.verb("enrol", "ssh")).code, 0);
  assert.match((await machine.verb("status")).out, /approle/);
  assert.equal(await liveTokens(), 1);

  machine.home.configure(JSON.stringify(ssh));
  for (const verb of ["status", "next"]) {
    const { out } = await machine.verb(verb);
    assert.doesNotMatch(out, /approle|127\.0\.0\.1/, `${verb} before any agent knows`);
  }
  await machine.verb("run", "--once");
  assert.equal(await liveTokens(), 0);
  const { host } = new URL(bao.address);
  for (const verb of ["status", "next"])
    assert.doesNotMatch((await machine.verb(verb)).out, /approle|127\.0\.0\.1/, verb);
  const { out } = await machine.verb("log", "vault");
  assert.match(out, /names this Vault no more[\s\S]*the old token is revoked/, host);
});
