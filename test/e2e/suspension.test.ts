import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { readConfig } from "../../src/commands/assembly/config.ts";
import { becomeAgent } from "../../src/commands/assembly/host.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import type { Io } from "../../src/commands/cli/io.ts";
import { postRequest } from "../../src/journal/request.ts";
import { stateName } from "../../src/machines/stream/state-name.ts";
import { type Switches, startSimulator } from "../../src/simulator/simulator.ts";
import { configText, jfrogWish, makeHome } from "../support/home.ts";

/** A clock that stands until it is moved. */
class StandingClock {
  #now = 1_764_000_000_000;
  #wakes: { time: number; wake: () => void }[] = [];
  now = () => this.#now;
  at = (time: number, wake: () => void) => {
    const entry = { time, wake };
    this.#wakes.push(entry);
    return () => {
      this.#wakes = this.#wakes.filter((one) => one !== entry);
    };
  };
  move(ms: number): void {
    this.#now += ms;
    const due = this.#wakes.filter(({ time }) => time <= this.#now);
    this.#wakes = this.#wakes.filter(({ time }) => time > this.#now);
    for (const { wake } of due) wake();
  }
}

/** The real agent, store and platform in one process, on a clock that the test moves. */
async function stage(t: TestContext, switches: Partial<Switches>) {
  const clock = new StandingClock();
  const platform = await startSimulator({ clock: clock.now, switches: { autoApprove: "ada", ...switches } });
  t.after(() => platform.close());
  const home = makeHome();
  home.configure(configText(jfrogWish(platform.url)));
  const screen = { isTerminal: false, columns: 80, write: () => {} };
  const io: Io = {
    env: { XDG_CONFIG_DIRS: `${home.directory}/none` },
    platform: process.platform,
    home: home.directory,
    cwd: home.directory,
    user: "ada",
    now: clock.now,
    out: screen,
    err: screen,
    input: { isTerminal: false, readLine: async () => undefined },
  };
  const { config, file } = readConfig({ positionals: [], flags: {} }, io);
  assert.ok(config);
  const wrap = (ports: Parameters<NonNullable<Parameters<typeof becomeAgent>[3]["wrap"]>>[0]) => ({ ...ports, clock });
  const host = await becomeAgent(home.where, { config, file }, io, { log: silentLog, command: "dotvault run", wrap });
  assert.ok(!("heldBy" in host));
  t.after(async () => {
    await host.close();
    home.remove();
  });
  const { agent, real } = host;
  const ask = async (verb: string) => {
    postRequest({ directory: home.where.stateDir, clock: clock.now }, verb, { name: "jfrog" });
    agent.ring();
    await agent.settled();
  };
  await agent.settled();
  await ask("enrol");
  const state = () => stateName(agent.actors.snapshot("enrolment/jfrog").value);
  assert.equal(state(), "active.resting");
  const pass = async (ms: number) => {
    clock.move(ms);
    await agent.settled();
  };
  const stored = async () => (await real.world.store.read("jfrog")).state;
  return { platform, home, ask, state, pass, stored };
}

const MINUTE = 60_000;

test("a suspended login answers 403 to everything: nothing is deleted, and once it is over the pair lives on", async (t) => {
  const { platform, ask, state, pass, stored } = await stage(t, {});
  platform.switches.suspendedUsers = ["ada"];
  await ask("refresh");
  assert.match(state(), /^refreshing\.doubted/);
  for (let minutes = 0; minutes < 60; minutes += 5) await pass(5 * MINUTE);
  assert.match(state(), /^refreshing\.doubted/);
  assert.equal(await stored(), "present");
  platform.switches.suspendedUsers = [];
  for (let minutes = 0; minutes < 20; minutes += 1) await pass(MINUTE);
  assert.equal(state(), "active.resting");
  assert.equal(await stored(), "present");
  assert.deepEqual(platform.ledger.stalePresentations(), []);
});

test("where a 403 is involved, one dead look is not enough: the second comes two minutes later", async (t) => {
  const { platform, home, ask, state, pass, stored } = await stage(t, { spentRefresh: 403 });
  platform.revoke(platform.ledger.live()[0]?.tokenId ?? "");
  await ask("refresh");
  assert.equal(state(), "refreshing.doubted.secondLook");
  assert.equal(await stored(), "present");
  await pass(2 * MINUTE - 1);
  assert.equal(state(), "refreshing.doubted.secondLook");
  assert.equal(await stored(), "present");
  const probes = platform.calls.filter(({ kind }) => kind === "probe").length;
  await pass(1);
  assert.equal(platform.calls.filter(({ kind }) => kind === "probe").length, probes + 1);
  assert.equal(state(), "revoked");
  assert.equal(await stored(), "absent");
  assert.equal(platform.ledger.stalePresentations().length, 1);
  assert.ok(existsSync(`${home.directory}/.jfrog/jfrog-cli.conf.v6`), "files keep the last token");
});

test("a gateway answers everything with a page of its own for an hour: nothing is deleted, and then the rotation goes through", async (t) => {
  for (const status of [401, 403, 404]) {
    const { platform, ask, state, pass, stored } = await stage(t, {});
    for (const on of ["refresh", "probe", "mint"] as const)
      platform.inject({ on, kind: "status", status, times: "always" });
    await ask("refresh");
    for (let minutes = 0; minutes < 60; minutes += 5) await pass(5 * MINUTE);
    assert.match(state(), /^refreshing/, `${status}`);
    assert.equal(await stored(), "present", `${status}`);
    platform.clearFaults();
    for (let minutes = 0; minutes < 30; minutes += 1) await pass(MINUTE);
    assert.equal(state(), "active.resting", `${status}`);
    assert.equal(await stored(), "present", `${status}`);
  }
});
