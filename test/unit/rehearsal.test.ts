import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { agentSnapshot, noteEnd, noteStart } from "../../src/agent/agent-stream.ts";
import type { World } from "../../src/agent/ports.ts";
import { rehearseUpdate } from "../../src/agent/rehearsal.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { MACHINE_VERSION } from "../../src/machines/enrolment/machine.ts";
import { emptyContext } from "../../src/machines/vault-session/context.ts";
import { enrolThenLoseAnAnswer } from "../contract/command-history.ts";
import { DAY, Stage } from "../contract/command-stage.ts";

/** The stage as the agent sees it at its start; `tick`: how long each look at the clock takes. */
function worldOf(stage: Stage, tick = 0): World {
  const now = () => {
    stage.now += tick;
    return stage.now;
  };
  return { journal: stage.journal, log: silentLog, clock: { now } } as unknown as World;
}

/** An event that left the enrolment in a state to which the machine would not bring it. */
function decidedOtherwise({ journal, now }: Stage): void {
  const stream = "enrolment/jfrog";
  const { version: expectedVersion = 0, snapshot = {} } = journal.head(stream) ?? {};
  const event = { type: "RELEASED", at: now };
  journal.append({ stream, expectedVersion, machineVersion: 1, event, state: { idle: "missing" }, snapshot });
}

const version = "1.0.0";
const ran = (stage: Stage, by = version) =>
  noteStart(stage.journal, { version: by, machine: MACHINE_VERSION, at: stage.now });

test("a newer version rehearses this user's own history once, and tells what it found", async () => {
  using stage = new Stage();
  ran(stage);
  noteEnd(stage.journal, stage.now);
  enrolThenLoseAnAnswer(stage);
  rehearseUpdate(worldOf(stage), version);
  assert.equal(agentSnapshot(stage.journal)?.rehearsed, null, "the same version has nothing to rehearse");
  rehearseUpdate(worldOf(stage), "1.1.0");
  const found = agentSnapshot(stage.journal)?.rehearsed;
  assert.deepEqual(found, { version: "1.1.0", machine: MACHINE_VERSION, events: 22, same: 22, skipped: 0, parts: [] });
  const events = stage.journal.lastSeq();
  rehearseUpdate(worldOf(stage), "1.1.0");
  assert.equal(stage.journal.lastSeq(), events, "once");
  assert.match(
    (await stage.type("dotvault log")).out,
    /rehearsed with dotvault 1\.1\.0: 22 events, 0 decisions differ/,
  );
  assert.equal(JSON.parse((await stage.type("dotvault status --json")).out).rehearsal, null);
});

test("what would be decided otherwise is told in status and log; it hinders no start, and takes no longer than it may", async () => {
  using stage = new Stage();
  ran(stage);
  enrolThenLoseAnAnswer(stage);
  decidedOtherwise(stage);
  rehearseUpdate(worldOf(stage), "1.1.0");
  const part = agentSnapshot(stage.journal)?.rehearsed?.parts[0];
  assert.deepEqual([part?.name, part?.event, part?.type], ["jfrog", 21, "RELEASED"]);
  const { out } = await stage.type("dotvault status");
  assert.match(out, /dotvault 1\.1\.0 would have decided otherwise in the past of jfrog: dotvault replay journal/);
  assert.match((await stage.type("dotvault log")).out, /decided otherwise: jfrog from its event 21 on/);
  rehearseUpdate(worldOf(stage, 2_000), "1.2.0");
  assert.deepEqual(agentSnapshot(stage.journal)?.rehearsed?.skipped, 2, "no time");
});

test("of a compacted history it rehearses what follows on what was kept; a kept standing that can't be trusted is not used", async () => {
  using stage = new Stage();
  ran(stage);
  enrolThenLoseAnAnswer(stage);
  stage.journal.compact(stage.now - 5 * DAY);
  rehearseUpdate(worldOf(stage), "1.1.0");
  const rehearsed = () => agentSnapshot(stage.journal)?.rehearsed;
  const { events, same, skipped } = rehearsed() ?? {};
  assert.deepEqual([events, same, skipped], [12, 12, 0]);
  decidedOtherwise(stage);
  rehearseUpdate(worldOf(stage), "1.2.0");
  assert.equal(rehearsed()?.parts[0]?.event, 21, "counted from the beginning of all");
  const database = new Database(join(stage.where.stateDir, "journal.db"));
  database.exec("UPDATE kept SET wakes = '[]'");
  database.close();
  rehearseUpdate(worldOf(stage), "1.3.0");
  assert.deepEqual([rehearsed()?.events, rehearsed()?.skipped], [2, 1]);
});

test("a start after a kill is told from one after an end, and stats counts it", async () => {
  using stage = new Stage();
  ran(stage);
  ran(stage);
  noteEnd(stage.journal, stage.now);
  ran(stage);
  const types = [...stage.journal.events({ stream: "agent" })].map(({ event }) => event.before ?? event.type);
  assert.deepEqual(types, ["first", "killed", "AGENT_ENDED", "ended"]);
  const { starts, kills } = JSON.parse((await stage.type("dotvault stats --json")).out);
  assert.deepEqual([starts, kills], [3, 1]);
});

test("sessions with Vault and files are rehearsed, too", () => {
  using stage = new Stage();
  ran(stage);
  enrolThenLoseAnAnswer(stage);
  const settings = { method: "approle", needsPerson: false, renews: true, identity: "i" };
  const event = { type: "CONFIGURED", at: stage.now, settings };
  const place = { stream: "vault/vault.acme.org:8200", expectedVersion: 0, machineVersion: 1 };
  stage.journal.append({ ...place, event, state: "refused", snapshot: { value: "refused", context: emptyContext } });
  rehearseUpdate(worldOf(stage), "1.1.0");
  const { parts, events } = agentSnapshot(stage.journal)?.rehearsed ?? {};
  assert.equal(events, 23);
  assert.deepEqual(parts, [{ name: "vault vault.acme.org:8200", event: 1, type: "CONFIGURED", field: "state" }]);
});
