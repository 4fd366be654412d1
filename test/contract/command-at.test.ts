import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, Stage } from "./command-stage.ts";

const CURRENT = { value: "current", path: "/home/alice/f", writtenAt: 1 };

/** What an agent noted of four files; between the second and the third its clock went back by an hour. */
function clockSetBack(stage: Stage): { begin: number; at(after: number): string } {
  const begin = stage.now;
  stage.configure("rules: []\n");
  for (const [name, after] of Object.entries({ a: 0, b: 2 * HOUR, c: HOUR, d: 90 * MINUTE })) {
    stage.now = begin + after;
    stage.rule(name, CURRENT);
  }
  return { begin, at: (after) => new Date(begin + after).toISOString() };
}

async function names(stage: Stage, command: string): Promise<string[]> {
  const document = JSON.parse((await stage.type(`dotvault ${command} --json`)).out);
  return (document.events ?? document.files).map(({ name }: { name: string }) => name).toSorted();
}

test("in a time that the clock showed twice, log --at shows what led to what status --at shows", async () => {
  using stage = new Stage();
  const { at } = clockSetBack(stage);
  const rules = ["a", "b", "c", "d"].map((name) => ({ name, secret: null, path: CURRENT.path }));
  stage.noteConfiguration([], rules);
  for (const [after, expected] of [
    [30 * MINUTE, ["a"]],
    [75 * MINUTE, ["a", "b", "c"]],
    [90 * MINUTE, ["a", "b", "c", "d"]],
    [2 * HOUR, ["a", "b", "c", "d"]],
  ] as const) {
    assert.deepEqual(await names(stage, `log --at ${at(after)}`), expected, `log, ${after}`);
    assert.deepEqual(await names(stage, `status --at ${at(after)}`), expected, `status, ${after}`);
  }
});

test("of a time to come nothing is told as if it had been, but for what the clock showed before it was set back", async () => {
  using stage = new Stage();
  const { at } = clockSetBack(stage);
  const refused = await stage.type(`dotvault status --at ${at(3 * HOUR)} --json`);
  assert.deepEqual([refused.code, JSON.parse(refused.out).error.code], [2, "usage.at"]);
  assert.match(refused.err, /still to come\n {2}dotvault next tells/);
  assert.equal((await stage.type(`dotvault status --at ${at(2 * HOUR)}`)).code, 0);
});
