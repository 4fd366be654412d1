import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { enrolThenLoseAnAnswer } from "./command-history.ts";
import { Stage } from "./command-stage.ts";

interface Exported {
  readonly start: object | null;
  readonly events: Record<string, unknown>[];
  readonly end: object | null;
}

const BOTH =
  "✓ jfrog: 20 events, 0 decisions differ\n✓ rule rule-1: 2 events, 0 decisions differ\n2 histories, 22 events, 0 decisions differ\n";

/** Exports what the stage holds, has it changed, and writes it where replay finds it. */
async function exported(stage: Stage, change: (history: Exported) => void = () => {}): Promise<Exported> {
  enrolThenLoseAnAnswer(stage);
  const { out, code } = await stage.type("dotvault export jfrog");
  assert.equal(code, 0);
  const history = JSON.parse(out) as Exported;
  change(history);
  writeFileSync(join(stage.home, "history.json"), JSON.stringify(history));
  return history;
}

test("export: one document, chained, with aliases in place of what identifies", async () => {
  using stage = new Stage();
  const history = await exported(stage);
  const { events, ...head } = history;
  assert.deepEqual(Object.keys(head), [
    ...["schemaVersion", "kind", "exportedBy", "stream", "name", "start", "end", "beside"],
  ]);
  const members = ["seq", "version", "machineVersion", "event", "state", "closes", "intents", "wakes", "hash"];
  for (const row of events) assert.deepEqual(Object.keys(row), members);
  assert.doesNotMatch(JSON.stringify(history), /acme\.jfrog\.io|alice|\bada\b|connection|answered 503/);
});

test("replay: what was exported comes out the same", async () => {
  using stage = new Stage();
  await exported(stage);
  const { out, code } = await stage.type("dotvault replay history.json");
  assert.equal(out, BOTH);
  assert.equal(code, 0);
});

test("replay: a missing event is refused, with its place", async () => {
  using stage = new Stage();
  await exported(stage, ({ events }) => events.splice(6, 1));
  const { err, code } = await stage.type("dotvault replay history.json");
  assert.match(err, /event 7 of the history was altered, or one before it is missing/);
  assert.equal(code, 1);
});

test("replay: an altered event is refused, with its place", async () => {
  using stage = new Stage();
  await exported(stage, ({ events }) => {
    events[3] = { ...events[3], state: "active" };
  });
  const { err, code } = await stage.type("dotvault replay history.json");
  assert.match(err, /event 4 of the history was altered/);
  assert.equal(code, 1);
});

test("replay: a decision that differs is named, and the exit code says so", async () => {
  using stage = new Stage();
  await exported(stage);
  const { chainEvents } = await import("../../src/journal/plain-chain.ts");
  const { out } = await stage.type("dotvault export jfrog");
  const history = JSON.parse(out) as Exported;
  const events = history.events.map(({ hash: _, ...row }) => row);
  events[3] = { ...events[3], state: { idle: "missing" } };
  const forged = { ...history, events: chainEvents(events), end: null, beside: [] };
  writeFileSync(join(stage.home, "forged.json"), JSON.stringify(forged));
  const text = await stage.type("dotvault replay forged.json");
  assert.equal(
    text.out,
    "✗ jfrog: event 4 of 20 (ENROL_ASKED): state differs, after 3 events that came out the same\n" +
      '  then: {"idle":"missing"}\n  now:  "session"\n',
  );
  assert.equal(text.code, 1);
  const json = await stage.type("dotvault replay forged.json --json");
  assert.equal(json.code, 1);
  assert.deepEqual(JSON.parse(json.out), {
    schemaVersion: 1,
    histories: [
      {
        enrolment: "jfrog",
        stream: "enrolment",
        events: 20,
        from: 1,
        same: 3,
        skipped: null,
        difference: { event: 4, type: "ENROL_ASKED", field: "state", recorded: { idle: "missing" }, now: "session" },
      },
    ],
  });
});

test("replay journal: every stream; a compacted one goes on from what was kept of it, and one of which nothing is, is named", async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  assert.equal((await stage.type("dotvault replay journal")).out, BOTH.replace("rule-1", "jfrog-cli"));
  const compacted = async () => {
    await stage.type("dotvault journal compact --older-than 5d");
    return stage.type("dotvault replay journal");
  };
  const [jfrog, rule] = (await compacted()).out.split("\n");
  assert.equal(
    jfrog,
    "✓ jfrog: 10 events, 0 decisions differ (what its first 10 events came to is taken as it was kept)",
  );
  assert.equal(rule, "✓ rule jfrog-cli: 2 events, 0 decisions differ");
  const database = new Database(join(stage.where.stateDir, "journal.db"));
  database.exec("UPDATE kept SET wakes = '[]'");
  assert.match((await compacted()).out, /^○ jfrog: its first 9 events were compacted; not replayed/);
  database.exec("DELETE FROM kept");
  database.close();
  const { out, code } = await compacted();
  assert.match(out, /^○ jfrog: its first 9 events were compacted; not replayed/);
  assert.equal(code, 0);
});

test("replay: a file that is no history is refused", async () => {
  using stage = new Stage();
  writeFileSync(join(stage.home, "a.json"), "{}");
  writeFileSync(join(stage.home, "b.json"), "no");
  assert.match((await stage.type("dotvault replay a.json")).err, /this is no exported history/);
  assert.match((await stage.type("dotvault replay b.json")).err, /is no JSON/);
  assert.match((await stage.type("dotvault replay c.json")).err, /can't be read \(ENOENT\)/);
  const histories = [{ kind: "dotvault-history", events: [{ version: 5 }] }, null];
  writeFileSync(join(stage.home, "d.json"), JSON.stringify({ kind: "dotvault-report", histories }));
  assert.match((await stage.type("dotvault replay d.json --log")).err, /this is no exported history/);
});
