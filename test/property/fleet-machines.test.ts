import assert from "node:assert/strict";
import { test } from "node:test";
import { Fleet, SWITCHES } from "../support/fleet.ts";
import { assertNoStranger, assertWell, untilPresenting } from "../support/fleet-checks.ts";
import { HOUR, MINUTE, WATCH_EVERY } from "../support/fleet-machine.ts";

const DAY = 24 * HOUR;

for (const machines of [2, 5, 20]) {
  test(`${machines} machines, four days: one rotation per half-life for all of them, every file soon current`, async () => {
    const skew = Array.from({ length: machines }, (_, n) => ((n % 5) - 2) * 4 * MINUTE);
    const fleet = new Fleet({ switches: SWITCHES, machines, skew });
    await fleet.enrol();
    assertWell(fleet);
    let slowest = 0;
    const end = fleet.clock.now() + 4 * DAY;
    while (fleet.clock.now() < end) {
      await fleet.runFor(30 * MINUTE);
      for (const { shows } of fleet.machines) {
        if (shows) slowest = Math.max(slowest, shows.at - (fleet.written.get(shows.token) ?? 0));
      }
    }
    assertWell(fleet);
    const { presentations } = fleet.jfrog;
    assert.deepEqual(
      presentations.filter(({ spent }) => spent),
      [],
    );
    // Each is due at half of its life, or up to a twentieth of it later.
    assert.ok(presentations.length <= (4 * DAY) / (SWITCHES.life / 2), `${presentations.length} rotations`);
    assert.ok(presentations.length >= Math.floor((4 * DAY) / (0.55 * SWITCHES.life + 5 * MINUTE)));
    assert.ok(slowest <= WATCH_EVERY + MINUTE, `${slowest} ms after the write`);
    assertNoStranger(fleet);
  });
}

test("a machine that dies with the lease is taken over after a minute of the store's clock", async () => {
  const fleet = new Fleet({ switches: SWITCHES, machines: 2 });
  await fleet.enrol();
  const [one, other] = fleet.machines;
  assert.ok(one && other);
  one.ask("refresh");
  for (let calls = 0; calls < 20 && !one.pending.includes("jfrog.refresh"); calls++) await one.settle();
  await one.crash(false);
  other.ask("refresh");
  await fleet.runFor(30_000);
  assert.equal(other.state, "refreshing.waiting");
  await fleet.runFor(3 * MINUTE);
  assert.equal(other.state, "active.resting");
  assert.equal(fleet.jfrog.presentations.length, 1);
  await fleet.calm();
  await fleet.runFor(10 * MINUTE);
  assertWell(fleet);
  assert.equal(fleet.jfrog.presentations.length, 1);
});

test("a machine that rotated and lost its way to the store delivers a day later, and its pair is everybody's", async () => {
  const fleet = new Fleet({ switches: { ...SWITCHES, life: 60 * HOUR }, machines: 3 });
  await fleet.enrol();
  const [one, ...others] = fleet.machines;
  assert.ok(one);
  one.ask("refresh");
  for (let calls = 0; calls < 20 && !one.pending.includes("jfrog.refresh"); calls++) await one.settle();
  one.ways.store = "cut";
  for (const machine of others) machine.ask("refresh");
  await fleet.runFor(DAY);
  assert.ok(one.shows?.token !== fleet.stored?.access_token, "its own file shows the new token already");
  for (const { state, shows } of others) {
    assert.equal(state, "refreshing.doubted.heldElsewhere");
    assert.equal(shows?.token, fleet.stored?.access_token, "the others keep what they have");
  }
  assert.ok(one.journal.recorded.length < 60, `${one.journal.recorded.length} events in a day's outage`);
  one.ways.store = "open";
  await fleet.runFor(HOUR);
  assertWell(fleet);
  assertNoStranger(fleet);
});

/** Every token is revoked, and all try to rotate it. */
async function revokedUnderAll(fleet: Fleet): Promise<void> {
  for (const machine of fleet.machines) machine.ask("refresh");
  for (const row of fleet.jfrog.rows.values()) row.revoked = true;
  await fleet.runFor(30 * MINUTE);
}

for (const [machines, spentAnswer] of [
  [2, 403],
  [5, 403],
  [5, 404],
] as const) {
  test(`${machines} machines that are all refused (${spentAnswer}): nobody waits for another's pair, the person is asked`, async () => {
    const fleet = new Fleet({ switches: { ...SWITCHES, life: 60 * DAY, spentAnswer }, machines });
    await fleet.enrol();
    await revokedUnderAll(fleet);
    assert.deepEqual(fleet.findings, []);
    for (const { name, state, snapshot } of fleet.machines) {
      assert.match(state, /^(revoked|idle\.missing)$/, name);
      assert.match(snapshot?.context.ask?.code ?? "", /^(revoked|secret-gone)$/, name);
    }
    assert.equal(fleet.stored, null);
  });
}

test("a machine that crashed while it presented, and was taken over, does not wait for itself", async () => {
  const fleet = new Fleet({ switches: { ...SWITCHES, life: 60 * DAY }, machines: 2 });
  await fleet.enrol();
  const [one, other] = fleet.machines;
  assert.ok(one && other);
  one.ask("refresh");
  await untilPresenting(one);
  await one.crash(false);
  for (const row of fleet.jfrog.rows.values()) row.revoked = true;
  await fleet.runFor(2 * MINUTE);
  other.ask("refresh");
  await fleet.runFor(10 * MINUTE);
  assert.equal(other.state, "refreshing.doubted.heldElsewhere", "it can't know what became of that");
  await one.boot();
  await fleet.runFor(10 * MINUTE);
  assert.equal(one.state, "revoked");
  assert.equal(other.state, "idle.missing");
});

for (const machines of [2, 5, 20]) {
  test(`${machines} machines that rotate in the same instant present the pair once`, async () => {
    const fleet = new Fleet({ switches: SWITCHES, machines });
    await fleet.enrol();
    for (const machine of fleet.machines) machine.ask("refresh");
    await fleet.runFor(5 * MINUTE);
    assertWell(fleet);
    assert.equal(fleet.jfrog.presentations.length, 1);
  });
}
