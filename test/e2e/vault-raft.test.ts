import assert from "node:assert/strict";
import { test } from "node:test";
import {
  enrolled,
  type Machine,
  makeMachine,
  showsLivePair,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { startProxy } from "../support/proxy.ts";
import { startRaft } from "../support/raft.ts";

const ROUNDS = 3;

test("a cluster whose leader is killed in every rotation: two machines, one rotation each time, nothing stale, nothing lost", async (t) => {
  const [cluster, platform] = await Promise.all([startRaft(), startPlatform(t)]);
  t.after(() => cluster.stop());
  let turn = 0;
  /** Each connection to the next living node: standbys answer reads by themselves, a little behind. */
  const any = () => {
    const living = cluster.nodes.filter(({ running }) => running);
    return living[turn++ % living.length]?.address ?? cluster.nodes[0]?.address ?? "";
  };
  const machine = async (): Promise<Machine> => {
    const { address } = await startProxy(t, any);
    const vault = { address, mount: "secret" };
    const config = configText(jfrogWish(platform.url, { vault, interval: "1s" }));
    return makeMachine(t, config, { DOTVAULT_TOKEN: cluster.token });
  };
  const [one, other] = [await machine(), await machine()];
  await enrolled(one, platform);
  other.run();
  await untilSettled(other, platform);

  for (let round = 1; round <= ROUNDS; round++) {
    const by = round % 2 === 0 ? one : other;
    const leader = await cluster.leader();
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await by.ask("refresh", { name: "jfrog" });
    await held.struck();
    await cluster.kill(leader);
    held.release();
    await by.until("its file is new", () => showsLivePair(by.home, platform));
    for (const each of [one, other]) await untilSettled(each, platform);
    assert.equal(tokenIn(one.home), tokenIn(other.home));
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, round);
    await cluster.revive(leader);
  }
  assert.deepEqual(platform.ledger.stalePresentations(), []);
  for (const { home, events } of [one, other]) {
    assert.ok(showsLivePair(home, platform));
    assert.deepEqual(events("STORE_CONFLICT", "REFUSED", "ANSWER_LOST", "REMOVED"), []);
  }
});
