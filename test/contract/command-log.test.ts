import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { enrolThenLoseAnAnswer } from "./command-history.ts";
import { MINUTE, Stage } from "./command-stage.ts";

test("log: what comes before an event that can't be read is told, then what is wrong", async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  const whole = (await stage.type("dotvault log")).out;
  const database = new Database(join(stage.where.stateDir, "journal.db"));
  database.exec("UPDATE events SET event = 'x' WHERE seq = 15");
  database.close();
  const { code, out, err } = await stage.type("dotvault log");
  assert.equal(code, 1);
  assert.match(err, /event 15 is not JSON/);
  assert.ok(whole.startsWith(out));
  assert.match(out, /presenting the pair \(once\) .*\n$/);
});

test("log: what is longer than a pipe takes at once comes whole, in order", async () => {
  using stage = new Stage();
  stage.configure("rules: []\n");
  const names = Array.from({ length: 20 }, (_, index) => `rule-${index}`);
  for (const name of names) {
    stage.rule(name, { value: "current", path: `/home/alice/${name}/${"x".repeat(8000)}`, writtenAt: 1 });
    stage.now += MINUTE;
  }
  const { out } = await stage.type("dotvault log");
  assert.ok(out.length > 100_000);
  assert.deepEqual(
    Array.from(out.matchAll(/alice\/(rule-\d+)\//g), ([, name]) => name),
    names,
  );
});
