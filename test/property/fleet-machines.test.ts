import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Fields } from "../../src/adapters/engines/port.ts";
import { Fleet, SWITCHES } from "../support/fleet.ts";
import { type FleetMachine, HOUR, MINUTE, NAME, WATCH_EVERY, type Way } from "../support/fleet-machine.ts";
import type { Switches } from "../support/model/jfrog.ts";
import { property } from "../support/property.ts";

const DAY = 24 * HOUR;

/** Everybody is well, shows what is stored, and it lives. */
function assertWell(fleet: Fleet): void {
  assert.deepEqual(fleet.findings, []);
  const { stored } = fleet;
  assert.ok(stored && fleet.jfrog.isRefreshable(stored), "the stored pair can't be rotated");
  for (const { name, state, shows } of fleet.machines) {
    assert.equal(state, "active.resting", name);
    assert.equal(shows?.token, stored.access_token, `${name} shows an old token`);
  }
}

/** None of ours is taken for a program that knows no lease. */
function assertNoStranger(fleet: Fleet): void {
  for (const { name, journal } of fleet.machines) {
    const strange = journal.recorded.filter(({ event }) => event.withoutLease === true);
    assert.deepEqual(strange, [], name);
  }
}

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

async function untilPresenting(machine: FleetMachine): Promise<void> {
  for (let calls = 0; calls < 20 && !machine.pending.includes("jfrog.refresh"); calls++) await machine.settle();
}

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

type Act =
  | { readonly do: "run"; readonly minutes: number }
  | { readonly do: "ways"; readonly store: Way; readonly jfrog: Way }
  | { readonly do: "ask" | "rotate" }
  | { readonly do: "crash"; readonly arrived: boolean }
  | { readonly do: "boot" };

const way = fc.constantFrom<Way>("open", "open", "cut", "half-closed");
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant("run" as const), minutes: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ do: fc.constant("ways" as const), store: way, jfrog: way }),
  fc.record({ do: fc.constantFrom("ask" as const, "rotate" as const) }),
  fc.record({ do: fc.constant("crash" as const), arrived: fc.boolean() }),
  fc.record({ do: fc.constant("boot" as const) }),
);

async function happen(fleet: Fleet, machine: FleetMachine, what: Act): Promise<void> {
  if (what.do === "run") return fleet.runFor(what.minutes * MINUTE);
  if (what.do === "ways") return void Object.assign(machine.ways, { store: what.store, jfrog: what.jfrog });
  if (what.do === "crash") return machine.crash(what.arrived);
  if (!machine.runs) await machine.boot();
  if (what.do === "ask" || what.do === "rotate") machine.ask("refresh");
  if (what.do === "rotate") await untilPresenting(machine);
}

const skew = fc.constantFrom(0, 0, 7 * MINUTE, -7 * MINUTE);

const story = [
  fc.array(fc.tuple(fc.nat({ max: 4 }), act), { maxLength: 40, size: "max" }),
  fc.array(skew, { minLength: 2, maxLength: 5 }),
  fc.integer({ min: 1, max: 2 ** 20 }),
] as [fc.Arbitrary<[number, Act][]>, fc.Arbitrary<number[]>, fc.Arbitrary<number>];

/** Everything that happens, then eight hours in which nothing does. */
async function played(
  acts: readonly (readonly [number, Act])[],
  given: { readonly skew: readonly number[]; readonly seed: number; readonly oldAccessLives: number },
  mayHappen: (what: Act, machine: FleetMachine) => boolean = () => true,
): Promise<Fleet> {
  const switches = { ...SWITCHES, life: 400 * HOUR, oldAccessLives: given.oldAccessLives };
  const fleet = new Fleet({ switches, machines: given.skew.length, skew: given.skew, seed: given.seed });
  await fleet.enrol();
  for (const [n, what] of acts) {
    const machine = fleet.machines[n % given.skew.length];
    if (machine && mayHappen(what, machine)) await happen(fleet, machine, what);
  }
  await fleet.calm();
  await fleet.runFor(8 * HOUR);
  assertNoStranger(fleet);
  return fleet;
}

property(
  "crashes, partitions and wrong clocks on up to five machines: while the access token lives on, all of them come home",
  story,
  async (acts, skews, seed) => {
    assertWell(await played(acts, { skew: skews, seed, oldAccessLives: 400 * HOUR }));
    return true;
  },
  { runs: 40 },
);

property(
  "where the old token dies at once, only an unanswered presentation can cost the pair: crashes and partitions can't",
  story,
  async (acts, skews, seed) => {
    const isAnswered = (what: Act, machine: FleetMachine) =>
      !(what.do === "ways" && what.jfrog === "half-closed") &&
      !(what.do === "crash" && machine.pending.includes("jfrog.refresh"));
    assertWell(await played(acts, { skew: skews, seed, oldAccessLives: 0 }, isAnswered));
    return true;
  },
  { runs: 40 },
);
