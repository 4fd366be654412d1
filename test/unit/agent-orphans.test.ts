import assert from "node:assert/strict";
import { test } from "node:test";
import { enrolled } from "../support/model/enrolled.ts";
import { happen } from "../support/model/script.ts";
import { MINUTE, type ModelWorld, STREAM } from "../support/model/world.ts";

const REMINTING = { switches: { life: 60 * 24 * 60 * MINUTE }, rotation: "remint" } as const;

/** Tokens of ours that the service still accepts. */
function alive(world: ModelWorld): string[] {
  return [...world.jfrog.rows.keys()].filter((id) => world.jfrog.isAlive({ access_token: id }));
}

test("a try that never left, then one of the same class that was lost: the orphan of the second is found", async () => {
  const world = await enrolled(REMINTING);
  await happen(world, { do: "until", call: "jfrog.mint", fate: "unsent" });
  assert.equal(world.state, "refreshing.reminting");
  await world.moveTo(world.clock.next());
  for (let moves = 0; !world.pending.includes("jfrog.mint") && moves < 100; moves++) {
    await world.drain();
    await world.moveTo(world.clock.next());
  }
  await world.settle(world.pending.indexOf("jfrog.mint"), "lost");
  await world.runFor(30 * MINUTE);
  assert.equal(world.state, "active.resting");
  assert.deepEqual(alive(world), [world.stored?.access_token]);
});

test("killed with the mint's answer on its way: the next start mints anew and revokes what nobody received", async () => {
  const world = await enrolled(REMINTING);
  await happen(world, { do: "until", call: "jfrog.mint", fate: "killed late" });
  await world.runFor(30 * MINUTE);
  assert.equal(world.state, "active.resting");
  assert.deepEqual(alive(world), [world.stored?.access_token]);
});

test("a revocation that is refused for hours (a suspended login) stays on record and is asked for again a day later", async () => {
  const world = await enrolled(REMINTING);
  await world.ask("refresh");
  while (world.journal.openIntents(STREAM).every(({ kind }) => kind !== "revoke")) await world.settle();
  world.jfrog.suspended = true;
  await world.runFor(5 * 60 * MINUTE);
  const open = () => world.journal.openIntents(STREAM).filter(({ kind }) => kind === "revoke");
  assert.equal(open().length, 1);
  assert.equal(alive(world).length, 2);
  world.jfrog.suspended = false;
  await world.runFor(24 * 60 * MINUTE);
  assert.deepEqual(open(), []);
  assert.deepEqual(alive(world), [world.stored?.access_token]);
});
