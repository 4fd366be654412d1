import fc from "fast-check";
import type { Fate } from "./wire.ts";
import { MINUTE, type ModelWorld, type Setting } from "./world.ts";

/** One thing that happens in the world. */
export type Act =
  | { readonly do: "settle"; readonly index: number; readonly fate: Fate; readonly times: number }
  | { readonly do: "run"; readonly minutes: number }
  | { readonly do: "half-life" }
  /** On to the next such call, and what becomes of it. */
  | { readonly do: "until"; readonly call: string; readonly fate: Fate | "killed" | "killed late" }
  /** The enrolment is out of the configuration, or back in it; at this url or at another. */
  | { readonly do: "configure"; readonly there: boolean; readonly moved: boolean }
  | { readonly do: "crash"; readonly happened: number; readonly asleep: number }
  | { readonly do: "ask"; readonly verb: "enrol" | "again" | "cancel" | "refresh" | "revoke" | "sync" }
  | { readonly do: "approve" }
  | { readonly do: "weather"; readonly store: boolean; readonly service: boolean; readonly suspended: boolean }
  | {
      readonly do: "rival";
      readonly act: "claim" | "rotate" | "present" | "bring" | "enrol" | "delete" | "restore" | "edit";
    }
  | { readonly do: "revoke at the service" };

const fate = fc.constantFrom<Fate>("answered", "answered", "answered", "unsent", "lost", "unknown");
const verb = fc.constantFrom("enrol", "again", "cancel", "refresh", "revoke", "sync" as const);
const rivalAct = fc.constantFrom(
  ...(["claim", "rotate", "present", "bring", "enrol", "delete", "restore", "edit"] as const),
);

/** Where an accident hurts most; the first most often. */
const MOMENTS = [
  ...["jfrog.refresh", "jfrog.refresh", "jfrog.refresh", "jfrog.refresh", "jfrog.mint", "jfrog.probe", "jfrog.poll"],
  ...["store.write jfrog", "store.delete jfrog", "store.write .dotvault/jfrog", "store.read jfrog"],
] as const;

export const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      index: fc.nat({ max: 3 }),
      fate,
      times: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("run" as const), minutes: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 4, arbitrary: fc.constant({ do: "half-life" } as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("until" as const),
      call: fc.constantFrom(...MOMENTS),
      fate: fc.constantFrom<Fate | "killed" | "killed late">("lost", "unknown", "unsent", "killed", "killed late"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("configure" as const), there: fc.boolean(), moved: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("crash" as const),
      happened: fc.nat({ max: 15 }),
      asleep: fc.nat({ max: 30 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ask" as const), verb }) },
  { weight: 1, arbitrary: fc.constant({ do: "approve" } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("weather" as const),
      store: fc.boolean(),
      service: fc.boolean(),
      suspended: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("rival" as const), act: rivalAct }) },
  { weight: 1, arbitrary: fc.constant({ do: "revoke at the service" } as const) },
);

export const setting: fc.Arbitrary<Setting> = fc.record({
  switches: fc.record({
    life: fc.constantFrom(20 * MINUTE, 60 * MINUTE, 180 * MINUTE),
    spentAnswer: fc.constantFrom(404, 401, 403 as const),
    oldAccessLives: fc.constantFrom(0, 3 * MINUTE, 180 * MINUTE),
    grace: fc.constantFrom(0, 120 * MINUTE),
    lists: fc.boolean(),
    mintForbidden: fc.boolean(),
    refreshable: fc.constantFrom(true, true, true, false),
  }),
  skew: fc.record({
    service: fc.constantFrom(0, 0, 90_000, -90_000),
    store: fc.constantFrom(0, 0, 90_000, -90_000),
  }),
  seed: fc.nat(),
  rotation: fc.constantFrom("refresh", "refresh", "remint" as const),
});

/** Lets it happen. */
export async function happen(world: ModelWorld, what: Act): Promise<void> {
  switch (what.do) {
    case "settle":
      for (let time = 0; time < what.times; time++) await world.settle(what.index, what.fate);
      return;
    case "run":
      return world.runFor(what.minutes * MINUTE);
    case "half-life":
      return toHalfLife(world);
    case "until":
      return untilCall(world, what.call, what.fate);
    case "configure":
      return world.configure(what.there, what.moved);
    case "crash":
      return crash(world, (index) => (what.happened & (1 << index)) !== 0, what.asleep);
    case "ask":
      return what.verb === "again" ? world.ask("enrol", { again: true }) : world.ask(what.verb);
    case "approve":
      world.jfrog.approved = true;
      return;
    case "weather":
      world.storeDown = what.store;
      world.serviceDown = what.service;
      world.jfrog.suspended = what.suspended;
      return;
    case "rival":
      return what.act === "restore" ? world.rival.restore(1) : void world.rival[what.act]();
    case "revoke at the service":
      for (const row of [...world.jfrog.rows.values()].slice(-1)) row.revoked = true;
  }
}

/** On to the next rotation, and into its middle: nothing of it is answered yet. */
async function toHalfLife(world: ModelWorld): Promise<void> {
  await world.drain();
  const wake = world.journal.wakes().find(({ name }) => name === "rotate");
  if (!wake) return;
  const rest = wake.at - world.clock.now() - 1;
  if (rest > 0) await world.runFor(rest);
  await world.moveTo(wake.at);
}

async function crash(world: ModelWorld, happened: (index: number) => boolean, asleep: number): Promise<void> {
  await world.crash(happened);
  world.clock.moveTo(world.clock.now() + asleep * MINUTE);
  await world.boot();
}

async function untilCall(world: ModelWorld, call: string, fate: Fate | "killed" | "killed late"): Promise<void> {
  if (world.state === "active.resting") await toHalfLife(world);
  const index = () => world.pending.indexOf(call);
  for (let calls = 0; calls < 40 && world.pending.length > 0 && index() === -1; calls++) await world.settle();
  if (index() === -1) return;
  if (fate === "killed" || fate === "killed late") return crash(world, () => fate === "killed late", 0);
  await world.settle(index(), fate);
}
