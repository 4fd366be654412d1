import fc from "fast-check";
import type { Fate } from "./wire.ts";
import { MINUTE, type ModelWorld, type Setting } from "./world.ts";

/** One thing that happens in the world. */
export type Act =
  | { readonly do: "settle"; readonly index: number; readonly fate: Fate; readonly times: number }
  | { readonly do: "run"; readonly minutes: number }
  | { readonly do: "half-life" }
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
    case "crash":
      await world.crash((index) => (what.happened & (1 << index)) !== 0);
      world.clock.moveTo(world.clock.now() + what.asleep * MINUTE);
      return world.boot();
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
