import assert from "node:assert/strict";
import { test } from "node:test";
import { droppedBy } from "../../src/commands/plan/history.ts";
import type { Config } from "../../src/config/config.ts";
import { weekAhead } from "../contract/command-scenes.ts";
import { DAY, MINUTE, Stage } from "../contract/command-stage.ts";

test("of a shorter retention the journal drops no more events than plan tells, and none where it tells none", () => {
  for (const kept of [0, 5, 30, 3000]) {
    using stage = new Stage();
    weekAhead(stage);
    for (let count = 0; count < 6; count++) {
      stage.now += 10 * MINUTE;
      stage.rule("npmrc", { value: "current", path: "/a" });
      if (count % 2 === 0) stage.enrolment("jfrog", { idle: "missing" }, {});
    }
    const config = { journal: { retentionMs: kept * MINUTE } } as unknown as Config;
    const told = droppedBy(stage.journal, config, stage.now);
    const { removed } = stage.journal.compact(stage.now - kept * MINUTE);
    assert.ok(removed <= told, `${kept} minutes: ${removed}, told were ${told}`);
    assert.equal(told > 0, kept < 3000, `${kept} minutes`);
    assert.equal(droppedBy(undefined, config, stage.now + DAY), 0);
  }
});
