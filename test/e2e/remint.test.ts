import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { enrolled, type Machine, makeMachine, startPlatform, tokenIn } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";

let bao: OpenBao;
let mounts = 0;

async function machineOn(t: TestContext, url: string): Promise<Machine> {
  const mount = `remint${mounts++}`;
  await mountKv(bao, mount);
  const enrolments = { jfrog: { engine: "jfrog", settings: { url, rotation: "remint" } } };
  const wish = jfrogWish(url, { enrolments, vault: { address: bao.address, mount }, interval: "1s" });
  return makeMachine(t, configText(wish), { DOTVAULT_TOKEN: "root" });
}

describe("rotation: remint, with OpenBao", { concurrency: 3 }, () => {
  before(async () => {
    bao = await startOpenBao();
  });
  after(() => bao.stop());

  test("a rotation mints, stores, writes the file; the old token waits for its revocation, nothing is presented", async (t) => {
    const platform = await startPlatform(t);
    const machine = await machineOn(t, platform.url);
    await enrolled(machine, platform);
    const before = tokenIn(machine.home);
    const { code, err } = await machine.verb("refresh", "jfrog");
    assert.equal(code, 0, err);
    await machine.until("the file follows", () => tokenIn(machine.home) !== before && showsCurrent(machine));
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 0);
    const [old, now] = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.equal(now?.parent, old?.tokenId, "minted with the one before it");
    const { cleanups, current } = machine.snapshot()?.context ?? {};
    assert.equal(current?.tokenId, now?.tokenId);
    assert.deepEqual(
      cleanups?.map(({ tokenId, why }) => [tokenId, why]),
      [[old?.tokenId, "superseded"]],
    );
    assert.equal(current?.stored?.version, 2);
  });

  test("the answer is lost after the platform had minted: minted anew, and the twin that nobody received is revoked", async (t) => {
    const platform = await startPlatform(t);
    const machine = await machineOn(t, platform.url);
    await enrolled(machine, platform);
    platform.inject({ on: "mint", kind: "reset", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await machine.until("swept", (reader) => [...reader.events()].some(({ event }) => event.type === "SWEPT"));
    await untilResting(machine);
    const [, lost, now] = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.deepEqual([lost?.state, now?.state], ["revoked", "live"]);
    assert.equal(machine.events("ANSWER_LOST").length, 0, "no doubt: nothing was spent");
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("killed while the answer was on its way: the next start mints anew, and the orphan is revoked", async (t) => {
    const platform = await startPlatform(t);
    const machine = await machineOn(t, platform.url);
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "mint", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await agent.kill();
    machine.run();
    await machine.until("swept", (reader) => [...reader.events()].some(({ event }) => event.type === "SWEPT"));
    await untilResting(machine);
    const [, lost, now] = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.deepEqual([lost?.state, now?.state], ["revoked", "live"]);
    assert.ok(showsCurrent(machine));
  });
});

function showsCurrent(machine: Machine): boolean {
  const stored = machine.snapshot()?.context.current?.tokenId;
  const [, payload = ""] = (tokenIn(machine.home) ?? "").split(".");
  return payload !== "" && JSON.parse(Buffer.from(payload, "base64url").toString()).jti === stored;
}

async function untilResting(machine: Machine): Promise<void> {
  await machine.untilState("active.resting");
  await machine.until("the file is current", () => showsCurrent(machine));
}
