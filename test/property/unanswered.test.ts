import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EntryReader } from "../../src/commands/history/entries.ts";
import type { Context } from "../../src/machines/enrolment/context.ts";
import type { Outcome } from "../../src/terminal/unanswered.ts";
import { type Act, act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

const ALMOST_A_DAY = 23 * 60 * MINUTE;

/** How a rotation without an answer came out, when, and what it took to find out. */
interface Came {
  readonly how: Outcome;
  readonly at: number;
  readonly took: number;
}

/** Rotations whose answer is lost, with whatever else happens between them. */
const lostRotation: fc.Arbitrary<Act[]> = fc
  .record({
    call: fc.constantFrom("jfrog.refresh", "jfrog.mint"),
    fate: fc.constantFrom("lost" as const, "unknown" as const, "killed" as const, "killed late" as const),
    after: fc.array(act, { maxLength: 3 }),
  })
  .map(({ call, fate, after }) => [{ do: "half-life" }, { do: "until", call, fate }, ...after]);

const met = new Map<Outcome, number>();

property(
  "what the log tells of an unanswered rotation is what status remembers; the person is told nothing twice a day",
  [setting, fc.array(lostRotation, { minLength: 1, maxLength: 4, size: "max" })],
  async (given, rotations) => {
    const world = new ModelWorld(given);
    const { journal } = world;
    const remembered: Came[] = [];
    const append = journal.append.bind(journal);
    journal.append = (input) => {
      const seq = append(input);
      const { unanswered } = (input.snapshot as unknown as { context: Context }).context ?? {};
      const { outcome, lostAt = 0 } = unanswered ?? {};
      if (outcome && outcome.at === input.event.at) remembered.push({ ...outcome, took: outcome.at - lostAt });
      return seq;
    };
    await world.boot();
    await world.drain();
    await world.ask("enrol");
    world.attended = true;
    await world.runFor(MINUTE);
    for (const each of rotations.flat()) await happen(world, each);
    await world.runFor(5 * MINUTE);
    const entries = new EntryReader();
    const told = [...journal.events()]
      .filter(({ stream }) => stream === STREAM)
      .map((recorded) => entries.read(recorded));
    const logged = told.flatMap(({ cameOut, at }) => (cameOut ? [{ ...cameOut, at: at.getTime() }] : []));
    assert.deepEqual(logged, unique(remembered));
    for (const { how } of logged) met.set(how, (met.get(how) ?? 0) + 1);
    return toldSparingly(told);
  },
  { runs: 150 },
);

test("the histories have met answers that were lost, and more than one way in which that came out", () => {
  const times = [...met.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(met.size >= 3 && times >= 20, JSON.stringify([...met]));
});

/** Events of the same millisecond all show it. */
function unique<T>(outcomes: readonly T[]): T[] {
  return outcomes.filter((each, index) => JSON.stringify(each) !== JSON.stringify(outcomes[index - 1]));
}

function toldSparingly(entries: readonly ReturnType<EntryReader["read"]>[]): boolean {
  const last = new Map<string, number>();
  return entries.every(({ event, at, state }) => {
    if (state.startsWith("active") && event.type !== "WOKE" && event.type !== "NOTIFIED") last.clear();
    if (event.type !== "NOTIFIED" || event.known === true || event.code === "answer-lost") return true;
    const code = String(event.code);
    const before = last.get(code);
    last.set(code, at.getTime());
    return before === undefined || at.getTime() - before >= ALMOST_A_DAY;
  });
}
