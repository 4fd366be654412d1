import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreFailure, type StoreFailureClass } from "../../src/adapters/store-port.ts";
import { Fleet } from "../support/fleet.ts";
import { type FleetMachine, HOUR, MINUTE } from "../support/fleet-machine.ts";
import { USUAL } from "../support/model/enrolled.ts";

const DAY = 24 * HOUR;
const LIFE = 20 * DAY;
const SWITCHES = { ...USUAL, life: LIFE };

const TROUBLES: readonly (readonly [StoreFailureClass, number?])[] = [
  ["store.unreachable"],
  ["store.unavailable"],
  ["store.sealed"],
  ["store.throttled", 30_000],
  ["store.denied"],
  ["store.token"],
  ["store.no-token"],
  ["store.no-mount"],
  ["store.odd-answer"],
];

async function enrolled(): Promise<{ fleet: Fleet; machine: FleetMachine }> {
  const fleet = new Fleet({ switches: SWITCHES, machines: 1 });
  await fleet.enrol();
  const [machine] = fleet.machines;
  assert.equal(machine?.state, "active.resting");
  return { fleet, machine };
}

function ill(kind: StoreFailureClass, retryAfterMs?: number): StoreFailure {
  return new StoreFailure(kind, `the store is ill: ${kind}`, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function assertRecovered({ fleet, machine }: { fleet: Fleet; machine: FleetMachine }): void {
  assert.deepEqual(fleet.findings, []);
  assert.equal(machine.state, "active.resting");
  assert.equal(machine.shows?.token, fleet.stored?.access_token);
  assert.ok(fleet.stored && fleet.jfrog.isRefreshable(fleet.stored));
  assert.equal(fleet.jfrog.presentations.filter(({ spent }) => spent).length, 0);
}

for (const [kind, retryAfter] of TROUBLES) {
  test(`${kind} for five days across the half-life: nothing is presented, the file stands, a handful of events`, async () => {
    const { fleet, machine } = await enrolled();
    const before = { events: machine.journal.recorded.length, shows: machine.shows?.token };
    await fleet.runFor(LIFE / 2 - DAY);
    machine.storeSays = ill(kind, retryAfter);
    await fleet.runFor(5 * DAY);
    assert.equal(machine.state, "refreshing.claiming");
    assert.equal(fleet.jfrog.presentations.length, 0);
    assert.equal(machine.shows?.token, before.shows);
    assert.ok(fleet.jfrog.isAlive(fleet.stored ?? {}), "the file's token lives");
    assert.equal((machine.journal.fact("storeTrouble") as { class: string } | null)?.class, kind);
    const [claim] = machine.journal.openIntents();
    assert.equal(claim?.failure?.class, kind, "status names the step that waits, and why");
    const events = machine.journal.recorded.length - before.events;
    assert.ok(events <= 6, `${events} events`);
    machine.storeSays = null;
    await fleet.runFor(HOUR);
    assert.equal(fleet.jfrog.presentations.length, 1);
    assert.equal(machine.journal.fact("storeTrouble"), null);
    assertRecovered({ fleet, machine });
  });

  test(`${kind} for five days with a new pair in hand: the file has it at once, the store when it is back`, async () => {
    const { fleet, machine } = await enrolled();
    machine.ask("refresh");
    for (let calls = 0; calls < 20 && !machine.pending.includes("jfrog.refresh"); calls++) await machine.settle();
    machine.storeSays = ill(kind, retryAfter);
    const events = machine.journal.recorded.length;
    await fleet.runFor(MINUTE);
    assert.ok(fleet.jfrog.isAlive({ access_token: machine.shows?.token ?? "" }), "the file shows the live token");
    await fleet.runFor(3 * DAY);
    const asleep = machine.shows?.token;
    await machine.crash(true);
    await fleet.runFor(HOUR);
    await machine.boot();
    await fleet.runFor(2 * DAY);
    assert.equal(machine.shows?.token, asleep);
    assert.ok(machine.journal.recorded.length - events <= 10, `${machine.journal.recorded.length - events} events`);
    machine.storeSays = null;
    await fleet.runFor(HOUR);
    assert.equal(fleet.jfrog.presentations.length, 1);
    assertRecovered({ fleet, machine });
  });
}

test("troubles that change every hour leave one event a change, and no more tries than the backoff allows", async () => {
  const { fleet, machine } = await enrolled();
  machine.ask("refresh");
  const events = machine.journal.recorded.length;
  for (let hour = 0; hour < 48; hour++) {
    const [kind, retryAfter] = TROUBLES[hour % 2] ?? ["store.sealed"];
    machine.storeSays = ill(kind, retryAfter);
    await fleet.runFor(HOUR);
  }
  const grown = machine.journal.recorded.length - events;
  assert.ok(grown >= 48 && grown <= 52, `${grown} events`);
  machine.storeSays = null;
  await fleet.runFor(HOUR);
  assertRecovered({ fleet, machine });
});
