import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { EnrolmentPlan, FilePlan } from "../../src/terminal/plan/report.ts";
import { enrolled, makeMachine, startPlatform } from "../support/agent-process.ts";
import { configText, jfRule, listing } from "../support/home.ts";
import { mountKv, startOpenBao } from "../support/openbao.ts";

/** A rule for `~/NAME` whose template makes JSON of these members. */
function rule(name: string, members: object, more: object = {}, secret = "jfrog"): object {
  const template = JSON.stringify(members);
  return { name, vault_key: secret, target: { path: `~/${name}.json`, format: "json", template, ...more } };
}

const jfrog = (url: string, settings: object = {}) => ({ engine: "jfrog", settings: { url, ...settings } });
const strict = { managed: "strict" };

const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T =>
  all.find((one) => one.name === name) ?? assert.fail(`no ${name} in the plan`);

test("plan tells what a configuration does to files, rotations and logins; it changes nothing, and then it comes so", async (t) => {
  const platform = await startPlatform(t);
  const before = rule("cli", { token: "{{ .access_token }}", user: "ada", old: 1 }, strict);
  const gone = rule("gone", { t: "{{ .url }}" }, { on_remove: "remove" });
  const stays = rule("stays", { t: "{{ .access_token }}" });
  const { url } = platform;
  const machine = makeMachine(
    t,
    configText({
      enrolments: { jfrog: jfrog(url), ssh: { engine: "sshkey" } },
      rules: [jfRule(), before, gone, stays],
    }),
  );
  const agent = await enrolled(machine, platform);
  await agent.stop();
  const same = await machine.verb("plan");
  assert.match(same.out, /changes no file, rotation or sign-in\n$/, same.out + same.err);

  const after = rule("cli", { token: "{{ .access_token }}", user: "eve", new: "x" }, strict);
  const text = configText({
    enrolments: {
      jfrog: jfrog(url, { token_ttl: "45d", rotation: "remint", scope: "applied-permissions/groups:readers" }),
      key: { engine: "sshkey" },
      other: jfrog("https://other.invalid"),
    },
    rules: [jfRule(), after, rule("fresh", { k: "{{ .public_key }}" }, {}, "key")],
  });
  const file = machine.home.put("new.yaml", text);
  const untouched = listing(machine.home.directory);
  const { out, err, code } = await machine.verb("plan", "--config", file, "--json");
  assert.equal(code, 0, err);
  const shown = await machine.verb("plan", "--config", file);
  assert.deepEqual(listing(machine.home.directory), untouched, "a plan changes nothing");

  const plan: { enrolments: EnrolmentPlan[]; files: FilePlan[]; changes: boolean } = JSON.parse(out);
  assert.equal(plan.changes, true);
  const { change, rotation, signIn, life, scope } = named(plan.enrolments, "jfrog");
  assert.deepEqual([change, rotation, signIn], ["changed", { before: "refresh", after: "remint" }, "no"]);
  assert.equal(scope?.after, "applied-permissions/groups:readers");
  assert.match(shown.out, /scope: .* → applied-permissions\/groups:readers; the token in use stays as it was issued/);
  assert.equal(life?.after, 45 * 24 * 60 * 60_000);
  assert.deepEqual([named(plan.enrolments, "key").change, named(plan.enrolments, "key").signIn], ["new", "no"]);
  assert.equal(named(plan.enrolments, "other").signIn, "unless-stored");
  assert.equal(named(plan.enrolments, "ssh").change, "paused");
  const keys = Object.fromEntries(named(plan.files, "cli").keys.map((key) => [key.pointer, key.change]));
  assert.deepEqual(keys, { "/token": "maybe", "/user": "changed", "/new": "added", "/old": "removed" });
  assert.equal(named(plan.files, "jfrog-file").change, "same");
  assert.equal(named(plan.files, "fresh").change, "new");
  assert.deepEqual(named(plan.files, "gone").leaves?.keys, ["/t"]);
  assert.deepEqual(named(plan.files, "stays").leaves?.keys, [], "without on_remove it stays as it is");
  for (const part of [/~ \/user/, /\+ \/new/, /- \/old/, /other[\s\S]*you sign in/]) assert.match(shown.out, part);

  machine.home.configure(text);
  await machine.verb("sync");
  const { token, ...rest } = JSON.parse(machine.home.read("cli.json"));
  assert.deepEqual(rest, { user: "eve", new: "x" });
  assert.ok(!out.includes(token) && !shown.out.includes(token), "no value is shown");
  assert.doesNotMatch(machine.home.read("gone.json"), /"t"/);
  assert.ok(machine.home.read("stays.json").includes(token));
  assert.ok(!existsSync(`${machine.home.directory}/fresh.json`), "its secret is still to be made");
});

test("plan: another host needs a login there; a wrong configuration is told as one", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText({ enrolments: { jfrog: jfrog(platform.url) }, rules: [jfRule()] }));
  const agent = await enrolled(machine, platform);
  const moved = machine.home.put("moved.yaml", configText({ enrolments: { jfrog: jfrog("https://other.invalid") } }));
  const plan: { enrolments: EnrolmentPlan[] } = JSON.parse(
    (await machine.verb("plan", "--config", moved, "--json")).out,
  );
  const { signIn, origin, run, rotatesAt } = named(plan.enrolments, "jfrog");
  assert.deepEqual([signIn, origin?.after, run], ["always", "https://other.invalid", "dotvault enrol jfrog"]);
  assert.deepEqual([rotatesAt.before !== null, rotatesAt.after], [true, null]);
  const wrong = machine.home.put("wrong.yaml", "enrolments: 3\n");
  assert.equal((await machine.verb("plan", "--config", wrong)).code, 1);
  await agent.stop();
});

test("plan compares with what the running agent has: a changed vault waits for a restart, all else is taken with SIGHUP", async (t) => {
  const platform = await startPlatform(t);
  const wish = { enrolments: { jfrog: jfrog(platform.url) }, rules: [jfRule()] };
  const machine = makeMachine(t, configText(wish));
  const agent = await enrolled(machine, platform);
  const changed = {
    ...JSON.parse(configText({ ...wish, interval: "3m" })),
    vault: { address: "https://vault.invalid" },
  };
  machine.home.configure(JSON.stringify(changed));
  const keys = async () => {
    const { out } = await machine.verb("plan", "--json");
    return JSON.parse(out).settings.map(({ key }: { key: string }) => key);
  };
  assert.deepEqual(await keys(), ["vault.address", "sync.interval"]);
  agent.signal("SIGHUP");
  await machine.until("the configuration is read again", () => agent.err().includes("configuration read again"));
  assert.deepEqual(await keys(), ["vault.address"]);
  const text = await machine.verb("plan");
  assert.match(text.out, /once the agent is started anew[\s\S]*you put a token for vault\.invalid into/);
  await agent.stop();
});

test("plan says that it can't compare what was noted with another key, until an agent has read the configuration again", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText({ enrolments: { jfrog: jfrog(platform.url) }, rules: [jfRule()] }));
  const agent = await enrolled(machine, platform);
  await agent.stop();
  assert.equal((await machine.verb("journal", "rekey")).code, 0);
  const text = machine.home.read(".config/dotvault/config.yaml");
  machine.home.configure(`${text}\n`);
  const { out } = await machine.verb("plan");
  assert.match(out, /the key was changed since[\s\S]*as far as that can be told\n$/);
  await machine.verb("sync");
  assert.match((await machine.verb("plan")).out, /^✓ .* changes no file, rotation or sign-in\n$/);
});

test("plan on a real Vault: under a changed configuration the agent does what was said, file and rotation alike", async (t) => {
  const bao = await startOpenBao();
  t.after(() => bao.stop());
  await mountKv(bao, "kv");
  const platform = await startPlatform(t);
  const vault = { address: bao.address, mount: "kv" };
  const own = (name: string, members: object) => {
    const target = { path: "~/shared.json", format: "json", template: JSON.stringify(members), managed: "strict" };
    return { name, vault_key: "jfrog", target };
  };
  const token = "{{ .access_token }}";
  const wish = (rules: readonly object[], settings: object = {}) =>
    configText({ vault, interval: "1s", enrolments: { jfrog: jfrog(platform.url, settings) }, rules: [...rules] });
  const before = wish([jfRule(), own("one", { token, user: "ada", old: 1 })]);
  const machine = makeMachine(t, before, { DOTVAULT_TOKEN: "root" });
  const agent = await enrolled(machine, platform);
  const rules = [
    own("one", { token, user: "ada" }),
    own("two", { url: "{{ .url }}", more: 1 }),
    own("three", { user: "eve" }),
  ];
  const text = wish([jfRule(), ...rules], { rotation: "remint", token_ttl: "45d" });
  const file = machine.home.put("new.yaml", text);
  const { out, err, code } = await machine.verb("plan", "--config", file, "--json");
  assert.equal(code, 0, err);
  const plan: { enrolments: EnrolmentPlan[]; files: FilePlan[]; store: unknown } = JSON.parse(out);
  const keysOf = (name: string) => named(plan.files, name).keys.map(({ pointer, change }) => [pointer, change]);
  assert.deepEqual(keysOf("one"), [
    ["/token", "maybe"],
    ["/user", "same"],
    ["/old", "removed"],
  ]);
  assert.deepEqual(keysOf("two"), [
    ["/url", "added"],
    ["/more", "added"],
  ]);
  assert.match(named(plan.files, "three").message ?? "", /the rule one comes before it/);
  const { rotation, signIn, rotatesAt } = named(plan.enrolments, "jfrog");
  assert.deepEqual([plan.store, rotation?.after, signIn], [null, "remint", "no"]);

  machine.home.configure(text);
  agent.signal("SIGHUP");
  await machine.until("the new rules have written", () => machine.home.read("shared.json").includes('"more"'));
  const { token: written, ...rest } = JSON.parse(machine.home.read("shared.json"));
  assert.deepEqual(rest, { user: "ada", url: platform.url, more: 1 });
  assert.ok(!out.includes(written), "no value is shown");
  const lines = machine.home.read("shared.json").split("\n");
  for (const { pointer, line } of named(plan.files, "two").keys)
    assert.match(lines[(line ?? 0) - 1] ?? "", new RegExp(`"${pointer.slice(1)}"`), `${pointer} on line ${line}`);
  const status = async () => JSON.parse((await machine.verb("status", "--json")).out);
  await machine.until("the third is refused", () => machine.events("FILE_FAILED").length > 0);
  const { files, enrolments } = await status();
  const three = files.find(({ name }: { name: string }) => name === "three");
  assert.equal(three.failure.code, "files.contradiction");
  assert.equal(enrolments[0].rotatesAt, rotatesAt.after, "it rotates when that was said");
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  assert.equal(platform.ledger.pairs.at(-1)?.by, "mint", "and as was said");
});
