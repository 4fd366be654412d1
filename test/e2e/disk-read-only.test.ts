import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { enrolled, makeMachine, showsLivePair, startPlatform, untilSettled } from "../support/agent-process.ts";
import { canBreak, onBreakingDisk, untilSeen } from "../support/disk-limits.ts";
import { configText, jfrogWish } from "../support/home.ts";

const skip = canBreak ? false : "wants root, mkfs.ext4, a loop device, and a kernel with trigger_fs_error";

describe("a file system that turns read-only under a running agent", { timeout: 400_000, skip }, () => {
  test("while a rotation is in flight: its pair is in the store and the file, the agent says so and stays; a start after the repair goes on", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await onBreakingDisk(machine.home.where.stateDir, async (disk) => {
      const agent = await enrolled(machine, platform);
      const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
      await machine.ask("refresh", { name: "jfrog" });
      await held.struck();
      disk.turnReadOnly();
      held.release();
      await untilSeen("the file has the pair", () => showsLivePair(machine.home, platform));
      await untilSeen("it says so", () => /waits in memory/.test(agent.err()));
      assert.match(agent.err(), /done before it could be journaled/);
      assert.ok(agent.running);
      await agent.kill();
      const refused = await machine.run().ended;
      assert.equal(refused.code, 1, "no start on a journal that can't be written");
      assert.match(refused.err, /EROFS|read-only/);
      disk.repair();
      const again = machine.run();
      await untilSettled(machine, platform);
      assert.deepEqual(platform.ledger.stalePresentations(), []);
      assert.ok(showsLivePair(machine.home, platform));
      await again.kill();
    });
  });
});
