import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  enrolled,
  type Machine,
  makeMachine,
  type Scope,
  showsLivePair,
  startPlatform,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { deleteMetadata, mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { allows, auditedIn, documentedPolicies, type Rule, rulesOf } from "../support/policies.ts";

/** The policies of docs/vault.md are enough and not more: the main job under exactly them, judged by the server's audit log. */

const policies = documentedPolicies(userInfo().username);
const rules = (names: readonly string[]): Rule[] => names.flatMap((name) => rulesOf(policies[name] ?? ""));
const NARROW = ["dotvault", "dotvault-look", "dotvault-self"];
/** Rules that a request was allowed by, over all tests. */
const used = new Set<string>();
const shown = ({ path, capability }: Rule) => `${capability} ${path}`;

describe("the least policies", () => {
  const dir = mkdtempSync(join(tmpdir(), "dotvault-audit-"));
  const log = join(dir, "audit.log");
  let bao: OpenBao;

  before(async () => {
    bao = await startOpenBao({ config: { audit: [{ type: "file", path: "log", options: { file_path: log } }] } });
    await bao.api("POST", "sys/auth/approle", { type: "approle" });
    await mountKv(bao, "kv");
    for (const [name, policy] of Object.entries(policies))
      await bao.api("POST", `sys/policies/acl/${name}`, { policy });
  });
  after(async () => {
    await bao?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A machine whose login has these policies and no default one. */
  async function machineWith(t: Scope, url: string, role: string, names: string[], more: object = {}, life = "1h") {
    await bao.api("POST", `auth/approle/role/${role}`, {
      ...{ token_policies: names, token_no_default_policy: true, token_ttl: life },
    });
    const vault = {
      ...{ address: bao.address, auth_method: "approle", kv_mount: "kv" },
      ...{ role_id_file: "~/role-id", secret_id_file: "~/secret-id", ...more },
    };
    const written = JSON.parse(configText(jfrogWish(url, { interval: "1s" })));
    const machine = makeMachine(t, JSON.stringify({ ...written, vault }));
    const read = async (method: string, path: string, field: string) => {
      const answer = (await bao.api(method, `auth/approle/role/${role}/${path}`)) as { data: Record<string, string> };
      return answer.data[field] ?? "";
    };
    machine.home.put("role-id", await read("GET", "role-id", "role_id"));
    machine.home.put("secret-id", await read("POST", "secret-id", "secret_id"));
    return machine;
  }

  /** As for a user whom the store has never seen. */
  beforeEach(async () => {
    for (const name of ["jfrog", ".dotvault/jfrog"]) {
      await deleteMetadata(bao, "kv", `users/${userInfo().username}/${name}`);
    }
  });

  /** Everything that was asked since `from` with a token that has these policies; none of it was denied. */
  function judge(from: number, names: readonly string[], firstLook: readonly string[] = []): void {
    const asked = auditedIn(log)
      .slice(from)
      .filter((request) => names.some((name) => request.policies.includes(name)));
    assert.deepEqual(
      [...new Set(asked.filter(({ error }) => /permission denied/.test(error)).map(({ path }) => path))],
      firstLook,
    );
    for (const rule of rules(names)) if (asked.some((request) => allows(rule, request))) used.add(shown(rule));
  }

  async function mainJob(machine: Machine, platform: Awaited<ReturnType<typeof startPlatform>>): Promise<void> {
    const agent = await enrolled(machine, platform);
    const rotated = await machine.verb("refresh", "jfrog");
    assert.equal(rotated.code, 0, rotated.err);
    await untilSettled(machine, platform);
    assert.ok(showsLivePair(machine.home, platform));
    const walked = await machine.verb("doctor");
    assert.match(walked.out, /policy +kv\/data\/users\/[^:]+: create, read, update/);
    assert.ok(!/lacks/.test(walked.out), walked.out);
    const revoked = await machine.verb("revoke", "jfrog");
    assert.equal(revoked.code, 0, revoked.err);
    await agent.stop();
  }

  test("a narrowed token without the default policy", async (t) => {
    const platform = await startPlatform(t);
    const from = auditedIn(log).length;
    const all = [...NARROW, "dotvault-narrow"];
    const machine = await machineWith(t, platform.url, "narrow", all, { policies: NARROW, no_default_policy: true });
    await mainJob(machine, platform);
    judge(from, all);
  });

  test("… made by a token role, looking by dotvault-metadata", async (t) => {
    const platform = await startPlatform(t);
    const from = auditedIn(log).length;
    const narrow = ["dotvault", "dotvault-metadata", "dotvault-self"];
    await bao.api("POST", "auth/token/roles/dotvault", { orphan: true, allowed_policies: narrow });
    const more = { policies: narrow, no_default_policy: true, token_role: "dotvault" };
    const machine = await machineWith(t, platform.url, "by-role", ["dotvault-narrow-role"], more);
    await mainJob(machine, platform);
    judge(from, [...narrow, "dotvault-narrow-role"], [`kv/detailed-metadata/users/${userInfo().username}/`]);
  });

  test("the login's own token is renewed by dotvault-self", async (t) => {
    const platform = await startPlatform(t);
    const from = auditedIn(log).length;
    const machine = await machineWith(t, platform.url, "short", NARROW, {}, "6s");
    await enrolled(machine, platform);
    await machine.until("a renewal", () =>
      auditedIn(log)
        .slice(from)
        .some(({ path }) => path === "auth/token/renew-self"),
    );
    judge(from, NARROW);
  });

  test("store move needs the main job's policy and no more", async (t) => {
    const platform = await startPlatform(t);
    const machine = await machineWith(t, platform.url, "move", NARROW);
    const written = JSON.parse(readFileSync(machine.home.where.userConfig, "utf8"));
    machine.home.configure(JSON.stringify({ ...written, vault: undefined }));
    const agent = await enrolled(machine, platform);
    await agent.stop();
    machine.home.configure(JSON.stringify(written));
    const from = auditedIn(log).length;
    const moved = await machine.verb("store", "move");
    assert.equal(moved.code, 0, moved.err);
    judge(from, NARROW);
  });

  test("every capability that the page gives was needed", () => {
    assert.deepEqual(
      rules(Object.keys(policies))
        .map(shown)
        .filter((rule) => !used.has(rule)),
      [],
    );
  });
});
