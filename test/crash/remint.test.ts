import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeMachine, startPlatform } from "../support/agent-process.ts";
import { assertNothingLost, type Crash, liveThrough } from "../support/crash.ts";
import { configText, jfrogWish } from "../support/home.ts";

/** Every moment of a rotation by minting; the first mint is the enrolment's own. */
const MOMENTS: readonly Crash[] = [
  { point: "http.mint", when: "before", nth: 2 },
  { point: "http.mint", when: "after", nth: 2 },
  { point: "journal.append", when: "before", nth: 13 },
  { point: "journal.append", when: "after", nth: 13 },
  { point: "store.write", when: "before", nth: 3 },
  { point: "store.write", when: "after", nth: 3 },
  { point: "file.rename", when: "before", nth: 2 },
  { point: "file.rename", when: "after", nth: 2 },
];

describe("rotation: remint, killed anywhere", { concurrency: 4, timeout: 10 * 60_000 }, () => {
  for (const crash of MOMENTS) {
    test(`killed ${crash.when} ${crash.point} #${crash.nth}: a live pair is stored, and no refresh token was spent`, async (t) => {
      const platform = await startPlatform(t, { oldAccessToken: "dies" });
      const settings = { url: platform.url, rotation: "remint" };
      const wish = jfrogWish(platform.url, { enrolments: { jfrog: { engine: "jfrog", settings } } });
      const machine = makeMachine(t, configText(wish));
      await liveThrough(machine, [crash]);
      assertNothingLost(machine, platform);
      assert.equal(machine.events("REMOVED").length, 0);
      assert.equal(machine.events("STORED").length >= 2, true, "enrolled, and rotated");
      assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 0);
    });
  }
});
