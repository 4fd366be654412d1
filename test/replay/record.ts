import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Actors } from "../../src/agent/actors.ts";
import { readConfig } from "../../src/commands/assembly/config.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { openWorld } from "../../src/commands/assembly/world.ts";
import { processIo } from "../../src/commands/cli/process-io.ts";
import { acquireLock } from "../../src/journal/lock.ts";
import { MACHINE_VERSION } from "../../src/machines/enrolment/machine.ts";
import { enrolled, type Machine, makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { startGateway } from "../support/home-gateway.ts";
import { startOpenBao } from "../support/openbao.ts";

// Records the histories of this folder anew, from real runs: node --test test/replay/record.ts
// A history that today's machine decides differently is no reason to record it again: it is what old journals hold.

async function record(machine: Machine, name: string): Promise<void> {
  const { code, out, err } = await machine.verb("export", "jfrog");
  assert.equal(code, 0, err);
  writeFileSync(fileURLToPath(new URL(`${name}.json`, import.meta.url)), out);
}

const vaultWish = async (t: TestContext, url: string) => {
  const bao = await startOpenBao();
  t.after(() => bao.kill());
  const gateway = await startGateway(t, bao.address);
  const env = { DOTVAULT_TOKEN: "root" };
  const config = (address: string) => configText(jfrogWish(url, { vault: { address }, interval: "1s" }));
  return { bao, gateway, env, config };
};

describe("recordings", { concurrency: 4 }, () => {
  test("happy path", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await enrolled(machine, platform);
    for (let count = 0; count < 2; count++) assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
    await untilSettled(machine, platform);
    assert.equal((await machine.verb("revoke", "jfrog")).code, 0);
    await record(machine, "happy-path");
  });

  test("lost answers: one that never arrived, one that did while the old token lives", async (t) => {
    const platform = await startPlatform(t, { oldAccessToken: "lives" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await enrolled(machine, platform);
    for (const when of ["before", "after"] as const) {
      platform.inject({ on: "refresh", kind: "reset", when });
      assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
      await machine.untilState("active.resting");
    }
    await record(machine, "lost-answer");
  });

  test("Vault goes away during a rotation", async (t) => {
    const platform = await startPlatform(t);
    const { gateway, env, config } = await vaultWish(t, platform.url);
    const machine = makeMachine(t, config(gateway.address), env);
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await gateway.down();
    held.release();
    await machine.until("the store is missed", (reader) =>
      [...reader.events()].some(({ event }) => event.type === "FAILED" && event.intent === "store"),
    );
    await agent.kill();
    await gateway.up();
    machine.run();
    await untilSettled(machine, platform);
    await record(machine, "vault-outage-during-rotation");
  });

  test("a crash while polling", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await platform.waitFor("poll", 1, "ended");
    await agent.kill();
    platform.approve();
    machine.run();
    await untilSettled(machine, platform);
    await record(machine, "crash-while-polling");
  });

  test("revoked by an administrator, and enrolled anew", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await enrolled(machine, platform);
    platform.revoke(platform.ledger.live()[0]?.tokenId ?? "");
    assert.equal((await machine.verb("refresh", "jfrog")).code, 3);
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    await untilSettled(machine, platform);
    await record(machine, "revoked");
  });

  test("a mint that fails, and one whose answer is lost", async (t) => {
    const platform = await startPlatform(t);
    platform.inject({ on: "mint", kind: "status", status: 503 });
    platform.inject({ on: "mint", kind: "reset", when: "after" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await enrolled(machine, platform);
    await record(machine, "mint-503");
  });

  test("two machines: this one waits for the lease, and adopts what the other rotated", async (t) => {
    const platform = await startPlatform(t);
    const { bao, env, config } = await vaultWish(t, platform.url);
    const [one, other] = [0, 1].map(() => makeMachine(t, config(bao.address), env));
    assert.ok(one && other);
    await enrolled(one, platform);
    other.run();
    await untilSettled(other, platform);
    const held = platform.inject({ on: "refresh", kind: "hold" });
    await one.ask("refresh", { name: "jfrog" });
    await held.struck();
    await other.ask("refresh", { name: "jfrog" });
    await other.untilState("refreshing.waiting");
    held.release();
    await untilSettled(one, platform);
    await untilSettled(other, platform);
    await one.verb("revoke", "jfrog");
    await other.untilState("idle.missing");
    await record(other, "two-machines");
  });

  test("an upgrade between two rotations", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    await agent.stop();
    await upgrade(machine);
    machine.run();
    assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
    await untilSettled(machine, platform);
    await record(machine, "upgrade");
  });
});

/** What the first start of a newer dotvault appends. There is no older machine yet whose journal could be taken. */
async function upgrade({ home }: Machine): Promise<void> {
  const io = { ...processIo(), env: home.env, home: home.directory };
  const { config, file } = readConfig({ positionals: [], flags: {} }, io);
  const lock = acquireLock({ directory: home.where.stateDir });
  assert.ok(config && "release" in lock);
  const real = await openWorld(home.where, { config, file }, io, { log: silentLog });
  const event = { type: "UPGRADED", from: MACHINE_VERSION - 1, to: MACHINE_VERSION } as const;
  new Actors(real.world).step("enrolment/jfrog", event, { always: true });
  await real.close();
  lock.release();
}
