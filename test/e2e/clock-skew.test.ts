import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { enrolled, makeMachine, showsLivePair, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

const TEN_MINUTES = 10 * 60_000;
/** Between two looks at two clocks on a busy machine. */
const LEEWAY = 20_000;

describe("a platform whose clock is off", { concurrency: 2, timeout: 400_000 }, () => {
  for (const [what, skew] of [
    ["ten minutes ahead", TEN_MINUTES],
    ["ten minutes behind", -TEN_MINUTES],
  ] as const) {
    test(`${what}: its answers say so, the half-life is reckoned by its clock, and rotating works`, async (t) => {
      const platform = await startPlatform(t, { clockSkewMs: skew });
      const machine = makeMachine(t, configText(jfrogWish(platform.url)));
      const agent = await enrolled(machine, platform);
      const { current, skew: seen } = machine.snapshot()?.context ?? {};
      assert.ok(Math.abs((seen ?? 0) - skew) < LEEWAY, `${seen}`);
      const { issuedAt = 0, expiresAt = 0 } = current ?? {};
      assert.ok(Math.abs(issuedAt - skew - Date.now()) < 2 * LEEWAY, "the token is dated by the platform's clock");
      const due = await machine.until("a timer", (reader) => reader.wakes().find(({ name }) => name === "rotate")?.at);
      const share = (due - (issuedAt - skew)) / (expiresAt - issuedAt);
      assert.ok(share > 0.49 && share < 0.56, `due after ${share} of the life`);
      await machine.ask("refresh", { name: "jfrog" });
      await machine.until("rotated", () => machine.events("STORED").length === 2);
      await untilSettled(machine, platform);
      assert.ok(showsLivePair(machine.home, platform));
      const { out } = await machine.verb("status");
      assert.match(out, /✓ jfrog/, "a clock that is off is no sickness");
      await agent.kill();
    });
  }
});
