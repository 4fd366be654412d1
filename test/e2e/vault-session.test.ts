import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import type { JournalReader } from "../../src/journal/port.ts";
import { stateName } from "../../src/machines/stream/state-name.ts";
import type { SessionSnapshot } from "../../src/machines/vault-session/decide.ts";
import { type Machine, makeMachine } from "../support/agent-process.ts";
import { startGate } from "../support/gate.ts";
import { findLeaks } from "../support/leaks.ts";
import { mountKv, type OpenBao, startOpenBao, tokenWith } from "../support/openbao.ts";

/** The session with Vault through kills, restarts and other processes: how often the server is asked for a login. */

let bao: OpenBao;
let roles = 0;
const USER = userInfo().username;
const FILE = "shared.txt";

before(async () => {
  bao = await startOpenBao();
  await mountKv(bao, "kv");
  await bao.api("POST", "sys/policies/acl/reader", {
    policy: `path "kv/data/users/${USER}/*" { capabilities = ["read"] }`,
  });
  await bao.api("POST", `kv/data/users/${USER}/shared`, { data: { password: "from-vault" } });
  await bao.api("POST", "sys/auth/approle", { type: "approle" });
});
after(() => bao.stop());

/** One machine with a role of its own, and a gate on its way to the server. */
async function stage(t: TestContext, role: object, more: object = {}) {
  const name = `r${roles++}`;
  await bao.api("POST", `auth/approle/role/${name}`, { token_policies: "reader", ...role });
  const gate = await startGate(t, () => bao.address);
  const vault = {
    address: gate.address,
    auth_method: "approle",
    role_id_file: "~/role-id",
    secret_id_file: "~/secret-id",
  };
  const rule = {
    name: "shared",
    vault_key: "shared",
    target: { path: `~/${FILE}`, format: "text", template: "{{ .password }}" },
  };
  const machine = makeMachine(
    t,
    JSON.stringify({ vault: { ...vault, ...more }, sync: { interval: "1s" }, rules: [rule] }),
  );
  const id = async (path: string, method: string, field: string) => {
    const answer = (await bao.api(method, `auth/approle/role/${name}/${path}`)) as { data: Record<string, string> };
    return answer.data[field] ?? "";
  };
  machine.home.put("role-id", await id("role-id", "GET", "role_id"));
  machine.home.put("secret-id", await id("secret-id", "POST", "secret_id"));
  const logins = () => gate.sent.filter((path) => path.startsWith("auth/approle/login")).length;
  const changeRole = (changes: object) => bao.api("POST", `auth/approle/role/${name}`, changes);
  return { machine, gate, logins, changeRole, newSecretId: () => id("secret-id", "POST", "secret_id") };
}

function sessionOf(reader: JournalReader): SessionSnapshot | undefined {
  return reader.heads("vault/")[0]?.snapshot as unknown as SessionSnapshot | undefined;
}

async function untilState(machine: Machine, state: string): Promise<void> {
  await machine.until(`the session is ${state}`, (reader) => {
    const session = sessionOf(reader);
    return session !== undefined && stateName(session.value).startsWith(state);
  });
}

const isWritten = ({ home }: Machine) => existsSync(join(home.directory, FILE)) && home.read(FILE) === "from-vault";

test("killed in a login and in a renewal, restarted five times: the secret id is used twice, and the token is nowhere in clear", async (t) => {
  const role = { token_ttl: "20s", token_max_ttl: "1h", secret_id_num_uses: 2 };
  const { machine, gate, logins, changeRole } = await stage(t, role);
  const struck = gate.hold(/^auth\/approle\/login/);
  const first = machine.run();
  await struck;
  await first.kill();
  gate.open();
  assert.equal(logins(), 1);
  const second = machine.run();
  await machine.until("the file is written", () => isWritten(machine));
  const [lost] = machine.events("ANSWER_LOST");
  assert.deepEqual([lost?.event.intent, lost?.event.class, logins()], ["login", "agent.restarted", 2]);

  // The first renewal gives it a life that no number of restarts uses up, however slow they are.
  await changeRole({ token_ttl: "1h" });
  const renewing = gate.hold(/^auth\/token\/renew-self/);
  await renewing;
  await second.kill();
  gate.open();
  const third = machine.run();
  await machine.until("renewed", () => machine.events("RENEWED").length > 0);
  await third.kill();

  for (let start = 0; start < 4; start++) {
    const starts = machine.events("AGENT_STARTED").length;
    const agent = machine.run();
    await machine.until("the agent is up", () => machine.events("AGENT_STARTED").length > starts);
    const synced = await machine.verb("sync");
    assert.equal(synced.code, 0, synced.err);
    await agent.kill();
  }
  assert.equal(logins(), 2);
  const alone = await machine.verb("sync", "--dry-run");
  assert.deepEqual([alone.code, logins()], [0, 2], alone.err);

  const secretId = machine.home.read("secret-id").trim();
  const secrets = [secretId, ...gate.tokens];
  assert.ok(secrets.length >= 3);
  const isAllowed = (file: string, secret: string) => secret === secretId && file.endsWith("secret-id");
  assert.deepEqual(findLeaks([machine.home.directory, machine.home.printed], { secrets }, isAllowed), []);
});

test("refused: told once, the file stands, nothing is presented again by restarts or time; a new secret id goes on by itself", async (t) => {
  const { machine, logins, newSecretId } = await stage(t, { token_ttl: "1h", secret_id_num_uses: 1 });
  const agent = machine.run();
  await machine.until("the file is written", () => isWritten(machine));
  await bao.api("POST", "sys/leases/revoke-prefix/auth/approle/login", { sync: true });
  await untilState(machine, "refused");
  assert.equal(logins(), 2);
  const status = await machine.verb("status");
  assert.equal(status.code, 3);
  assert.match(status.out, /vault\s+login refused\s+vault refuses the login at auth\/approle/);
  await agent.kill();
  const again = machine.run();
  const asked = await machine.verb("sync");
  assert.equal(asked.code, 1);
  assert.match(asked.err, /refuses the login/);
  assert.deepEqual([logins(), isWritten(machine)], [2, true]);
  machine.home.put("secret-id", await newSecretId());
  await untilState(machine, "live");
  await machine.until("no trouble is left", (reader) => reader.fact("storeTrouble") === null);
  assert.deepEqual([logins(), again.running], [3, true]);
});

test("no token anywhere: the agent waits and says so; one in the file is used, and its removal is noticed", async (t) => {
  const { machine, logins } = await stage(
    t,
    { token_ttl: "1h" },
    { auth_method: "token", role_id_file: undefined, secret_id_file: undefined },
  );
  machine.run();
  await machine.until("the store is waited for", (reader) => reader.fact("storeTrouble") !== null && sessionOf(reader));
  const needed = await machine.verb("status");
  assert.match(needed.out, /vault\s+token needed[\s\S]*~\/.dotvault-token/);
  assert.equal((await machine.verb("login-check", "--quiet")).code, 3);
  const token = await tokenWith(bao, { [`kv/data/users/${USER}/*`]: ["read"] });
  machine.home.put(".dotvault-token", token);
  await machine.until("the file is written", () => isWritten(machine));
  assert.match((await machine.verb("status")).out, /vault\s+logged in\s+token from ~\/.dotvault-token/);
  assert.ok(!JSON.stringify(machine.events()).includes(token));
  assert.equal(logins(), 0);
});
