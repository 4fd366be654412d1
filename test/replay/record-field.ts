import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { stateName } from "../../src/machines/stream/state-name.ts";
import type { SessionSnapshot } from "../../src/machines/vault-session/decide.ts";
import { enrolled, type Machine, makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { circleWish, startMember } from "../support/circle.ts";
import { onSmallDisk, untilSeen } from "../support/disk-limits.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { mountKv, startOpenBao } from "../support/openbao.ts";
import { pem } from "../support/tokens.ts";

// Makes the reports of field/ anew, of failures that are made to happen: node --test test/replay/record-field.ts
// A report that today's machines decide differently is no reason to make it again: it is what people send.

const TAKE = fileURLToPath(new URL("take.ts", import.meta.url));

async function take(machine: Machine, name: string): Promise<void> {
  const report = join(machine.home.directory, "report.json");
  const made = await machine.verb("report", "--output", report);
  assert.equal(made.code, 0, made.err);
  const replayed = await machine.verb("replay", report);
  assert.equal(replayed.code, 0, replayed.out);
  rmSync(fileURLToPath(new URL(`field/${name}.json`, import.meta.url)), { force: true });
  execFileSync(process.execPath, [TAKE, report, name]);
}

describe("failures in the field", { concurrency: 1 }, () => {
  test("Vault forgets the session's token, and the secret id is used up", async (t) => {
    const [bao, platform] = [await startOpenBao(), await startPlatform(t)];
    t.after(() => bao.kill());
    const user = userInfo().username;
    await mountKv(bao, "kv");
    const rights = `{ capabilities = ["create", "read", "update", "list", "delete"] }`;
    await bao.api("POST", "sys/policies/acl/own", { policy: `path "kv/+/users/${user}/*" ${rights}` });
    await bao.api("POST", "sys/auth/approle", { type: "approle" });
    await bao.api("POST", "auth/approle/role/dev", { token_policies: "own", token_ttl: "1h", secret_id_num_uses: 1 });
    const id = async (method: string, what: string) =>
      (await bao.api(method, `auth/approle/role/dev/${what}`)) as { data: Record<string, string> };
    const files = { role_id_file: "~/role-id", secret_id_file: "~/secret-id" };
    const vault = { address: bao.address, auth_method: "approle", ...files };
    const machine = makeMachine(t, JSON.stringify({ ...circleWish(platform), vault }));
    machine.home.put("role-id", (await id("GET", "role-id")).data.role_id ?? "");
    machine.home.put("secret-id", (await id("POST", "secret-id")).data.secret_id ?? "");
    machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await machine.untilState("active.resting");
    await bao.api("POST", "sys/leases/revoke-prefix/auth/approle/login", { sync: true });
    await machine.until("the login is refused", (reader) => {
      const session = reader.heads("vault/")[0]?.snapshot as SessionSnapshot | undefined;
      return session !== undefined && stateName(session.value) === "refused";
    });
    await take(machine, "session-refused");
  });

  test("the certificate that vouched is gone", async (t) => {
    const [a, b] = [await startMember(t), await startMember(t)];
    const machine = makeMachine(t, JSON.stringify(circleWish(a, { trusted_certificates: ["~/trust"] })));
    const own = machine.home.put("trust/a.pem", pem(Buffer.from(a.rootCertificate, "base64")));
    machine.home.put("trust/b", b.rootCertificate);
    machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await machine.until("vouched for", () => machine.events("VOUCHED").length > 0);
    rmSync(own);
    await machine.until("not vouched for", () => machine.events("NOT_VOUCHED").length > 0);
    await take(machine, "certificate-gone");
  });

  test("the disk is full while a rotation is under way, and the agent is killed", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await onSmallDisk(machine.home.where.stateDir, async (disk) => {
      const agent = await enrolled(machine, platform);
      const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
      await machine.ask("refresh", { name: "jfrog" });
      await held.struck();
      disk.fill();
      held.release();
      await untilSeen("the agent has helped itself", () => agent.err().includes("done before it could be journaled"));
      await agent.kill();
      disk.makeRoom();
      const again = machine.run();
      await untilSettled(machine, platform);
      await take(machine, "disk-full");
      await again.stop();
    });
  });
});
