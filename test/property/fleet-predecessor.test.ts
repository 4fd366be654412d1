import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fields } from "../../src/adapters/engines/port.ts";
import { Fleet, SWITCHES } from "../support/fleet.ts";
import { assertNoStranger, assertWell, untilPresenting } from "../support/fleet-checks.ts";
import { HOUR, MINUTE, NAME } from "../support/fleet-machine.ts";
import type { Switches } from "../support/model/jfrog.ts";

// Beside a program that knows no lease: nothing that lives is deleted, and it is named; none of ours is taken for one.

const DAY = 24 * HOUR;

/** dotvault's predecessor: knows no lease and no check-and-set, and deletes what it gets a 401 for. */
class Predecessor {
  readonly #fleet: Fleet;
  #answer: Fields | null = null;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  present(): void {
    const { stored, jfrog, store } = this.#fleet;
    if (!stored) return;
    const result = jfrog.refresh(stored, "rival");
    if (result.kind === "issued") this.#answer = result.fields;
    else if (result.kind === "refused" && result.status === 401) store.deleteNow(NAME, store.readNow(NAME).version);
  }

  write(): void {
    const { store } = this.#fleet;
    if (this.#answer) store.writeNow(NAME, this.#answer, store.readNow(NAME).version);
    this.#answer = null;
  }
}

const UNKIND: Switches = { ...SWITCHES, spentAnswer: 401 };

test("a predecessor that deletes the secret under a rotation: the rotation's pair is delivered all the same", async () => {
  const fleet = new Fleet({ switches: UNKIND, machines: 2 });
  await fleet.enrol();
  const [one] = fleet.machines;
  assert.ok(one);
  one.ask("refresh");
  await untilPresenting(one);
  await one.settle();
  new Predecessor(fleet).present();
  assert.equal(fleet.stored, null);
  await fleet.runFor(10 * MINUTE);
  assertWell(fleet);
});

test("a predecessor that presented first: we delete nothing that lives, and take up what it brings", async () => {
  const fleet = new Fleet({ switches: UNKIND, machines: 2 });
  await fleet.enrol();
  const predecessor = new Predecessor(fleet);
  predecessor.present();
  for (const machine of fleet.machines) machine.ask("refresh");
  await fleet.runFor(MINUTE);
  predecessor.write();
  await fleet.runFor(10 * MINUTE);
  assertWell(fleet);
});

test("a sign-in on another machine, and a pair that comes late by way of a mint, are no stranger's", async () => {
  const fleet = new Fleet({ switches: { ...SWITCHES, life: 60 * HOUR }, machines: 2, rotation: "remint" });
  await fleet.enrol();
  const [one, other] = fleet.machines;
  assert.ok(one && other);
  await fleet.runFor(HOUR);
  one.ask("enrol", { again: true });
  for (let seconds = 0; seconds < 30; seconds++) {
    fleet.jfrog.approved = true;
    await fleet.runFor(1_000);
  }
  await fleet.runFor(HOUR);
  other.ask("refresh");
  for (let calls = 0; calls < 20 && !other.pending.includes("jfrog.mint"); calls++) await other.settle();
  other.ways.store = "cut";
  await fleet.runFor(2 * HOUR);
  other.ways.store = "open";
  await fleet.runFor(HOUR);
  const stored = fleet.stored?.access_token;
  assert.deepEqual(
    fleet.machines.map(({ state, shows }) => [state, shows?.token]),
    [
      ["active.resting", stored],
      ["active.resting", stored],
    ],
  );
  assertNoStranger(fleet);
});

test("a predecessor that removed the secret on a 401 is named beside what is asked for", async () => {
  const fleet = new Fleet({ switches: UNKIND, machines: 2 });
  await fleet.enrol();
  await fleet.runFor(HOUR);
  const { version } = fleet.store.readNow(NAME);
  fleet.store.deleteNow(NAME, version);
  await fleet.runFor(10 * MINUTE);
  for (const { name, snapshot } of fleet.machines) {
    assert.equal(snapshot?.context.ask?.code, "secret-gone", name);
    assert.deepEqual([snapshot?.context.stranger?.did, snapshot?.context.stranger?.version], ["removed", version]);
  }
});

test("a predecessor that rotated while all of us slept is noticed by the machine that wakes to rotate", async () => {
  const fleet = new Fleet({ switches: UNKIND, machines: 1 });
  await fleet.enrol();
  const [one] = fleet.machines;
  assert.ok(one);
  await one.crash(false);
  await fleet.runFor(HOUR);
  const predecessor = new Predecessor(fleet);
  predecessor.present();
  predecessor.write();
  await fleet.runFor(11 * HOUR);
  await one.boot();
  await fleet.runFor(10 * MINUTE);
  assertWell(fleet);
  assert.equal(one.snapshot?.context.stranger?.did, "stored");
});

test("a predecessor that keeps rotating beside us for days", async () => {
  const fleet = new Fleet({ switches: UNKIND, machines: 2 });
  await fleet.enrol();
  const predecessor = new Predecessor(fleet);
  for (let hours = 0; hours < 72; hours += 9) {
    await fleet.runFor(9 * HOUR);
    predecessor.present();
    predecessor.write();
  }
  await fleet.runFor(HOUR);
  assertWell(fleet);
  for (const { name, snapshot } of fleet.machines) {
    assert.equal(snapshot?.context.stranger?.did, "stored", `${name} has not noticed`);
  }
  // It has been shown long enough once the predecessor is gone for more than a week.
  await fleet.runFor(8 * DAY);
  for (const machine of fleet.machines) {
    machine.ask("refresh");
    await fleet.runFor(10 * MINUTE);
    assert.equal(machine.snapshot?.context.stranger, null, machine.name);
  }
});
