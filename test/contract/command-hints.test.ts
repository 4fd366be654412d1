import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommandLine } from "../../src/commands/cli/parse.ts";
import type { JsonObject } from "../../src/journal/port.ts";
import { foldRule, ruleSnapshot } from "../../src/machines/rule/rule.ts";
import { wordsOf } from "../support/shell-words.ts";
import { Stage } from "./command-stage.ts";

// A command that is shown can be copied as it is: a shell takes it for the words that are meant.

/** By the journal, both wait for their person: a file that is written no more, and an enrolment that nobody has signed in to. */
function waiting(stage: Stage, rule: string, enrolment: string): void {
  stage.noteConfiguration(
    [{ name: enrolment, engine: "jfrog", label: "JFrog" }],
    [{ name: rule, secret: enrolment, path: "~/my files/f.json", format: "json" }],
  );
  const event = { type: "FILE_ANSWERED", answer: "stop", at: stage.now, path: "~/my files/f.json" } as const;
  const stopped = foldRule(ruleSnapshot(undefined), event);
  stage.rule(rule, { ...stopped } as unknown as JsonObject & { readonly value: string });
}

for (const [rule, enrolment] of [
  [`it's "mine"; echo $HOME \`id\` *`, "team/x"],
  ["two words", "-x"],
  ["~/not-a-path", "plain"],
] as const) {
  test(`status and why show commands that a shell takes for ${rule} and ${enrolment}`, async () => {
    using stage = new Stage();
    waiting(stage, rule, enrolment);
    const status = JSON.parse((await stage.type("dotvault status --json")).out);
    const [{ run }] = status.enrolments;
    assert.deepEqual(parseCommandLine(wordsOf(run)).parsed, { positionals: [enrolment], flags: {} });
    const told = /run: (dotvault file .*)/.exec((await stage.type("dotvault status")).out)?.[1] ?? "";
    assert.deepEqual(wordsOf(told), ["file", "take-back", rule]);
    const why = JSON.parse((await stage.type("dotvault why --json")).out);
    assert.deepEqual(wordsOf(why.files[0].verdict.run), ["file", "take-back", rule]);
  });
}
