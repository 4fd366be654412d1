import assert from "node:assert/strict";
import { after } from "node:test";
import fc from "fast-check";
import { Fleet, SWITCHES } from "../support/fleet.ts";
import { type FleetMachine, HOUR, MINUTE, NAME, STREAM, type Way } from "../support/fleet-machine.ts";
import { lostPairs, storedToken } from "../support/fleet-moments.ts";
import { type Fate, quiet } from "../support/model/wire.ts";
import { property } from "../support/property.ts";

/** What is known of the world without looking at the agents. */
interface Model {
  readonly runs: boolean[];
  /** Tokens that people or administrators took away by their own hand. */
  readonly given: Set<string>;
  steps: number;
}

type Act = (fleet: Fleet, machine: FleetMachine, model: Model) => Promise<void> | void;

/** One thing that happens to one machine, or to all; after it nothing may be lost. */
class Command implements fc.AsyncCommand<Model, Fleet> {
  readonly #name: string;
  readonly #machine: number;
  readonly #act: Act;
  readonly #needs: boolean | null;

  /** @param needs whether the machine has to run, or not to; null = either */
  constructor(name: string, machine: number, needs: boolean | null, act: Act) {
    this.#name = name;
    this.#machine = machine;
    this.#needs = needs;
    this.#act = act;
  }

  check({ runs }: Readonly<Model>): boolean {
    return this.#needs === null || runs[this.#machine % runs.length] === this.#needs;
  }

  async run(model: Model, fleet: Fleet): Promise<void> {
    model.steps += 1;
    const machine = fleet.machines[this.#machine % fleet.machines.length];
    assert.ok(machine);
    await this.#act(fleet, machine, model);
    model.runs.splice(0, model.runs.length, ...fleet.machines.map(({ runs }) => runs));
    assert.deepEqual(lostPairs(fleet, model.given), []);
    assert.deepEqual(fleet.findings.filter(isBad), []);
  }

  toString(): string {
    return `${this.#name}@${this.#machine}`;
  }
}

/** The fleet's own two rules know of no person: what people may do is looked at by the steps of their agents (Checks). */
const isBad = (finding: string) => !/a live pair was (overwritten|deleted)$/.test(finding);

const machine = fc.nat({ max: 3 });
const way = fc.constantFrom<Way>("open", "open", "cut", "half-closed");
const fate = fc.constantFrom<Fate>("answered", "answered", "unsent", "lost", "unknown");

const on = (name: string, needs: boolean | null, act: Act) => machine.map((n) => new Command(name, n, needs, act));

const run = (max: number) =>
  fc
    .integer({ min: 0, max })
    .map((minutes) => new Command(`run ${minutes} min`, 0, null, (fleet) => fleet.runFor(minutes * MINUTE)));

const settle = fc.tuple(machine, fate, fc.integer({ min: 1, max: 6 })).map(([n, what, times]) => {
  const act: Act = async (_, each) => {
    for (let time = 0; time < times; time++) await each.settle(what);
  };
  return new Command(`${what} ×${times}`, n, true, act);
});

const ways = fc.tuple(machine, way, way).map(([n, store, jfrog]) => {
  return new Command(
    `store ${store}, JFrog ${jfrog}`,
    n,
    null,
    (_, each) => void Object.assign(each.ways, { store, jfrog }),
  );
});

/** Into the middle of a rotation: the next call is the presentation. */
const untilPresenting: Act = async (_, each) => {
  each.ask("refresh");
  await quiet();
  for (let calls = 0; calls < 20 && !each.pending.includes("jfrog.refresh") && each.isWaiting; calls++)
    await each.settle();
};

/** It dies with the request under way, which arrives: a start has to know that. */
const diesPresenting: Act = async (fleet, each, model) => {
  await untilPresenting(fleet, each, model);
  await each.crash(true);
};

/** The answer of a rotation comes when the journal has no room for it; a while later there is room again. */
const answeredWithoutRoom: Act = async (fleet, each, model) => {
  await untilPresenting(fleet, each, model);
  each.diskFull = true;
  await each.settle();
  await fleet.runFor(MINUTE);
  each.diskFull = false;
  await fleet.runFor(5_000);
};

/** While a pair is on its way to the store, its person signs in on a machine beyond these: there lies another live one. */
const overtaken: Act = async (fleet, each, model) => {
  await untilPresenting(fleet, each, model);
  for (let calls = 0; calls < 10 && each.snapshot?.context.fresh === null && each.isWaiting; calls++)
    await each.settle();
  const { store, jfrog } = fleet;
  if (!each.snapshot?.context.fresh) return;
  byHand(() => store.writeNow(NAME, jfrog.issue("elsewhere", "rival"), store.readNow(NAME).version))(
    fleet,
    each,
    model,
  );
};

/** As far as the login page, and through it; the next poll collects. */
const signIn: Act = async ({ jfrog }, each) => {
  each.ask("enrol", { again: true });
  await quiet();
  for (let calls = 0; calls < 20 && each.state !== "polling" && each.isWaiting; calls++) await each.settle();
  jfrog.approved = true;
};

/** No agent starts without room for its journal. */
const boot: Act = (_, each) => (each.diskFull ? undefined : each.boot());

const byHand =
  (act: (fleet: Fleet) => void): Act =>
  (fleet, _, model) => {
    const token = storedToken(fleet);
    if (token) model.given.add(token);
    act(fleet);
  };

const commands = fc.commands<Model, Fleet, false>(
  [
    run(30),
    run(400),
    settle,
    settle,
    settle,
    ways,
    on("rotate", true, untilPresenting),
    on("rotate", true, untilPresenting),
    on("dies presenting", true, diesPresenting),
    on("answered without room", true, answeredWithoutRoom),
    on("overtaken", true, overtaken),
    on("ask", true, (_, each) => each.ask("refresh")),
    on("crash", true, (_, each) => each.crash(false)),
    on("crash late", true, (_, each) => each.crash(true)),
    on("boot", false, boot),
    on("boot", false, boot),
    on("disk full", true, (_, each) => void Object.assign(each, { diskFull: true })),
    on("room on the disk", null, async (fleet, each) => {
      each.diskFull = false;
      await fleet.runFor(5_000);
    }),
    on("suspended", null, ({ jfrog }) => void Object.assign(jfrog, { suspended: true })),
    on("suspended no more", null, ({ jfrog }) => void Object.assign(jfrog, { suspended: false })),
    on("signs in anew", true, signIn),
    on("signs in anew", true, signIn),
    on("un-enrols", true, (_, each) => each.ask("revoke")),
    on(
      "deletes by hand",
      null,
      byHand(({ store }) => store.deleteNow(NAME, store.readNow(NAME).version)),
    ),
    on("an administrator revokes", null, ({ jfrog }) => {
      for (const row of [...jfrog.rows.values()].slice(-1)) row.revoked = true;
    }),
    on("edits another field", null, ({ store }) => {
      const found = store.readNow(NAME);
      if (found.state === "present") store.writeNow(NAME, { ...found.fields, note: "mine" }, found.version);
    }),
  ],
  { maxCommands: 260, size: "max" },
);

const setting = fc.record({
  machines: fc.integer({ min: 2, max: 4 }),
  skew: fc.array(fc.constantFrom(0, 0, 7 * MINUTE, -7 * MINUTE), { minLength: 4, maxLength: 4 }),
  spentAnswer: fc.constantFrom(404, 401, 403 as const),
  oldAccessLives: fc.constantFrom(0, 5 * MINUTE, 400 * HOUR),
  rotation: fc.constantFrom("refresh", "refresh", "remint" as const),
  seed: fc.integer({ min: 1, max: 2 ** 20 }),
});

/** Where an enrolment may be for good. */
const RESTING = ["active.resting", "revoked", "idle.missing", "idle.unenrolled", "refreshing.doubted.keeping"];
/** Commands and journaled events of the longest history. */
const longest = { steps: 0, events: 0, long: 0 };

property(
  "2 to 4 agents, histories of up to 260 accidents: at every moment every usable pair is stored, sealed, or known to be unanswered; and all come to rest",
  [setting, commands],
  async ({ machines, skew, spentAnswer, oldAccessLives, rotation, seed }, acts) => {
    const switches = { ...SWITCHES, life: 4_000 * HOUR, spentAnswer, oldAccessLives };
    const fleet = new Fleet({ switches, machines, skew, seed, rotation });
    await fleet.enrol();
    const model: Model = { runs: fleet.machines.map(() => true), given: new Set(), steps: 0 };
    await fc.asyncModelRun(() => ({ model, real: fleet }), acts);
    await comeToRest(fleet);
    assert.deepEqual(lostPairs(fleet, model.given), []);
    note(fleet, model);
    return true;
  },
  { runs: 30 },
);

async function comeToRest(fleet: Fleet): Promise<void> {
  fleet.jfrog.suspended = false;
  for (const each of fleet.machines) each.diskFull = false;
  await fleet.calm();
  const since = fleet.clock.now();
  const isBusy = () => fleet.machines.some(({ journal }) => journal.openIntents(STREAM).length > 0);
  // A revocation that was refused for more than an hour comes again a day later.
  for (let hours = 0; hours < 36 && (hours < 12 || isBusy()); hours += 4) await fleet.runFor(4 * HOUR);
  assert.deepEqual(fleet.findings.filter(isBad), []);
  // A mark that an outage kept on the lease, of a machine that a person has led elsewhere, is there until its next rotation.
  const mayWait = fleet.machines.some(({ state }) => state === "active.resting")
    ? ["refreshing.doubted.heldElsewhere"]
    : [];
  for (const { name, state, journal } of fleet.machines) {
    assert.ok([...RESTING, ...mayWait].includes(state), `${name} is still ${state}`);
    const open = journal.openIntents(STREAM).filter(({ openedAt }) => openedAt <= since);
    assert.deepEqual(open, [], `${name} has not done everything`);
  }
}

function note(fleet: Fleet, { steps }: Model): void {
  longest.steps = Math.max(longest.steps, steps);
  longest.events = Math.max(longest.events, ...fleet.machines.map(({ journal }) => journal.recorded.length));
  if (steps >= 100) longest.long += 1;
}

after(() => {
  assert.ok(
    longest.steps >= 100,
    `the longest history has ${longest.steps} accidents, ${longest.events} events of one agent`,
  );
});
