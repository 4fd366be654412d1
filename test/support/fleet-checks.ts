import assert from "node:assert/strict";
import type { Fleet } from "./fleet.ts";
import type { FleetMachine } from "./fleet-machine.ts";

/** Everybody is well, shows what is stored, and it lives. */
export function assertWell(fleet: Fleet): void {
  assert.deepEqual(fleet.findings, []);
  const { stored } = fleet;
  assert.ok(stored && fleet.jfrog.isRefreshable(stored), "the stored pair can't be rotated");
  for (const { name, state, shows } of fleet.machines) {
    assert.equal(state, "active.resting", name);
    assert.equal(shows?.token, stored.access_token, `${name} shows an old token`);
  }
}

/** None of ours is taken for a program that knows no lease. */
export function assertNoStranger(fleet: Fleet): void {
  for (const { name, journal } of fleet.machines) {
    const strange = journal.recorded.filter(({ event }) => event.withoutLease === true);
    assert.deepEqual(strange, [], name);
  }
}

/** On until its request is out. */
export async function untilPresenting(machine: FleetMachine): Promise<void> {
  for (let calls = 0; calls < 20 && !machine.pending.includes("jfrog.refresh"); calls++) await machine.settle();
}
