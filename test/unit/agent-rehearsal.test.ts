import assert from "node:assert/strict";
import { test } from "node:test";
import { DotvaultError } from "../../src/errors.ts";
import type { Append } from "../../src/journal/port.ts";
import { enrolled } from "../support/model/enrolled.ts";
import { MINUTE } from "../support/model/world.ts";

test("a journal that could not take the answer: nothing is marked or presented until it can", async () => {
  const world = await enrolled();
  const rehearse = world.journal.rehearse.bind(world.journal);
  world.journal.rehearse = () => {
    throw new DotvaultError("journal.unwritable", "the journal can't be written");
  };
  await world.ask("refresh");
  await world.runFor(10 * MINUTE);
  assert.deepEqual([world.state, world.jfrog.presentations.length], ["refreshing.presenting", 0]);
  world.journal.rehearse = rehearse;
  await world.runFor(15 * MINUTE);
  assert.deepEqual([world.state, world.jfrog.presentations.length], ["active.resting", 1]);
  assert.deepEqual(world.checks.findings, []);
});

test("what is rehearsed is what is appended once the answer is there: the same ends and beginnings", async () => {
  const world = await enrolled();
  const shapes: object[] = [];
  const note = ({ event, intents = [], closes, forget, seal = [], cancelWakes }: Append) => {
    if (event.type !== "PAIR_ISSUED") return;
    const begins = intents.map(({ id, kind, once }) => ({ id, kind, once }));
    shapes.push({ begins, closes, forget, seals: seal.map(({ ref }) => ref.id), cancelWakes });
  };
  for (const name of ["rehearse", "append"] as const) {
    const real = world.journal[name].bind(world.journal);
    const noted = (input: Append) => {
      note(input);
      return real(input);
    };
    Object.assign(world.journal, { [name]: noted });
  }
  await world.ask("refresh");
  await world.runFor(5 * MINUTE);
  assert.equal(shapes.length, 2);
  assert.deepEqual(shapes[0], shapes[1]);
});
