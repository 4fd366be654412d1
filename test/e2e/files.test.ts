import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openReader } from "../../src/journal/reader.ts";
import {
  enrolled,
  type Machine,
  makeMachine,
  type Scope,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfRule, jfrogWish, listing } from "../support/home.ts";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";

/** An agent that dies at a point. */
const DYING = join(import.meta.dirname, "..", "crash", "child.ts");

/** OpenBao with secrets of this user that no engine has issued. */
async function storeWith(t: Scope): Promise<{ bao: OpenBao; put: (name: string, data: object) => Promise<void> }> {
  const bao = await startOpenBao();
  t.after(() => bao.kill());
  const put = async (name: string, data: object) => {
    await bao.api("POST", `secret/data/users/${userInfo().username}/${name}`, { data });
  };
  return { bao, put };
}

function machineWith(t: Scope, bao: OpenBao, rules: readonly object[]): Machine {
  const config = configText({ vault: { address: bao.address }, enrolments: {}, rules, interval: "2s" });
  return makeMachine(t, config, { DOTVAULT_TOKEN: "root" });
}

function rule(name: string, format: string, template: string, more: object = {}): object {
  return { name, vault_key: "team/db", target: { path: `~/files/${name}`, format, template, ...more } };
}

/** What stands in each file before us, what a rule writes there, and what is there afterwards. */
const FILES = {
  "app.json": [
    "json",
    '{"pass": "{{ .password }}"}',
    '// mine\n{ "theirs": 1.0, "pass": "old" }\n',
    '// mine\n{ "theirs": 1.0, "pass": "§" }\n',
  ],
  "app.yaml": [
    "yaml",
    "db: { pass: {{ .password }} }",
    "# mine\ndb:\n    pass: old # why\n",
    "# mine\ndb:\n    pass: § # why\n",
  ],
  "app.ini": ["ini", "[db]\npass = {{ .password }}\n", "; mine\n[db]\npass=old\n", "; mine\n[db]\npass=§\n"],
  "app.toml": [
    "toml",
    "[db]\npass = {{ toJson .password }}\n",
    '# mine\n[db]\npass = "old"\n',
    '# mine\n[db]\npass = "§"\n',
  ],
  "app.txt": ["text", "pass {{ .password }}\n", "old\n", "pass §\n"],
  netrc: [
    "netrc",
    "machine db login {{ .user }} password {{ .password }}\n",
    "machine other login x password y\n",
    "machine other login x password y\n\nmachine db login ada password §\n",
  ],
  ssh: [
    "ssh_config",
    "Host db\n  User {{ .user }}\n  SetEnv PW={{ .password }}\n",
    "# mine\nHost db\n  User old\n\nHost *\n  Compression yes\n",
    "# mine\nHost db\n  User ada\n  SetEnv PW=§\n\nHost *\n  Compression yes\n",
  ],
} as const;

describe("files", { concurrency: 4 }, () => {
  test("one grouped secret in all formats: followed, put right after an edit, kept when it is gone", async (t) => {
    const { bao, put } = await storeWith(t);
    const machine = machineWith(
      t,
      bao,
      Object.entries(FILES).map(([name, [format, template]]) => rule(name, format, template)),
    );
    for (const [name, [, , before]] of Object.entries(FILES)) machine.home.put(`files/${name}`, before);
    const show = (password: string) => {
      for (const [name, [, , , after]] of Object.entries(FILES)) {
        assert.equal(machine.home.read(`files/${name}`), after.replace("§", password), name);
      }
    };
    await put("team/db", { user: "ada", password: "first-password" });
    const agent = machine.run();
    await machine.until("all files are written", () => machine.events("FILE_WRITTEN").length === 7);
    show("first-password");

    await put("team/db", { user: "ada", password: "second-password" });
    await machine.until("the agent has seen it", () => machine.events("FILE_WRITTEN").length === 14);
    show("second-password");

    machine.home.put("files/app.ini", "; mine\n[db]\npass=edited\n");
    machine.home.put("files/app.txt", "edited");
    assert.equal((await machine.verb("sync")).code, 0);
    show("second-password");
    const journaled = machine.events().length;
    assert.equal((await machine.verb("sync")).code, 0);
    assert.equal(machine.events().length, journaled, "an unchanged file is no news");

    await bao.api("DELETE", `secret/data/users/${userInfo().username}/team/db`);
    await machine.verb("sync");
    show("second-password");
    assert.equal((await agent.stop()).code, 0);
  });

  test("a rule without a secret makes its file from its template alone, whatever the store does", async (t) => {
    const { bao } = await storeWith(t);
    const keyless = {
      name: "editor",
      target: {
        path: "~/.toolrc",
        format: "ini",
        template: "[tool]\nuser = {{ username }}\nhome = {{ env `HOME` }}\n",
      },
    };
    const machine = machineWith(t, bao, [keyless]);
    machine.home.put(".toolrc", "# mine\n");
    await bao.kill();
    await machine.verb("sync");
    const text = machine.home.read(".toolrc");
    assert.equal(text, `# mine\n[tool]\nuser = ${userInfo().username}\nhome = ${machine.home.directory}\n`);
    const [event] = machine.events("FILE_WRITTEN");
    assert.partialDeepStrictEqual(event?.event, { secret: null, source: "template" });
  });

  test("two rules on one file are merged in their order, each with its own keys", async (t) => {
    const { bao, put } = await storeWith(t);
    const path = "~/.config/both.json";
    const machine = machineWith(t, bao, [
      rule("one", "json", '{"a": {"pass": "{{ .password }}"}}', { path }),
      { name: "two", target: { path, format: "json", template: '{"a": {"user": "ada"}, "b": 1}' } },
    ]);
    await put("team/db", { password: "p4ssword" });
    for (const _again of [1, 2]) {
      assert.equal((await machine.verb("sync")).code, 0);
      const found = JSON.parse(machine.home.read(".config/both.json")) as unknown;
      assert.deepEqual(found, { a: { pass: "p4ssword", user: "ada" }, b: 1 });
    }
    assert.equal(machine.events("FILE_WRITTEN").length, 2, "neither undoes the other");
  });

  for (const kind of ["OpenBao", "the embedded store"] as const) {
    test(`un-enrolled, ${kind}: the values leave the file where the rule says so, the person's own stay; enrolled again they are back`, async (t) => {
      const platform = await startPlatform(t);
      const vault = kind === "OpenBao" ? { vault: { address: (await storeWith(t)).bao.address } } : {};
      const goes = jfRule() as { target: object };
      const stays = {
        name: "stays",
        vault_key: "jfrog",
        target: { path: "~/token", format: "text", template: "{{ .access_token }}" },
      };
      const rules = [{ ...goes, target: { ...goes.target, on_remove: "remove" } }, stays];
      const machine = makeMachine(t, configText(jfrogWish(platform.url, { ...vault, rules, interval: "2s" })), {
        DOTVAULT_TOKEN: "root",
      });
      const mine = '{\n  "theirs": [ 1.0 ],\n  "version": "6"\n}\n';
      machine.home.put(".jfrog/jfrog-cli.conf.v6", mine);
      const agent = await enrolled(machine, platform);
      const token = tokenIn(machine.home) ?? "none";
      assert.equal((await machine.verb("revoke", "jfrog")).code, 0);
      await machine.until("the values are out", () => machine.events("FILE_CLEANED").length === 1);
      assert.equal(machine.home.read(".jfrog/jfrog-cli.conf.v6"), mine);
      assert.equal(machine.home.read("token"), token, "on_remove: keep is the default");
      assert.match((await machine.verb("log")).out, /taken out of .*jfrog-cli.conf.v6 \(un-enrolled\)/);
      assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
      // `enrol` ends once the pair is stored: the file, and the revocation of what it was got with, may come behind that.
      await untilSettled(machine, platform);
      assert.equal((await agent.stop()).code, 0);
    });
  }

  test("a secret that is gone from the store: on_missing: remove takes it out of the file, keep leaves it and status says so", async (t) => {
    const { bao, put } = await storeWith(t);
    const template = '{"pass": "{{ .password }}"}';
    const machine = machineWith(t, bao, [
      rule("goes.json", "json", template, { on_missing: "remove", backup: 1, mode: "0640" }),
      rule("stays.json", "json", template),
    ]);
    const mine = '{ "mine": 1.0 }';
    for (const name of ["goes.json", "stays.json"]) machine.home.put(`files/${name}`, mine);
    await put("team/db", { password: "p4ssword" });
    const agent = machine.run();
    await machine.until("both are written", () => machine.events("FILE_WRITTEN").length === 2);
    const path = `users/${userInfo().username}/team/db`;
    for (const how of ["data", "metadata"]) {
      await bao.api("DELETE", `secret/${how}/${path}`);
      await machine.until("it is seen", () => machine.events("SECRET_MISSING").length === (how === "data" ? 1 : 2));
      await machine.until("it is out", () => machine.home.read("files/goes.json") === mine);
      assert.match(machine.home.read("files/stays.json"), /p4ssword/);
      const { out } = await machine.verb("status");
      assert.match(out, /stays\.json/);
      assert.match(out, /gone/);
      await put("team/db", { password: "p4ssword" });
      await machine.until("it is back", () => machine.home.read("files/goes.json").includes("p4ssword"));
    }
    assert.equal((await agent.stop()).code, 0);
  });

  test("a rule that leaves the configuration takes its values along, while the agent runs or the next time", async (t) => {
    const { bao, put } = await storeWith(t);
    const template = '{"pass": "{{ .password }}"}';
    const going = ["one.json", "two.json"].map((name) => rule(name, "json", template, { on_remove: "remove" }));
    const machine = machineWith(t, bao, going);
    await put("team/db", { password: "p4ssword" });
    const agent = machine.run();
    await machine.until("both are written", () => machine.events("FILE_WRITTEN").length === 2);
    const text = (rules: readonly object[]) =>
      configText({ vault: { address: bao.address }, enrolments: {}, rules, interval: "2s" });
    machine.home.configure(text(going.slice(1)));
    agent.signal("SIGHUP");
    await machine.until("the first is out", () => machine.home.read("files/one.json") === "{}");
    assert.equal((await agent.stop()).code, 0);
    machine.home.configure(text([]));
    assert.equal((await machine.verb("sync")).code, 0);
    assert.equal(machine.home.read("files/two.json"), "{}");
  });

  test("on_remove: remove, the agent killed behind the very first write: without the rule, or its secret, the values go", async (t) => {
    const { bao, put } = await storeWith(t);
    const template = '{"pass": "{{ .password }}"}';
    for (const [without, text] of [
      ["rule", template],
      ["rule", "machine acme password {{ .password }}"],
      ["secret", template],
    ] as const) {
      const format = text === template ? "json" : "text";
      const going = rule("one", format, text, { on_remove: "remove", on_missing: "remove" });
      const machine = machineWith(t, bao, [going]);
      await put("team/db", { password: "p4ssword" });
      const dying = await machine.end(machine.script(DYING, ["file.rename", "after", "1"]));
      assert.equal(dying.signal, "SIGKILL");
      assert.match(machine.home.read("files/one"), /p4ssword/);
      assert.deepEqual(machine.events("FILE_WRITTEN"), [], "nothing is on record of it");
      if (without === "secret") await bao.api("DELETE", `secret/data/users/${userInfo().username}/team/db`);
      else machine.home.configure(configText({ vault: { address: bao.address }, enrolments: {}, rules: [] }));
      assert.equal((await machine.verb("sync")).code, 0);
      const file = join(machine.home.directory, "files/one");
      assert.equal(existsSync(file) ? machine.home.read("files/one") : null, format === "json" ? "{}" : null);
    }
  });

  test("a dry run shows what a sync would do: what strict takes out, what on_edit keeps, two rules on one file, one rule alone", async (t) => {
    const { bao, put } = await storeWith(t);
    const path = "~/both.json";
    const two = '{"one": "{{ .password }}", "two": "{{ .user }}"}';
    const one = (template: string) => rule("one", "json", template, { path, managed: "strict", on_edit: "keep" });
    const other = { name: "other", target: { path, format: "json", template: '{"other": 1}' } };
    const machine = machineWith(t, bao, [one(two)]);
    await put("team/db", { user: "ada", password: "first-password" });
    assert.equal((await machine.verb("sync")).code, 0);
    machine.home.put("both.json", '{\n  "one": "first-password",\n  "two": "ada",\n  "mine": 1\n}\n');
    const configured = (rules: readonly object[]) =>
      machine.home.configure(configText({ vault: { address: bao.address }, enrolments: {}, rules }));
    configured([one('{"one": "{{ .password }}"}'), other]);
    await put("team/db", { user: "ada", password: "second-password", refresh_token: "second-password" });
    const before = listing(machine.home.directory);
    const dry = await machine.verb("sync", "--dry-run");
    assert.deepEqual(listing(machine.home.directory), before);
    assert.match(dry.out, /^-\s+"two": /m);
    assert.equal(dry.out.match(/^\+.*"other": 1/gm)?.length, 1);
    assert.ok(!/password/.test(dry.out), "masked, the old one and the new one");
    assert.match(dry.err, /one: .*holds a refresh token/);
    const single = await machine.verb("sync", "--dry-run", "other");
    assert.ok(!single.out.includes('-  "two"') && single.out.includes('"other": 1'));
    const unknown = await machine.verb("sync", "--dry-run", "othr");
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /no rule is named "othr"[\s\S]*there are: one, other/);

    machine.home.put("both.json", '{\n  "one": "edited",\n  "two": "ada",\n  "mine": 1\n}\n');
    configured([one(two)]);
    const kept = await machine.verb("sync", "--dry-run", "one");
    assert.equal(kept.out, "", "the changed value is left");
    assert.match(kept.err, /is current/);
  });

  test("on_edit: keep, the agent killed behind a write, and another machine's rotation before the next start: only the edit is kept", async (t) => {
    const { bao, put } = await storeWith(t);
    const template = '{"password": "{{ .password }}", "user": "{{ .user }}"}';
    const machine = machineWith(t, bao, [rule("one", "json", template, { path: "~/one.json", on_edit: "keep" })]);
    const shown = () => JSON.parse(machine.home.read("one.json"));
    await put("team/db", { user: "ada", password: "first-password" });
    assert.equal((await machine.verb("sync")).code, 0);
    machine.home.put("one.json", machine.home.read("one.json").replace("ada", "edited"));
    await put("team/db", { user: "ada", password: "second-password" });
    const dying = await machine.end(machine.script(DYING, ["file.rename", "after", "1"]));
    assert.equal(dying.signal, "SIGKILL");
    assert.deepEqual(shown(), { password: "second-password", user: "edited" });
    assert.equal(machine.events("FILE_WRITTEN").length, 1, "nothing is on record of the second write");
    await put("team/db", { user: "ada", password: "third-password" });
    assert.equal((await machine.verb("sync")).code, 0);
    assert.deepEqual(shown(), { password: "third-password", user: "edited" });
  });

  test("managed: strict, the agent killed behind a write that brought a value: gone from the rule by the next start, it goes", async (t) => {
    const { bao, put } = await storeWith(t);
    const one = (template: string) => rule("one", "json", template, { path: "~/one.json", managed: "strict" });
    const configured = (template: string) =>
      configText({ vault: { address: bao.address }, enrolments: {}, rules: [one(template)] });
    const first = '{"password": "{{ .password }}"}';
    const machine = machineWith(t, bao, [one(first)]);
    machine.home.put("one.json", '{ "mine": 1 }');
    await put("team/db", { user: "ada", password: "a-password" });
    assert.equal((await machine.verb("sync")).code, 0);
    machine.home.configure(configured('{"password": "{{ .password }}", "user": "{{ .user }}"}'));
    const dying = await machine.end(machine.script(DYING, ["file.rename", "after", "1"]));
    assert.equal(dying.signal, "SIGKILL");
    assert.deepEqual(JSON.parse(machine.home.read("one.json")), { mine: 1, password: "a-password", user: "ada" });
    assert.equal(machine.events("FILE_WRITTEN").length, 1, "nothing is on record of the second write");
    machine.home.configure(configured(first));
    assert.equal((await machine.verb("sync")).code, 0);
    assert.deepEqual(JSON.parse(machine.home.read("one.json")), { mine: 1, password: "a-password" });
  });

  test("the change is on record before the program behind it runs", async (t) => {
    const { bao, put } = await storeWith(t);
    const machine = machineWith(t, bao, []);
    const copy = join(machine.home.directory, "copy");
    mkdirSync(copy);
    const { journal } = machine.home.where;
    const program = ["/bin/cp", journal, `${journal}-wal`, copy];
    const own = { ...rule("one", "text", "{{ .password }}", { path: "~/one" }), post: program };
    machine.home.configure(configText({ vault: { address: bao.address }, enrolments: {}, rules: [own] }));
    await put("team/db", { password: "first-password" });
    machine.run();
    await machine.until("the program has run", () => machine.events("POST_RAN").length === 1);
    const reader = openReader({ directory: copy });
    const { snapshot } = reader?.head("rule/one") ?? {};
    reader?.close();
    assert.equal((snapshot as { post?: { state?: string } } | undefined)?.post?.state, "due");
  });

  test("a dry run shows what becomes of the values of rules that are gone, and names a contradiction", async (t) => {
    const { bao, put } = await storeWith(t);
    const template = '{"password": "{{ .password }}"}';
    const gone = rule("gone", "json", template, { path: "~/gone.json", on_remove: "remove" });
    const moved = (path: string) => rule("moved", "text", "{{ .password }}", { path, on_remove: "remove" });
    const kept = rule("kept", "json", template, { path: "~/kept.json" });
    const machine = machineWith(t, bao, [gone, moved("~/old"), kept]);
    await put("team/db", { password: "first-password" });
    machine.home.put("gone.json", '{"mine": 1}');
    assert.equal((await machine.verb("sync")).code, 0);
    const twice = ['{"a": "{{ .password }}", "x": "{{ .password }}"}', '{"x": "another"}'].map((template, n) =>
      rule(`rule-${n}`, "json", template, { path: "~/twice.json" }),
    );
    const rules = [moved("~/new"), ...twice];
    machine.home.configure(configText({ vault: { address: bao.address }, enrolments: {}, rules }));
    const before = listing(machine.home.directory);
    const dry = await machine.verb("sync", "--dry-run");
    assert.deepEqual(listing(machine.home.directory), before);
    assert.match(dry.err, /! gone: \S+gone\.json would lose its values: the rule is not configured any more/);
    assert.match(dry.err, /! moved: \S+old would go: the rule is not configured for it/);
    assert.match(dry.out, /gone\.json\n@@.*\n-.*"mine": 1.*"password".*\n[\s\S]*\+.*"mine": 1/);
    assert.match(dry.out, /\+\+\+ \/dev\/null/);
    assert.match(dry.err, /✗ rule-1: rule "rule-0" writes another value at \/x/);
    assert.equal(dry.code, 1);
    assert.ok(!/kept|first-password/.test(dry.err + dry.out), "what stays is no news, and nothing is shown");
    assert.match((await machine.verb("sync", "--dry-run", "gone")).err, /^! gone: /);

    assert.equal((await machine.verb("sync")).code, 1);
    assert.equal(machine.home.read("gone.json"), '{"mine": 1}', "as it was foretold");
    assert.ok(!existsSync(join(machine.home.directory, "old")));
  });
});
