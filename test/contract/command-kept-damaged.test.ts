import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { agentSnapshot, noteRehearsal } from "../../src/agent/agent-stream.ts";
import type { World } from "../../src/agent/ports.ts";
import { rehearseUpdate } from "../../src/agent/rehearsal.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { openJournal } from "../../src/journal/journal.ts";
import { breakKeptPage, hurtKept, KEPT_DAMAGE, keptIn, UNSEEN_WITHOUT_KEY } from "../support/kept-damage.ts";
import { refusedThenAdopted } from "./command-history.ts";
import { DAY, Stage } from "./command-stage.ts";

// What the journal keeps for questions about the past is damaged; the events are there, and say the same.

const STREAM = "enrolment/jfrog";
const COMMANDS = ["status --at", "log --since"];

/** The enrolment is kept with its tenth event (11), and a file that changes by and by, after that. */
function lived(): Stage {
  const stage = new Stage();
  refusedThenAdopted(stage);
  for (let change = 0; change < 8; change++) {
    stage.now += 1000;
    stage.rule("b", { value: "current", path: "/home/alice/b", writtenAt: stage.now });
  }
  stage.journal.tidy();
  return stage;
}

/** A moment behind each event of the enrolment; those of before the tenth have nothing kept. */
function moments(stage: Stage): string[] {
  return [...stage.journal.events({ stream: STREAM })].map(({ event }) => new Date(event.at).toISOString());
}

async function answers(stage: Stage, times: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const command of COMMANDS)
    for (const time of times) all.push((await stage.type(`dotvault ${command} ${time}`)).out);
  return all;
}

for (const how of Object.keys(KEPT_DAMAGE)) {
  test(`${how}: the answer is the same as before, and says so where something was passed over`, async () => {
    using stage = lived();
    const times = moments(stage).filter((_, index) => [2, 9, 10, 13, 17, 26, 29].includes(index));
    const before = await answers(stage, times);
    const [seq = 0, other = 0] = keptIn(stage.where.stateDir);
    assert.deepEqual([seq, other > 11], [11, true]);
    hurtKept(stage.where.stateDir, how, { seq, other });
    assert.deepEqual(await answers(stage, times), before);
    for (const command of COMMANDS) {
      const [early, late] = [times[0], times.at(-3)];
      assert.equal((await stage.type(`dotvault ${command} ${early}`)).err, "", `${command}: nothing was passed over`);
      const { code, out, err } = await stage.type(`dotvault ${command} ${late} --json`);
      const isSeen = !UNSEEN_WITHOUT_KEY.includes(how);
      const told = [code, JSON.parse(out).damagedSnapshots, /kept with event 11 is damaged.*journal check/s.test(err)];
      assert.deepEqual(told, [0, isSeen ? [11] : undefined, isSeen], command);
    }
    const { code } = await stage.type("dotvault journal check");
    assert.equal(code, how === "the row is gone" ? 0 : 1, "a row that nothing begins with is missed by nobody");
  });
}

test("where not even the pages of what is kept can be read, it is told from the events", async () => {
  using stage = lived();
  const times = moments(stage).filter((_, index) => [9, 13, 26].includes(index));
  const before = await answers(stage, times);
  stage.journal.close();
  breakKeptPage(stage.where.stateDir);
  assert.deepEqual(await answers(stage, times), before);
  const { out, err } = await stage.type(`dotvault status --at ${times[1]} --json`);
  assert.deepEqual(JSON.parse(out).damagedSnapshots, []);
  assert.match(err, /^! what the journal has kept is damaged: this is told from older events instead, and is exact\n/);
});

test("where the events before are dropped, too, nothing is made up: from when on it can be told is said", async () => {
  using stage = lived();
  const [, , , , , , , , , kept = "", next = "", last = ""] = moments(stage);
  assert.equal(stage.journal.compact(Date.parse(next)).removed, 9);
  const ask = (time: string) => stage.type(`dotvault status --at ${time} --json`);
  const before = await stage.type(`dotvault log --since ${last}`);
  assert.equal((await ask(last)).code, 0);
  hurtKept(stage.where.stateDir, "the snapshot is cut", { seq: 11, other: 11 });
  const { code, out } = await ask(last);
  const { error } = JSON.parse(out);
  assert.deepEqual([code === 0, error.code], [false, "journal.damaged"]);
  assert.match(error.message, /kept with event 11 is not as it was written, and what was before it is no longer kept/);
  const [from = ""] = /\d{4}-\S+Z/.exec(error.hint) ?? [];
  assert.match(error.hint, /^what was from \S+ on can be told; dotvault journal check/);
  assert.equal((await ask(from)).code, 0, "as it says");
  assert.equal((await ask(new Date(Date.parse(from) - 1).toISOString())).code, code);
  assert.equal(JSON.parse((await ask(kept)).out).error.code, "journal.compacted");
  assert.equal((await stage.type(`dotvault log --since ${last}`)).out, before.out, "the log tells events alone");
});

test("compaction cuts at nothing that is damaged: the events that still tell the past stay", async () => {
  using stage = lived();
  const at = moments(stage)[13] ?? "";
  const before = (await stage.type(`dotvault status --at ${at}`)).out;
  hurtKept(stage.where.stateDir, "the mac is wrong", { seq: 11, other: 11 });
  stage.journal.compact(Date.parse(at));
  assert.equal([...stage.journal.events({ stream: STREAM })].at(0)?.version, 1);
  assert.equal((await stage.type(`dotvault status --at ${at}`)).out, before);
});

test("a stream that rests is kept anew where compaction begins it, whatever was kept of that before", async () => {
  using stage = lived();
  const stands = stage.journal.head("rule/b");
  const ofRule = () => keptIn(stage.where.stateDir).filter((seq) => seq > 11);
  while (ofRule().length < 2 || stage.journal.kept("rule/b", 1e9)?.row.next !== null) {
    stage.now += 1000;
    stage.rule("b", { value: "current", path: "/home/alice/b", writtenAt: stage.now });
  }
  const seq = ofRule().at(-1) ?? 0;
  hurtKept(stage.where.stateDir, "the snapshot is cut", { seq, other: seq });
  stage.now += DAY;
  stage.journal.compact(stage.now);
  assert.ok(stands);
  assert.equal((await stage.type("dotvault journal check")).code, 0);
});

test("report --since goes on from an older snapshot, or the beginning; its replay holds", async () => {
  using stage = lived();
  hurtKept(stage.where.stateDir, "the snapshot is cut", { seq: 11, other: 11 });
  const whole = await stage.type("dotvault report --since 100d");
  assert.match(whole.err, /something is wrong with the journal/);
  assert.deepEqual(JSON.parse(whole.out).journal.problems, [{ code: "kept", seq: 11 }]);
  await stage.type("dotvault report --since 1h --output report.json");
  const file = join(stage.home, "report.json");
  const document = JSON.parse(readFileSync(file, "utf8"));
  const [jfrog] = document.histories;
  assert.deepEqual([jfrog.start ?? null, jfrog.events.length], [null, 30]);
  const { code, out } = await stage.type("dotvault replay report.json");
  assert.deepEqual([code, /^✓ jfrog: 30 events, 0 decisions differ/.test(out)], [0, true]);
  rmSync(file);
});

test("the agent starts, rehearses an update, appends and compacts, whatever has become of what was kept", () => {
  using stage = lived();
  const { journal } = stage;
  journal.compact(stage.now - DAY);
  const kept = keptIn(stage.where.stateDir);
  assert.ok([...journal.events({ stream: STREAM })].length < 30, "it begins with what was kept");
  for (const seq of kept) hurtKept(stage.where.stateDir, "the snapshot is cut", { seq, other: seq });
  journal.close();
  const again = openJournal({
    directory: stage.where.stateDir,
    key: stage.key,
    clock: () => stage.now,
    appVersion: "9",
  });
  const clock = { now: () => stage.now, at: () => () => {} };
  noteRehearsal(again, { events: 0, same: 0, skipped: 0, parts: [], version: "0.0.9", machine: 1 }, stage.now);
  rehearseUpdate({ journal: again, clock, log: silentLog } as unknown as World, "9.9.9");
  const { version, skipped } = agentSnapshot(again)?.rehearsed ?? {};
  assert.deepEqual([version, skipped], ["9.9.9", 2], "those whose beginning is lost");
  again.compact(stage.now - 1);
  again.close();
});
