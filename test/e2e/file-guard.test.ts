import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileReport } from "../../src/terminal/status/report.ts";
import { enrolled, type Machine, makeMachine, startPlatform } from "../support/agent-process.ts";
import { configText, jfRule, jfrogWish } from "../support/home.ts";
import { mountKv, startOpenBao } from "../support/openbao.ts";

const rule = {
  name: "cli",
  vault_key: "jfrog",
  target: { path: "~/cli.json", format: "json", template: '{ "token": "{{ .access_token }}", "user": "ada" }' },
};

interface Cli {
  token: string;
  user: string;
}

const read = ({ home }: Machine): Cli => JSON.parse(home.read("cli.json"));

/** Somebody else changes a value that is ours. */
function edit(machine: Machine, user: string): void {
  machine.home.put("cli.json", JSON.stringify({ ...read(machine), user }));
}

async function fileOf(machine: Machine): Promise<FileReport> {
  const { out } = await machine.verb("status", "--json");
  return JSON.parse(out).files.find(({ name }: FileReport) => name === "cli");
}

for (const running of [false, true]) {
  test(`somebody else's change is told, and a person's word on it is heeded, ${running ? "by the running agent" : "without an agent"}`, async (t) => {
    const platform = await startPlatform(t);
    const wish = {
      enrolments: { jfrog: { engine: "jfrog", settings: { url: platform.url } } },
      rules: [jfRule(), rule],
    };
    const machine = makeMachine(t, configText(wish));
    const agent = await enrolled(machine, platform);
    if (!running) await agent.stop();
    const said = async (...args: string[]) => {
      const { code, out, err } = await machine.verb("file", ...args);
      assert.equal(code, 0, out + err);
      return out;
    };

    const early = await machine.verb("file", "keep", "cli");
    assert.deepEqual([early.code, /there is nothing to keep/.test(early.err)], [2, true], early.err);
    edit(machine, "eve");
    await machine.verb("sync");
    assert.equal(read(machine).user, "ada", "put right by default");
    const { edited } = await fileOf(machine);
    assert.deepEqual([edited?.keys, edited?.kept], [["/user"], false]);
    assert.match((await machine.verb("status")).out, /somebody else changed \/user .*answer: dotvault file keep/);

    assert.match(await said("keep", "~/cli.json"), /what others write at \/user stays/);
    edit(machine, "eve");
    await machine.verb("sync");
    assert.equal(read(machine).user, "eve", "kept by the person's word");
    assert.deepEqual((await fileOf(machine)).answer?.keys, ["/user"]);
    const token = read(machine).token;
    assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
    await machine.verb("sync");
    assert.notEqual(read(machine).token, token, "its other values are looked after");
    assert.equal(read(machine).user, "eve");

    assert.match(await said("take-back", "cli"), /is as the rule wants it/);
    assert.equal(read(machine).user, "ada");
    assert.equal((await fileOf(machine)).answer, null);

    assert.match(await said("stop", "cli"), /is written no more/);
    edit(machine, "mallory");
    await machine.verb("sync");
    assert.equal(read(machine).user, "mallory");
    assert.match((await machine.verb("why", "~/cli.json")).out, /by your own word the file is written no more/);
    assert.deepEqual([(await fileOf(machine)).state, (await fileOf(machine)).level], ["stopped", "off"]);
    const json = JSON.parse(await said("take-back", "cli", "--json"));
    assert.deepEqual([json.rule, json.answer, json.state], ["cli", "take-back", "current"]);
    assert.equal(read(machine).user, "ada");

    const { out } = await machine.verb("log", "--json");
    const told: { type: string; event: { found?: { digest: string }[] } }[] = JSON.parse(out).events;
    assert.equal(told.filter(({ type }) => type === "FILE_ANSWERED").length, 4);
    const change = told.find(({ type }) => type === "FILE_EDITED");
    assert.match(change?.event.found?.[0]?.digest ?? "", /^\w+:[0-9a-f]{32}$/, "what it had become, by its digest");
    if (running) await agent.stop();
  });
}

test("file: an unknown word, an unknown rule", async (t) => {
  const machine = makeMachine(t, configText({ enrolments: {}, rules: [] }));
  assert.match((await machine.verb("file", "burn", "cli")).err, /there is no "burn"[\s\S]*keep, take-back, stop/);
  const { code, err } = await machine.verb("file", "stop", "cli");
  assert.deepEqual([code, /no rule is named "cli"/.test(err)], [2, true], err);
});

test("file take-back while the store does not answer does not say that it is done", async (t) => {
  const bao = await startOpenBao();
  t.after(() => bao.stop());
  await mountKv(bao, "kv");
  const platform = await startPlatform(t);
  const vault = { address: bao.address, mount: "kv" };
  const machine = makeMachine(t, configText(jfrogWish(platform.url, { vault })), { DOTVAULT_TOKEN: bao.token });
  await enrolled(machine, platform);
  await bao.stop();
  const { code, out } = await machine.verb("file", "take-back", "jfrog-file");
  assert.deepEqual(
    [code, /^! jfrog-file: .* is written anew as soon as its secret can be read\n$/.test(out)],
    [1, true],
  );
});
