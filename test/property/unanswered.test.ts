import assert from "node:assert/strict";
import fc from "fast-check";
import { EntryReader } from "../../src/commands/history/entries.ts";
import type { Context } from "../../src/machines/enrolment/context.ts";
import { act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

const ALMOST_A_DAY = 23 * 60 * MINUTE;

property(
  "what the log tells of an unanswered rotation is what status remembers; the person is told nothing twice a day",
  [setting, fc.array(act, { maxLength: 16, size: "max" })],
  async (given, acts) => {
    const world = new ModelWorld(given);
    const { journal } = world;
    const remembered: NonNullable<Context["unanswered"]>["outcome"][] = [];
    const append = journal.append.bind(journal);
    journal.append = (input) => {
      const seq = append(input);
      const { unanswered } = (input.snapshot as unknown as { context: Context }).context ?? {};
      if (unanswered?.outcome && unanswered.outcome.at === input.event.at) remembered.push(unanswered.outcome);
      return seq;
    };
    await world.boot();
    await world.drain();
    await world.ask("enrol");
    world.attended = true;
    await world.runFor(MINUTE);
    for (const each of acts) await happen(world, each);
    const entries = new EntryReader();
    const told = [...journal.events()]
      .filter(({ stream }) => stream === STREAM)
      .map((recorded) => entries.read(recorded));
    const logged = told.flatMap(({ cameOut, at }) => (cameOut ? [{ how: cameOut.how, at: at.getTime() }] : []));
    assert.deepEqual(logged, unique(remembered));
    return toldSparingly(told);
  },
  { runs: 60 },
);

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
