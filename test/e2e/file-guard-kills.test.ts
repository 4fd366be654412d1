import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FILE_ANSWERS, ruleSnapshot } from "../../src/machines/rule/rule.ts";
import { type Machine, makeMachine } from "../support/agent-process.ts";
import { configText } from "../support/home.ts";

const CHILD = fileURLToPath(new URL("../crash/child.ts", import.meta.url));
const target = { path: "~/cli.json", format: "json", template: '{ "color": "blue", "user": "ada" }' };
const config = configText({ enrolments: {}, rules: [{ name: "cli", target }] });

/** A file that somebody else has changed, which was put right and then changed again. */
async function edited(machine: Machine): Promise<void> {
  await machine.verb("sync");
  edit(machine);
  await machine.verb("sync");
  edit(machine);
}

function edit(machine: Machine): void {
  machine.home.put("cli.json", machine.home.read("cli.json").replace('"ada"', '"eve"'));
}

const user = ({ home }: Machine): string => JSON.parse(home.read("cli.json")).user;
const heard = (machine: Machine) => machine.events("FILE_ANSWERED").map(({ event }) => event.answer);

/** It stays so however often the files are compared. */
async function isAsSaid(machine: Machine, word: string): Promise<void> {
  await machine.verb("sync");
  assert.deepEqual(heard(machine), [word], "asked once, heard once");
  assert.equal(user(machine), word === "take-back" ? "ada" : "eve");
  const snapshot = await machine.until("its rule", (reader) => ruleSnapshot(reader.head("rule/cli")?.snapshot));
  assert.equal(snapshot.value, word === "stop" ? "stopped" : "current");
}

describe("dotvault file, killed", { concurrency: 2 }, () => {
  for (const word of FILE_ANSWERS) {
    test(`the verb, as soon as it has asked or was heard: ${word} is done once with the next start`, async (t) => {
      for (const moment of ["asked", "heard"] as const) {
        const machine = makeMachine(t, config);
        await edited(machine);
        const verb = machine.start("file", word, "cli");
        await machine.until(moment, (reader) => {
          return !verb.running || (moment === "heard" ? heard(machine).length > 0 : reader.request(3) !== undefined);
        });
        await verb.kill();
        await isAsSaid(machine, word);
      }
    });

    for (const when of ["before", "after"] as const) {
      test(`the agent, right ${when} it has heard: ${word} is done once, and the verb says so`, async (t) => {
        const machine = makeMachine(t, config);
        await edited(machine);
        const order = join(machine.home.directory, "order");
        const startedAt = Date.now();
        const agent = machine.script(CHILD, ["later"], { env: { CRASH_ORDER: order } });
        // Its first pass puts right what it finds.
        await machine.until("it has looked", (reader) => Number(reader.fact("syncs")) >= startedAt);
        edit(machine);
        writeFileSync(order, `journal.append ${when} 1`);
        agent.signal("SIGUSR2");
        await machine.until("it is armed", () => agent.out().includes("armed"));
        const said = await machine.verb("file", word, "cli", "--json");
        assert.equal(agent.running, false, "the agent has died");
        assert.match(agent.out(), /dies at/);
        assert.equal(said.code, 0, said.out + said.err);
        assert.equal(JSON.parse(said.out).answer, word);
        await isAsSaid(machine, word);
      });
    }
  }
});
