import assert from "node:assert/strict";
import { test } from "node:test";
import type { Found } from "../../src/adapters/store-port.ts";
import { signingIn } from "../support/model/enrolled.ts";
import { MINUTE, NAME } from "../support/model/world.ts";

/** Enrolled, and once rotated by another machine: its first pair is one that this machine never presented. */
async function withPast() {
  const world = await signingIn({ switches: { life: 180 * MINUTE }, seed: 7 });
  await world.runFor(MINUTE);
  const past = world.store.readNow(NAME);
  world.rival.rotate();
  await world.runFor(8 * MINUTE);
  assert.equal(world.state, "active.resting");
  assert.notDeepEqual(world.stored, past.state === "present" && past.fields);
  const now = world.store.readNow.bind(world.store);
  /** A node that has not caught up answers the next reads of the secret. */
  const lag = (reads: number) => {
    let left = reads;
    world.store.readNow = (name): Found => (name === NAME && left-- > 0 ? past : now(name));
  };
  return { world, lag, past };
}

test("a node behind the others does not make a machine give up the pair that it has just been issued", async () => {
  const { world, lag } = await withPast();
  await world.ask("refresh");
  for (let calls = 0; calls < 20 && !world.pending.includes("jfrog.refresh"); calls++) await world.settle();
  lag(6);
  await world.runFor(10 * MINUTE);
  assert.equal(world.state, "active.resting");
  assert.ok(world.stored && world.jfrog.isRefreshable(world.stored), "the store holds a dead pair");
  assert.ok(!world.journal.recorded.some(({ event }) => event.type === "STORE_CONFLICT"));
  assert.deepEqual(world.checks.findings, []);
});

for (const shows of ["an older pair", "no secret"] as const) {
  test(`${shows}, shown by a node that lags behind, changes nothing`, async () => {
    const { world, past } = await withPast();
    const current = world.snapshot?.context.current?.digest;
    const shown: Found = shows === "no secret" ? { state: "absent", version: 0, serverTime: world.clock.now() } : past;
    world.store.look = async () =>
      new Map(shows === "no secret" ? [] : [[NAME, { version: 1, createdAt: 1, deleted: false }]]);
    world.store.read = async () => shown;
    await world.runFor(30 * MINUTE);
    assert.equal(world.snapshot?.context.current?.digest, current);
    assert.equal(world.state, "active.resting");
  });
}

test("a backup of the whole store is believed in the end", async () => {
  const { world, past } = await withPast();
  world.store.look = async () => new Map([[NAME, { version: past.version, createdAt: 1, deleted: false }]]);
  world.store.read = async () => past;
  await world.runFor(7 * 7 * MINUTE);
  assert.ok(world.journal.recorded.some(({ event }) => event.type === "SECRET_SEEN" && event.version === past.version));
});
