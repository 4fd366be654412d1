import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Simulator, type Switches, startSimulator } from "../../src/simulator/simulator.ts";
import { type Machine, makeMachine, stateOf, tokenIn } from "../support/agent-process.ts";
import { configText, digest, jfRule } from "../support/home.ts";
import { ciSystem } from "../support/id-token.ts";
import { mountKv, startOpenBao } from "../support/openbao.ts";

// A job of a CI system: nobody sits at a terminal, the home may be read-only, and at the end nothing is left that opens a door.

const ci = ciSystem();

async function platformFor(t: TestContext, switches: Partial<Switches> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ identityProviders: [ci.provider], switches });
  t.after(() => simulator.close());
  return simulator;
}

function jobConfig(url: string, settings: object, path = "~/.jfrog/jfrog-cli.conf.v6"): string {
  const enrolments = {
    jfrog: { engine: "jfrog", settings: { url, token_ttl: "1h", force_revocable: true, ...settings } },
  };
  return configText({ enrolments, rules: [jfRule("jfrog", path)] });
}

const oidc = {
  login: "oidc",
  provider_name: "github",
  id_token_env: "CI_ID_TOKEN",
  scope: "applied-permissions/groups:readers",
};

/** What of these lies in any file of the machine, or was printed. */
function leaked(machine: Machine, secrets: readonly string[]): string[] {
  const { directory, printed } = machine.home;
  const files = [directory, printed].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
  );
  return files.flatMap(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name));
    return secrets.some((secret) => bytes.includes(secret)) ? [join(parentPath, name)] : [];
  });
}

test("a job with an ID token: enrolled, rendered and ended by one command, revoked by another", async (t) => {
  const platform = await platformFor(t);
  const idToken = ci.idToken("ada");
  const machine = makeMachine(t, jobConfig(platform.url, oidc), { CI_ID_TOKEN: idToken });
  const run = await machine.verb("run", "--once", "--log-format", "json");
  assert.equal(run.code, 0, run.err);
  const [between, pair] = platform.ledger.pairs;
  assert.deepEqual([between?.by, pair?.by, pair?.scope], ["oidc", "mint", "applied-permissions/groups:readers"]);
  assert.equal(pair?.accessDigest, digest(tokenIn(machine.home) ?? ""), "the file holds it");
  assert.match(run.out, /^$/, "stdout is the result, and there is none");
  const file = join(machine.home.directory, ".jfrog/jfrog-cli.conf.v6");
  assert.deepEqual(
    leaked(machine, platform.secrets()),
    [file],
    "all that the platform gave is nowhere but in the file",
  );
  assert.deepEqual(leaked(machine, [idToken]), [], "and the ID token is not even there");

  const revoke = await machine.verb("revoke", "--all");
  assert.equal(revoke.code, 0, revoke.err);
  assert.match(revoke.err, /✓ jfrog un-enrolled: secret removed, tokens revoked/);
  assert.deepEqual(
    platform.ledger.live().map(({ by }) => by),
    ["oidc"],
    "only what can't be revoked lives on",
  );
  assert.deepEqual((await machine.verb("revoke", "--all")).err, "nothing to revoke: nothing is enrolled\n");

  const again = await machine.verb("run", "--once");
  assert.equal(again.code, 0, again.err);
  assert.equal(platform.ledger.pairs.length, 4, "the next job on the same machine enrols anew");
});

test("an administrator's token from a file becomes a pair of the build agent, and is nowhere but in its file", async (t) => {
  const platform = await platformFor(t);
  const admin = platform.seed({ user: "admin" });
  const settings = { login: "token", token_file: "~/admin-token", username: "grace", scope: "artifact:libs/*:r,w" };
  const machine = makeMachine(t, jobConfig(platform.url, settings));
  const file = machine.home.put("admin-token", `${admin.accessToken}\n`);
  assert.equal((await machine.verb("run", "--once")).code, 0);
  const pair = platform.ledger.pairs.at(-1);
  assert.deepEqual([pair?.user, pair?.scope, pair?.parent], ["grace", "artifact:libs/*:r,w", admin.pair.tokenId]);
  assert.equal(platform.ledger.byId(admin.pair.tokenId)?.state, "live", "nobody revokes what is not ours");
  assert.deepEqual(leaked(machine, [admin.accessToken]), [file]);
  assert.match(
    (await machine.verb("doctor")).out,
    /✓ token jfrog +the file ~\/admin-token holds a token to log in with/,
  );
  chmodSync(file, 0o644);
  assert.match((await machine.verb("doctor")).out, /! token jfrog +the file ~\/admin-token can be read by others/);
  assert.equal((await machine.verb("revoke", "--all")).code, 0);
});

test("an administrator's token from a path of Vault: presented, and never written anywhere", async (t) => {
  const bao = await startOpenBao();
  t.after(() => bao.stop());
  await mountKv(bao, "kv");
  const platform = await platformFor(t);
  const admin = platform.seed({ user: "admin" });
  await bao.api("POST", "kv/data/ci/jfrog", { data: { token: admin.accessToken } });
  const settings = { login: "token", token_vault: "ci/jfrog#token", username: "grace", token_ttl: "7h" };
  const enrolments = { jfrog: { engine: "jfrog", settings: { url: platform.url, ...settings } } };
  const wish = configText({ enrolments, rules: [jfRule()], vault: { address: bao.address, mount: "kv" } });
  const machine = makeMachine(t, wish, { DOTVAULT_TOKEN: bao.token });
  const { code, err } = await machine.verb("run", "--once");
  assert.equal(code, 0, err);
  assert.deepEqual(
    [platform.ledger.pairs.at(-1)?.user, platform.ledger.pairs.at(-1)?.parent],
    ["grace", admin.pair.tokenId],
  );
  assert.deepEqual(leaked(machine, [admin.accessToken]), []);
});

test("without its token a job ends with 3 and says what is missing; with it, the same command goes well", async (t) => {
  const platform = await platformFor(t);
  const machine = makeMachine(t, jobConfig(platform.url, oidc));
  const first = await machine.verb("run", "--once");
  assert.equal(first.code, 3, first.err);
  const { out } = await machine.verb("status");
  assert.match(out, /the variable CI_ID_TOKEN is not set/);
  assert.match((await machine.verb("doctor")).out, /✗ token jfrog +the variable CI_ID_TOKEN is not set/);
  const env = { CI_ID_TOKEN: ci.idToken("ada") };
  const second = machine.script(join(import.meta.dirname, "../../src/main.ts"), ["run", "--once"], { env });
  assert.equal((await second.ended).code, 0, second.err());
});

test("a platform that is busy for a moment is asked again: the job goes on with its token", async (t) => {
  const platform = await platformFor(t);
  platform.inject({ on: "oidc", kind: "status", status: 503, body: "access", times: 2 });
  const machine = makeMachine(t, jobConfig(platform.url, oidc), { CI_ID_TOKEN: ci.idToken("ada") });
  const { code, err } = await machine.verb("run", "--once");
  assert.equal(code, 0, err);
});

test("what is refused names the setting, in the terminal and in status", async (t) => {
  const platform = await platformFor(t);
  const machine = makeMachine(t, jobConfig(platform.url, { ...oidc, scope: "applied-permissions/admin" }), {
    CI_ID_TOKEN: ci.idToken("ada"),
  });
  assert.equal((await machine.verb("run", "--once")).code, 3);
  assert.equal(platform.calls.filter(({ kind }) => kind === "mint").length, 1, "asked once, and not again and again");
  assert.match(
    (await machine.verb("status")).out,
    /asked for by scope: applied-permissions\/admin: only an administrator/,
  );
});

test("an agent in the background revokes at the end what it enrolled", async (t) => {
  const platform = await platformFor(t);
  const machine = makeMachine(t, jobConfig(platform.url, oidc), { CI_ID_TOKEN: ci.idToken("ada") });
  const agent = machine.run("--revoke-on-exit");
  await machine.until("the file holds the token", () => tokenIn(machine.home) !== undefined);
  await machine.untilState("active.resting");
  const { code, err } = await agent.stop();
  assert.equal(code, 0, err);
  assert.match(err, /✓ jfrog un-enrolled/);
  assert.deepEqual(
    platform.ledger.live().map(({ by }) => by),
    ["oidc"],
  );
});

test("an end at which nothing can be revoked says so, and is no good end", async (t) => {
  const platform = await platformFor(t);
  const machine = makeMachine(t, jobConfig(platform.url, oidc), { CI_ID_TOKEN: ci.idToken("ada") });
  assert.equal((await machine.verb("run", "--once")).code, 0);
  platform.inject({ on: "revoke", kind: "status", status: 503, body: "access", times: 99 });
  const { code, err } = await machine.verb("revoke", "--all");
  assert.equal(code, 1);
  assert.match(err, /! jfrog: its token is not revoked yet: .* answered 503/);
});

test("a token that is too short to be revoked is told to live on", async (t) => {
  const platform = await platformFor(t);
  const machine = makeMachine(t, jobConfig(platform.url, { ...oidc, force_revocable: false }), {
    CI_ID_TOKEN: ci.idToken("ada"),
  });
  assert.equal((await machine.verb("run", "--once")).code, 0);
  const { code, err } = await machine.verb("revoke", "--all");
  assert.equal(code, 0, err);
  assert.match(err, /! jfrog: the service does not revoke its token, which lives on until 20/);
});

test("a killed agent goes on: the token that it was given is not lost, and no other one is made", async (t) => {
  const platform = await platformFor(t);
  const machine = makeMachine(t, jobConfig(platform.url, oidc), { CI_ID_TOKEN: ci.idToken("ada") });
  const held = platform.inject({ on: "mint", kind: "hold", when: "after" });
  const agent = machine.run();
  await held.struck();
  await agent.kill();
  platform.clearFaults();
  machine.run();
  await machine.until("swept", (reader) => [...reader.events()].some(({ event }) => event.type === "SWEPT"));
  await machine.until("active", (reader) => stateOf(reader) === "active.resting");
  const mints = platform.ledger.pairs.filter(({ by }) => by === "mint");
  assert.deepEqual(
    mints.map(({ state }) => state),
    ["revoked", "live"],
  );
});

test("killed between the ID token's exchange and the mint: the exchanged token is the one that is left, and ends by itself", async (t) => {
  const platform = await platformFor(t, { revocableFromSeconds: 60 });
  const machine = makeMachine(t, jobConfig(platform.url, oidc), { CI_ID_TOKEN: ci.idToken("ada") });
  const held = platform.inject({ on: "mint", kind: "hold", when: "before" });
  const agent = machine.run();
  await held.struck();
  await agent.kill();
  platform.clearFaults();
  machine.run();
  await machine.until("active", (reader) => stateOf(reader) === "active.resting");
  await machine.until("told", (reader) =>
    [...reader.events()].some(({ event }) => event.type === "RESUMED" && String(event.open) === "mint"),
  );
  await machine.until("swept", (reader) => [...reader.events()].some(({ event }) => event.type === "SWEPT"));
  const of = (origin: string) => platform.ledger.pairs.filter(({ by }) => by === origin);
  assert.deepEqual(
    [of("oidc").map(({ state }) => state), of("mint").map(({ state }) => state)],
    [
      ["live", "revoked"],
      ["revoked", "live"],
    ],
  );
  const [left] = of("oidc");
  assert.deepEqual([left?.refreshDigest, left?.expiresAt !== null], [null, true]);
});

const setpriv = spawnSync("setpriv", ["--version"]).status === 0 && process.getuid?.() === 0;
const NOBODY = 65_534;

test("a home that can't be written: says which variables help, and works with them", { skip: !setpriv }, async (t) => {
  const platform = await platformFor(t);
  const temporary = mkdtempSync(join(tmpdir(), "dotvault-job-"));
  t.after(() => rmSync(temporary, { recursive: true }));
  chmodSync(temporary, 0o777);
  const machine = makeMachine(t, jobConfig(platform.url, oidc, join(temporary, "jfrog-cli.conf.v6")));
  const { directory } = machine.home;
  for (const folder of [
    join(directory, ".."),
    directory,
    join(directory, ".config"),
    join(directory, ".config/dotvault"),
  ])
    chmodSync(folder, 0o755);
  chmodSync(machine.home.where.userConfig, 0o644);
  const main = join(import.meta.dirname, "../../src/main.ts");
  const job = async (
    env: Readonly<Record<string, string>>,
    ...args: string[]
  ): Promise<{ code: number; err: string }> => {
    const as = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", process.execPath, main, ...args];
    const seen = { ...machine.home.env, CI_ID_TOKEN: ci.idToken("ada"), ...env };
    return await new Promise((done) => {
      execFile("setpriv", as, { env: seen }, (error, _, err) => done({ code: Number(error?.code ?? 0), err }));
    });
  };
  const plain = await job({}, "run", "--once");
  assert.equal(plain.code, 1, plain.err);
  assert.match(plain.err, /XDG_STATE_HOME and XDG_DATA_HOME/);
  const elsewhere = { XDG_STATE_HOME: temporary, XDG_DATA_HOME: temporary };
  const moved = await job(elsewhere, "run", "--once");
  assert.equal(moved.code, 0, moved.err);
  assert.ok(existsSync(join(temporary, "jfrog-cli.conf.v6")));
  const revoked = await job(elsewhere, "revoke", "--all");
  assert.equal(revoked.code, 0, revoked.err);
  assert.deepEqual(
    platform.ledger.live().map(({ by }) => by),
    ["oidc"],
  );
});

test("--revoke-on-exit leaves a secret that another machine has brought; what it can't revoke is no success", async (t) => {
  const bao = await startOpenBao();
  t.after(() => bao.stop());
  await mountKv(bao, "kv");
  const platform = await platformFor(t);
  const enrolments = { jfrog: { engine: "jfrog", settings: { url: platform.url, token_ttl: "7h", ...oidc } } };
  const wish = configText({ enrolments, rules: [jfRule()], vault: { address: bao.address, mount: "kv" } });
  const env = { CI_ID_TOKEN: ci.idToken("ada"), DOTVAULT_TOKEN: bao.token };
  const [first, second] = [makeMachine(t, wish, env), makeMachine(t, wish, env)];
  assert.equal((await first.verb("run", "--once")).code, 0);
  const { code, err } = await second.verb("run", "--once", "--revoke-on-exit");
  assert.deepEqual([code, platform.ledger.pairs.at(-1)?.state], [0, "live"], err);
  assert.match(err, /○ jfrog stays: another machine uses it, too · dotvault revoke jfrog/);

  platform.inject({ on: "revoke", kind: "status", status: 503, times: 3 } as never);
  const failed = await first.verb("run", "--once", "--revoke-on-exit");
  assert.match(failed.err, /! jfrog: its token is not revoked yet/);
  assert.equal(failed.code, 1);
});

test("revoke --all says what it leaves: an enrolment that the configuration names no more", async (t) => {
  const platform = await platformFor(t);
  const machine = makeMachine(t, jobConfig(platform.url, oidc), { CI_ID_TOKEN: ci.idToken("ada") });
  assert.equal((await machine.verb("run", "--once")).code, 0);
  machine.home.configure(configText({ enrolments: { ssh: { engine: "sshkey" } } }));
  const { code, err } = await machine.verb("revoke", "--all");
  assert.deepEqual([code, platform.ledger.pairs.at(-1)?.state], [1, "live"]);
  assert.match(err, /^! jfrog is enrolled, but the configuration names it no more/);
});
