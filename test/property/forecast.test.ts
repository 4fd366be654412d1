import assert from "node:assert/strict";
import fc from "fast-check";
import { beginningOf } from "../../src/commands/next/items.ts";
import type { Append } from "../../src/journal/port.ts";
import type { Snapshot } from "../../src/machines/enrolment/decide.ts";
import { type Foreseen, forecast } from "../../src/machines/forecast/forecast.ts";
import { stateName } from "../../src/machines/stream/state-name.ts";
import { type Act, act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, NAME, type Setting, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

const script = fc.array(act, { maxLength: 12, size: "max" });

/** What really happened, in the forecast's words. */
interface Lived {
  readonly rotations: number[];
  readonly asks: { readonly at: number; readonly ask: string }[];
}

/** Notes what the agent goes through from now on. */
function watched(world: ModelWorld): Lived {
  const lived: Lived = { rotations: [], asks: [] };
  const { journal } = world;
  const append = journal.append.bind(journal);
  journal.append = (input: Append) => {
    const before = world.snapshot?.context.ask?.code;
    const seq = append(input);
    const { event, snapshot } = input;
    const { value, context } = snapshot as unknown as Snapshot;
    if (input.stream !== STREAM) return seq;
    if (event.type === "PAIR_ISSUED" && stateName(value).startsWith("refreshing")) lived.rotations.push(event.at);
    if (context.ask && context.ask.code !== before) lived.asks.push({ at: event.at, ask: context.ask.code });
    return seq;
  };
  return lived;
}

async function played(given: Setting, acts: readonly Act[]): Promise<ModelWorld> {
  const world = new ModelWorld(given);
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  world.attended = false;
  for (const each of acts) await happen(world, each);
  return world;
}

function foreseen(world: ModelWorld, from: number, until: number): Foreseen[] {
  const beginning = beginningOf(world.journal, NAME, true);
  assert.ok(beginning);
  return forecast(beginning, { from, until });
}

const of = <C extends Foreseen["code"]>(seen: readonly Foreseen[], code: C) =>
  seen.filter((each): each is Extract<Foreseen, { code: C }> => each.code === code);

/** What the journal can't know of, and what is nobody's plan. */
function isHome(each: Act): boolean {
  return each.do !== "rival" && each.do !== "revoke at the service" && each.do !== "configure";
}

property(
  "what next forecasts is what a simulated agent then does: rotations, and when a person is asked",
  [setting, script],
  async (given, acts) => {
    const { life } = given.switches;
    // A service that issues no token has its own mind: the forecast is of a calm one.
    const switches = { ...given.switches, mintForbidden: false };
    const world = await played({ ...given, switches }, acts.filter(isHome));
    await world.calm();
    await world.runFor(90 * MINUTE);
    const { stored } = world;
    const usable = stored !== null && world.jfrog.isAlive(stored);
    const mended = given.rotation === "remint" || (stored !== null && world.jfrog.isRefreshable(stored));
    if (world.state !== "active.resting" || !usable || (given.switches.refreshable && !mended)) return true;
    const from = world.clock.now();
    const until = from + 3 * life;
    const seen = foreseen(world, from, until);
    const lived = watched(world);
    await world.runFor(until - from);
    const clocksDiffer = given.skew.store === given.skew.service ? 0 : 4 * MINUTE;
    sameRotations(of(seen, "rotation"), lived.rotations, { each: life / 20 + 5_000, first: clocksDiffer, until });
    const standing = of(seen, "ask").filter(({ at }) => at > from);
    assert.deepEqual(
      standing.map(({ at, ask }) => ({ at, ask })),
      lived.asks,
    );
    return true;
  },
  { runs: 60 },
);

/**
 * The first is known to the millisecond, where the store and the service agree on the time; each later one moves by what
 * its token's spread turns out to be.
 */
function sameRotations(
  seen: readonly { readonly at: number }[],
  lived: readonly number[],
  { each, first, until }: { readonly each: number; readonly first: number; readonly until: number },
) {
  const slack = (index: number) => first + index * (each + first);
  for (const [index, at] of lived.entries()) {
    const foreseen = seen[index]?.at;
    if (foreseen === undefined) assert.ok(at > until - slack(index) - 1, `rotation ${index + 1} was not foreseen`);
    else assert.ok(Math.abs(foreseen - at) <= slack(index), `rotation ${index + 1}: ${foreseen - at} ms off`);
  }
  const extra = seen.slice(lived.length).filter(({ at }, index) => at < until - slack(lived.length + index) - 1);
  assert.deepEqual(extra, [], "a rotation was foreseen that never came");
}

property(
  "from wherever the world has left it, the forecast comes to an end, in order and within its time",
  [setting, script],
  async (given, acts) => {
    const world = await played(given, acts);
    const from = world.clock.now();
    const until = from + 2 * given.switches.life;
    const seen = foreseen(world, from, until);
    for (const [index, { at }] of seen.entries()) {
      assert.ok(at >= from && at < until, `${at} lies outside`);
      assert.ok(at >= (seen[index - 1]?.at ?? from), "not in order");
    }
    const asleep = forecast(
      beginningOf(world.journal, NAME, true) ?? assert.fail(),
      { from, until },
      { from, until: until - 1 },
    );
    const own = asleep.filter(({ code, at }) => code !== "ask" && code !== "token-ends" && at < until - 1);
    assert.deepEqual(own, [], "does nothing while it is asleep");
    return true;
  },
  { runs: 60 },
);
