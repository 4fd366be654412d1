import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { verifyChain } from "../../src/journal/plain-chain.ts";
import { readHistory } from "../../src/machines/history/read.ts";
import { replayHistory } from "../../src/machines/replay/replay.ts";
import { Stage } from "../contract/command-stage.ts";
import { Fleet, SWITCHES } from "../support/fleet.ts";
import { MINUTE } from "../support/fleet-machine.ts";
import { holds } from "../support/property.ts";

function historiesIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "dotvault-histories-"));
  const before = process.env.DOTVAULT_HISTORIES;
  process.env.DOTVAULT_HISTORIES = folder;
  t.after(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.DOTVAULT_HISTORIES;
    else process.env.DOTVAULT_HISTORIES = before;
  });
  return folder;
}

/** Two agents, and a claim about them that breaks with the first rotation. */
async function neverRotates(minutes: number): Promise<boolean> {
  const fleet = new Fleet({ switches: { ...SWITCHES, life: 60 * MINUTE }, machines: 2 });
  await fleet.enrol();
  await fleet.runFor(minutes * MINUTE);
  return fleet.jfrog.presentations.length === 0;
}

test("a property that fails writes what each agent went through in the smallest failing run, and dotvault replay reads it", async (t) => {
  const folder = historiesIn(t);
  const failing = holds("nobody rotates", [fc.integer({ min: 0, max: 300 })], neverRotates);
  const error = await failing.then(
    () => assert.fail("it holds"),
    (caught: Error) => caught,
  );
  const files = readdirSync(folder).toSorted();
  assert.equal(files.length, 2);
  using stage = new Stage();
  for (const file of files) {
    assert.ok(error.message.includes(`dotvault replay ${join(folder, file)}`), error.message);
    const { out, code } = await stage.type(`dotvault replay ${join(folder, file)}`);
    assert.match(out, /^✓ jfrog: \d+ events, 0 decisions differ\n$/);
    assert.equal(code, 0);
  }
  const rotations = files.map((file) => {
    const history = readHistory(JSON.parse(readFileSync(join(folder, file), "utf8")), verifyChain);
    assert.equal(replayHistory(history).firstDifference, undefined);
    return history.events.filter(({ event }) => event.type === "CLAIMED").length;
  });
  assert.deepEqual(rotations.toSorted(), [0, 1], "the smallest run ends with the first rotation");
});

test("a property that holds writes nothing", async (t) => {
  const folder = historiesIn(t);
  await holds("nobody rotates at once", [fc.integer({ min: 0, max: 10 })], neverRotates, { runs: 3 });
  assert.deepEqual(readdirSync(folder), []);
});
