import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { eventsOf, looking, showsLivePair } from "../support/agent-process.ts";
import { makeFleet, type RealMachine, until, untilWell } from "../support/fleet-real.ts";
import { mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import type { Weather } from "../support/proxy.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let bao: OpenBao;

/** A platform whose clock can be behind: a pair that was issued long ago. */
async function startPlatform(t: TestContext) {
  const time = { behind: 0 };
  const platform = await startSimulator({
    clock: () => Date.now() - time.behind,
    switches: { autoApprove: "ada", storedFromSeconds: 0, revocableFromSeconds: 0 },
  });
  t.after(() => platform.close());
  return { platform, time };
}

async function freshVault(mount: string) {
  await mountKv(bao, mount, { casRequired: true });
  return { address: bao.address, token: bao.token, mount };
}

/** Clocks that are right, and some that are ten minutes off either way. */
const clocks = (count: number) =>
  Array.from({ length: count }, (_, n) => [0, 0, 10, -10, 0][n % 5] ?? 0).map((m) => m * MINUTE);

async function versionOf(mount: string): Promise<number> {
  const answer = (await bao.api("GET", `${mount}/data/users/ada/jfrog`)) as { data: { metadata: { version: number } } };
  return answer.data.metadata.version;
}

function refreshes({ ledger }: Simulator): number {
  return ledger.pairs.filter(({ by }) => by === "refresh").length;
}

async function enrol(first: RealMachine, platform: Simulator): Promise<void> {
  await first.start();
  first.ask("enrol");
  await until("enrolled", () => first.state === "active.resting" && showsLivePair(first.home, platform));
}

describe("many machines of one person on one OpenBao", () => {
  before(async () => {
    bao = await startOpenBao();
  });
  after(() => bao.stop());

  for (const count of [2, 5, 20]) {
    test(`${count} machines that are all due when they start: one rotation, every file current`, async (t) => {
      const { platform, time } = await startPlatform(t);
      const mount = `due${count}`;
      const fleet = await makeFleet(t, { platform, vault: await freshVault(mount), skew: clocks(count) });
      const [first] = fleet;
      assert.ok(first);
      // Issued 34 days ago, for 60: half of its life and the whole of the spread are over.
      time.behind = 34 * DAY;
      await enrol(first, platform);
      await first.stop();
      time.behind = 0;
      await Promise.all(fleet.map((machine) => machine.start()));
      await until("rotated", () => refreshes(platform) > 0);
      await untilWell(fleet, platform);
      assert.equal(refreshes(platform), 1);
      assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 1);
      assert.equal(await versionOf(mount), 2);
      assert.deepEqual(platform.ledger.stalePresentations(), []);
    });
  }

  // Among five and more there is every weather in one round.
  for (const [count, rounds] of [
    [2, 3],
    [5, 1],
    [20, 1],
  ] as const) {
    test(`${count} machines whose ways to Vault break, stall, crawl and go deaf while all rotate: nothing presented twice, nothing lost`, async (t) => {
      const { platform } = await startPlatform(t);
      const fleet = await makeFleet(t, { platform, vault: await freshVault(`ways${count}`), skew: clocks(count) });
      const [first, ...others] = fleet;
      assert.ok(first);
      await enrol(first, platform);
      await Promise.all(others.map((machine) => machine.start()));
      await untilWell(fleet, platform);
      for (let round = 0; round < rounds; round++) await bringThrough(fleet, platform, round);
      assert.deepEqual(platform.ledger.stalePresentations(), []);
      assert.equal(platform.ledger.live().length, 1);
      for (const { home } of fleet) {
        assert.deepEqual(
          looking(home, (reader) => eventsOf(reader, "REMOVED")),
          [],
        );
      }
    });
  }
});

const WEATHERS: readonly Weather[] = ["cut", "deaf", 40, "hole"];

/** Every way but the first's is in bad weather while all are asked to rotate. */
async function bringThrough(fleet: readonly RealMachine[], platform: Simulator, round: number): Promise<void> {
  // Whoever is in the middle of a rotation would take its lease along into the weather, and then nobody else rotates.
  const rests = ({ home, state }: RealMachine) =>
    /^(active\.resting|refreshing\.waiting)/.test(state) && showsLivePair(home, platform);
  await until("no rotation is under way", () => fleet.every(rests));
  const before = refreshes(platform);
  const [lucky] = fleet;
  for (const [n, { proxy }] of fleet.entries()) proxy.turn(WEATHERS[(n + round) % WEATHERS.length] ?? "cut");
  lucky?.proxy.turn("pass");
  // One whose claim arrives and is not answered would keep all others waiting for a minute of Vault's clock.
  lucky?.ask("refresh");
  await until("claimed", () => refreshes(platform) > before || !/resting|claiming|waiting/.test(lucky?.state ?? ""));
  for (const machine of fleet) machine.ask("refresh");
  await until("somebody rotated", () => refreshes(platform) > before);
  for (const { proxy } of fleet) proxy.turn("pass");
  // Some may still wait with what they were asked for; their files are current all the same.
  await until("every file is current", () => fleet.every(({ home }) => showsLivePair(home, platform)));
}
