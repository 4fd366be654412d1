import assert from "node:assert/strict";
import { renameSync, rmSync } from "node:fs";
import { describe, test } from "node:test";
import {
  enrolled,
  makeMachine,
  showsLivePair,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { assertNothingLost } from "../support/crash.ts";
import { canLimit, canMount, limitFiles, onSmallDisk, untilSeen } from "../support/disk-limits.ts";
import { configText, jfrogWish } from "../support/home.ts";

describe("a disk that takes nothing", { concurrency: 2, timeout: 400_000 }, () => {
  test("full while a rotation is in flight: its pair is in the store and the file, and journaled when there is room", {
    skip: !canMount,
  }, async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await onSmallDisk(machine.home.where.stateDir, async (disk) => {
      const agent = await enrolled(machine, platform);
      const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
      await machine.ask("refresh", { name: "jfrog" });
      await held.struck();
      disk.fill();
      held.release();
      await untilSeen("the file has the pair", () => showsLivePair(machine.home, platform));
      assert.equal(machine.events("PAIR_ISSUED").length, 1, "the journal could not take it");
      assert.match(agent.err(), /no space left for the journal.*waits in memory/);
      assert.match(agent.err(), /done before it could be journaled/);
      assert.ok(agent.running);
      disk.makeRoom();
      await machine.until("journaled", () => machine.events("STORED").length === 2);
      await untilSettled(machine, platform);
      assert.deepEqual(platform.ledger.stalePresentations(), []);
      await agent.kill();
    });
  });

  test("killed while the disk is full: the next start finds the pair in the store", { skip: !canMount }, async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await onSmallDisk(machine.home.where.stateDir, async (disk) => {
      const agent = await enrolled(machine, platform);
      const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
      await machine.ask("refresh", { name: "jfrog" });
      await held.struck();
      disk.fill();
      held.release();
      await untilSeen("the file has the pair", () => showsLivePair(machine.home, platform));
      await agent.kill();
      disk.makeRoom();
      const again = machine.run();
      await untilSettled(machine, platform);
      assert.deepEqual(platform.ledger.stalePresentations(), []);
      await again.kill();
    });
  });

  for (const name of ["journal.db", "journal.db-wal"]) {
    test(`${name} deleted while a rotation is in flight: the agent says so and stays, the pair goes to the store`, async (t) => {
      const platform = await startPlatform(t);
      const machine = makeMachine(t, configText(jfrogWish(platform.url)));
      const agent = await enrolled(machine, platform);
      const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
      await machine.ask("refresh", { name: "jfrog" });
      await held.struck();
      const { stateDir } = machine.home.where;
      rmSync(`${stateDir}/${name}`);
      held.release();
      await untilSeen("the file has the pair", () => showsLivePair(machine.home, platform));
      assert.match(agent.err(), /deleted, moved or replaced under the agent/);
      assert.ok(agent.running);
      await agent.kill();
      if (name === "journal.db")
        for (const rest of ["-wal", "-shm"]) rmSync(`${stateDir}/journal.db${rest}`, { force: true });
      const again = machine.run();
      await untilSettled(machine, platform);
      assert.deepEqual(platform.ledger.stalePresentations(), []);
      await again.kill();
    });
  }

  test("a journal that was moved away for a while is gone on with when it is back", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const before = tokenIn(machine.home);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    const { journal } = machine.home.where;
    renameSync(journal, `${journal}.away`);
    held.release();
    await untilSeen("the file has the pair", () => showsLivePair(machine.home, platform));
    assert.notEqual(tokenIn(machine.home), before);
    renameSync(`${journal}.away`, journal);
    await machine.until("journaled", () => machine.events("STORED").length === 2);
    await untilSettled(machine, platform);
    await agent.kill();
  });

  for (const kilobytes of [8, 48, 72, 96, 128]) {
    test(`no file may grow beyond ${kilobytes} kB, then they may: nothing is lost and everything comes to rest`, {
      skip: !canLimit,
    }, async (t) => {
      const platform = await startPlatform(t);
      const machine = makeMachine(t, configText(jfrogWish(platform.url)));
      let agent = machine.run();
      // An agent that can't write while it starts ends by design.
      await machine.untilState("idle.missing");
      limitFiles(agent.pid, kilobytes * 1024);
      await machine.ask("enrol", { name: "jfrog" });
      let heard = 0;
      const troubled = () =>
        /journal\.(io|full)|can't be written|disk is full|disk-full/.test(agent.err().slice(heard));
      await machine.until("trouble, or nothing to be seen of it", (reader) => {
        const busy = reader.openIntents().some(({ kind, params }) => kind !== "revoke" || params.after === 0);
        return troubled() || (!busy && tokenIn(machine.home) !== undefined);
      });
      assert.ok(agent.running, agent.err());
      limitFiles(agent.pid, "unlimited");
      await untilSettled(machine, platform);
      assertNothingLost(machine, platform);
      limitFiles(agent.pid, kilobytes * 1024);
      heard = agent.err().length;
      await machine.ask("refresh", { name: "jfrog" });
      // An answer that is only in the agent's memory would die with it: it has to be home, or never asked for.
      const rotations = () => platform.calls.filter(({ kind }) => kind === "refresh").length;
      await machine.until("trouble, or a rotation", () =>
        rotations() === 0 ? troubled() : showsLivePair(machine.home, platform),
      );
      platform.inject({ on: "refresh", kind: "hold", times: "always" });
      await agent.kill();
      platform.clearFaults();
      agent = machine.run();
      await untilSettled(machine, platform);
      assertNothingLost(machine, platform);
      await agent.kill();
    });
  }
});
