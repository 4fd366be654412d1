import assert from "node:assert/strict";
import { test } from "node:test";
import { enrolledWorld } from "../support/disk-trouble.ts";
import { MINUTE, type ModelWorld } from "../support/model/world.ts";

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A world whose own clock can be set, while everybody else's goes on as it did. */
async function adjustable() {
  const skew = { service: 0, store: 0 };
  const world = await enrolledWorld({ skew });
  const set = (by: number) => {
    skew.service -= by;
    skew.store -= by;
    setClock(world, by);
  };
  return { world, set };
}

/** Wall-clock time jumps; how long timers have still to run does not change with it. */
function setClock({ clock }: ModelWorld, by: number): void {
  const [now, at, next, moveTo] = [clock.now, clock.at, clock.next, clock.moveTo].map((method) =>
    method.bind(clock),
  ) as [typeof clock.now, typeof clock.at, typeof clock.next, typeof clock.moveTo];
  clock.now = () => now() + by;
  clock.at = (time, wake) => at(time - by, wake);
  clock.next = () => next() + by;
  clock.moveTo = (time) => moveTo(time - by);
}

const isBug = (what: string) => !what.includes("clock was set back");

test("set back by a day: the rotation comes in time all the same, by the server's clock", async () => {
  const { world, set } = await adjustable();
  await world.runFor(5 * MINUTE);
  set(-DAY);
  await world.runFor(40 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3");
  assert.equal(world.state, "active.resting");
  assert.deepEqual(world.checks.findings.filter(isBug), []);
});

test("set forward by a day: nothing is presented that the server does not call due", async () => {
  const { world, set } = await adjustable();
  await world.runFor(5 * MINUTE);
  set(DAY);
  await world.runFor(15 * MINUTE);
  assert.equal(world.jfrog.presentations.length, 0);
  assert.equal(world.state, "active.resting");
  await world.runFor(25 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3");
  assert.deepEqual(world.checks.findings, []);
});

test("set back during an outage: what waits for its next try waits minutes, not hours", async () => {
  const { world, set } = await adjustable();
  world.storeDown = true;
  await world.runFor(35 * MINUTE);
  assert.equal(world.state, "refreshing.claiming");
  set(-6 * HOUR);
  world.storeDown = false;
  await world.runFor(16 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3");
});

test("set back while the agent is not there: the next start waits minutes, not hours", async () => {
  const { world, set } = await adjustable();
  world.storeDown = true;
  await world.runFor(35 * MINUTE);
  await world.crash(() => false);
  set(-6 * HOUR);
  world.storeDown = false;
  await world.boot();
  await world.runFor(16 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3");
});

test("set back during a login: it is still asked whether the person has signed in", async () => {
  const { world, set } = await adjustable();
  await world.ask("enrol", { again: true });
  await world.runFor(10_000);
  assert.equal(world.state, "polling");
  set(-DAY);
  world.attended = true;
  await world.runFor(2 * MINUTE);
  assert.equal(world.state, "active.resting");
  assert.notEqual(world.stored?.access_token, "token-2");
});

test("set back during a login that nobody ends: it ends when it would have", async () => {
  const { world, set } = await adjustable();
  await world.ask("enrol", { again: true });
  await world.runFor(MINUTE);
  assert.equal(world.state, "polling");
  set(-DAY);
  await world.runFor(3 * MINUTE);
  assert.equal(world.state, "polling");
  await world.runFor(2 * MINUTE);
  assert.ok(world.journal.recorded.some(({ event }) => event.type === "SESSION_EXPIRED"));
  assert.notEqual(world.state, "polling");
});

test("asleep past the half-life: the rotation is made up for at the first look", async () => {
  const world = await enrolledWorld();
  await world.moveTo(world.clock.now() + 45 * MINUTE);
  await world.runFor(MINUTE);
  assert.equal(world.stored?.access_token, "token-3");
  assert.equal(world.jfrog.presentations.length, 1);
});

for (const [what, service, store] of [
  ["ten minutes ahead", 10 * MINUTE, 10 * MINUTE],
  ["ten minutes behind", -10 * MINUTE, -10 * MINUTE],
  ["ahead at the store, behind at the issuer", -10 * MINUTE, 10 * MINUTE],
] as const) {
  test(`servers whose clocks are ${what}: rotated after half of the life, not before, and never late`, async () => {
    const world = await enrolledWorld({ skew: { service, store } });
    await world.runFor(18 * MINUTE);
    assert.equal(world.stored?.access_token, "token-2");
    await world.runFor(25 * MINUTE);
    assert.equal(world.stored?.access_token, "token-3");
    assert.equal(world.state, "active.resting");
  });
}
