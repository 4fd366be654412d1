import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "../../src/commands/assembly/log-output.ts";
import type { Io } from "../../src/commands/cli/io.ts";
import type { JsonObject } from "../../src/journal/port.ts";
import { foldRule, RULE_VERSION, type RuleEvent, ruleSnapshot } from "../../src/machines/rule/rule.ts";
import { dotvault } from "../../src/shell.ts";
import { noticeText } from "../../src/terminal/notice.ts";
import { enrolThenLoseAnAnswer } from "./command-history.ts";
import { DAY, pair, Stage } from "./command-stage.ts";

// The configuration takes no such names any more, but a journal may hold them: shown, they do nothing.

const ODD = "a\u001b]0;pwned\u0007\u009b31m\u202e\nb";
/** What a terminal would heed, or a person would not see; the line breaks between lines are ours. */
const ACTS = /[^\P{C}\n]|[\u2028\u2029]/u;

const VERBS = [
  ...["status", "log", "next", "stats", "why", "plan", "token list --offline", "journal check", "replay journal"],
  ...["login-check", "doctor", "status --at 2027-01-20T14:16:00Z", "next --offline 1h..2d", "why p2"],
];

function happened(stage: Stage, name: string, event: RuleEvent): void {
  const stream = `rule/${name}`;
  const head = stage.journal.head(stream);
  const after = foldRule(ruleSnapshot(head?.snapshot), event);
  stage.journal.append({
    ...{ stream, expectedVersion: head?.version ?? 0, machineVersion: RULE_VERSION },
    event: event as unknown as JsonObject & { type: string; at: number },
    state: after?.value ?? null,
    snapshot: after as unknown as JsonObject,
  });
}

test("the agent's log and its notices show them so, too", async () => {
  const written: string[] = [];
  const err = { isTerminal: true, columns: 80, write: (text: string) => written.push(text) };
  const log = await createLog({ positionals: [], flags: {} }, { err } as unknown as Io);
  log.warn({ class: ODD, stream: `enrolment/${ODD}` }, ODD);
  const noticed = { enrolment: ODD, code: "revoked", expiresAt: null, run: dotvault("enrol", ODD), unanswered: null };
  const texts = [...written, noticeText(noticed, new Date(0)), noticeText({ ...noticed, code: "moved" }, new Date(0))];
  for (const text of texts)
    assert.ok(!ACTS.test(text.trimEnd()) && !text.trimEnd().includes("\n"), JSON.stringify(text));
});

for (const verb of VERBS) {
  test(`${verb} shows names of a journal without what would act on a terminal`, async () => {
    using stage = new Stage();
    enrolThenLoseAnAnswer(stage, { name: ODD, rule: `${ODD} rule`, path: `/home/alice/${ODD}` });
    stage.enrolment(`${ODD} active`, { active: "resting" }, { current: pair({ expiresAt: stage.now + DAY }) });
    stage.enrolment(`${ODD} asked`, "revoked", { ask: { code: "revoked", since: 1, message: ODD, hint: ODD } });
    const path = `/home/alice/${ODD}`;
    happened(stage, ODD, {
      type: "FILE_FAILED",
      at: stage.now,
      path,
      code: "files.read-only",
      message: ODD,
      hint: ODD,
    });
    happened(stage, `${ODD} 2`, { type: "FILE_ANSWERED", at: stage.now, path, answer: "stop" });
    happened(stage, `${ODD} 3`, { type: "FILE_EDITED", at: stage.now, path, keys: [`/${ODD}`], kept: false });
    const label = { engine: "jfrog", label: "JFrog" };
    stage.noteConfiguration(
      [ODD, `${ODD} active`, `${ODD} asked`, `${ODD} new`].map((name) => ({ name, ...label })),
      [ODD, `${ODD} 2`, `${ODD} 3`, `${ODD} rule`].map((name) => ({ name, secret: ODD, path, format: "json" })),
    );
    const { both } = await stage.type(`dotvault ${verb}`);
    assert.ok(!ACTS.test(both), JSON.stringify(both));
    const { both: narrow } = await stage.type(`dotvault ${verb}`, { terminal: true, env: { NO_COLOR: "1" } });
    assert.ok(!ACTS.test(narrow), JSON.stringify(narrow));
  });
}
