import fc from "fast-check";
import { Fleet, SWITCHES } from "../support/fleet.ts";
import { assertNoStranger, assertWell, untilPresenting } from "../support/fleet-checks.ts";
import { type FleetMachine, HOUR, MINUTE, type Way } from "../support/fleet-machine.ts";
import { property } from "../support/property.ts";

// Random crashes, partitions and clocks on up to five machines: all of them come home.

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
