import assert from "node:assert/strict";
import { test } from "node:test";
import { type Act, WhyWorld } from "../support/why-world.ts";

async function verdictAfter(...acts: Act["do"][]): Promise<{ readonly code: string; readonly ours: boolean | null }> {
  using world = new WhyWorld();
  for (const what of acts) await world.happens({ do: what } as Act);
  const { verdict, wrote } = await world.why();
  if (!world.lost) assert.equal(wrote, world.wrote, "the event that accounts for the bytes");
  return { code: verdict.code, ours: verdict.ours };
}

const well = { code: "not-us", ours: false };

test("a write that a kill kept off the record is nobody else's doing, before the next start and after it", async () => {
  assert.deepEqual(await verdictAfter("write, die"), well);
  assert.deepEqual(await verdictAfter("sync", "write, die"), well);
  assert.deepEqual(
    await verdictAfter("sync", "write, die", "sync"),
    well,
    "what it was found to hold is of the newest pair",
  );
  const older = { code: "older-pair", ours: true };
  assert.deepEqual(await verdictAfter("sync", "write, die", "rotate, die"), older);
});
