import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { FilePlan } from "../../src/terminal/plan/report.ts";
import { MINUTE, Stage } from "./command-stage.ts";

// Several rules of one file are planned as they are written: one after the other, into one text.

function rules(stage: Stage, templates: Readonly<Record<string, string>>): void {
  const all = Object.entries(templates).map(([name, template]) => ({
    name,
    target: { path: "~/f.yaml", format: "yaml", template, managed: "strict" },
  }));
  stage.configure(JSON.stringify({ enrolments: {}, rules: all }));
}

async function planned(stage: Stage): Promise<readonly FilePlan[]> {
  return JSON.parse((await stage.type("dotvault plan --json")).out).files;
}

test("lines are those of the file once all of its rules have written it, also where values go", async () => {
  using stage = new Stage();
  rules(stage, { one: "a:\n  x: 1\n  old: 1\n  older: 2\n", two: "b:\n  y: 1\n" });
  await stage.type("dotvault sync");
  stage.now += MINUTE;
  rules(stage, { one: "a:\n  x: 1\n", two: "b:\n  y: 1\n  z: 2\n", three: "a:\n  w: 1\nc: 3\n" });
  const files = await planned(stage);
  await stage.type("dotvault sync");
  const text = readFileSync(join(stage.home, "f.yaml"), "utf8").split("\n");
  const added = files.flatMap(({ keys }) => keys.filter(({ change }) => change === "added"));
  assert.deepEqual(
    added.map(({ pointer, line }) => [pointer, text[(line ?? 0) - 1]?.trim()]),
    [
      ["/b/z", "z: 2"],
      ["/a/w", "w: 1"],
      ["/c", "c: 3"],
    ],
  );
});

test("a contradiction between two rules is told, the later one is refused, and the agent does so", async () => {
  using stage = new Stage();
  rules(stage, { one: "user: ada\n" });
  await stage.type("dotvault sync");
  stage.now += MINUTE;
  rules(stage, { one: "user: ada\n", two: "user: eve\nmore: 1\n", three: "more: 2\n" });
  const files = await planned(stage);
  assert.deepEqual(
    files.map(({ change, keys, message }) => [change, keys.map((key) => key.change), message]),
    [
      ["same", ["same"], null],
      ["new", [], "it is not written: the rule one comes before it, and wants another value at /user"],
      ["new", ["added"], null],
    ],
  );
  await stage.type("dotvault sync");
  assert.equal(readFileSync(join(stage.home, "f.yaml"), "utf8"), "user: ada\nmore: 2\n");
  const [, refused] = JSON.parse((await stage.type("dotvault status --json")).out).files;
  assert.deepEqual([refused.name, refused.failure?.code], ["two", "files.contradiction"]);
  assert.equal((await planned(stage))[1]?.change, "same", "it is no news any more");
});
