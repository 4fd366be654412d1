import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { spreadOf } from "../../src/agent/secret.ts";
import { halfLife } from "../../src/machines/half-life.ts";
import { busiest, HABITS, simulateFleet } from "../support/fleet-load.ts";
import { property } from "../support/property.ts";

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const LIFE = 60 * DAY;
const AGENTS = 10_000;

/** When each of ten thousand tokens is due. */
function dueTimes(fleet: number, enrolledAt: (share: number) => number): number[] {
  return Array.from({ length: AGENTS }, (_, n) => {
    const issuedAt = enrolledAt(n / AGENTS);
    return halfLife({ issuedAt, expiresAt: issuedAt + LIFE }, spreadOf(`machine-${fleet}-${n}`, `token-${fleet}-${n}`));
  });
}

for (const [habit, enrolledAt] of [
  ["over a working day", HABITS.workingDay],
  ["in one hour", HABITS.oneHour],
] as const) {
  // Fixed fleets: among 10,000 draws one in some hundred would be over by chance.
  test(`ten thousand who enrolled ${habit}: the busiest hour has at most 1.5 × the mean hour's rotations`, () => {
    for (let fleet = 0; fleet < 10; fleet++) {
      const { most, mean } = busiest(dueTimes(fleet, enrolledAt), HOUR);
      assert.ok(most <= 1.5 * mean, `fleet ${fleet}: ${most} beside ${mean}`);
    }
  });
}

test("every agent of a fleet rotates when it is due, with two requests to JFrog and eleven to Vault", () => {
  const { due, rotated, jfrog, vault } = simulateFleet({
    agents: 300,
    life: LIFE,
    spread: true,
    enrolledAt: HABITS.oneHour,
  });
  assert.equal(rotated.length, 300);
  assert.equal(jfrog.length, 2 * 300);
  assert.equal(vault.length, 11 * 300);
  const [planned, done] = [due.toSorted((a, b) => a - b), rotated.toSorted((a, b) => a - b)];
  for (const [n, time] of planned.entries()) assert.ok(Math.abs((done[n] ?? 0) - time) < 1_000);
  assert.ok(planned.every((time) => time >= LIFE / 2 && time <= LIFE / 2 + LIFE / 20 + HOUR));
});

test("without the spread those who enrolled in one hour rotate in one hour: the figure is able to fail", () => {
  const { rotated } = simulateFleet({ agents: 300, life: LIFE, spread: false, enrolledAt: HABITS.oneHour });
  assert.equal(busiest(rotated, HOUR).most, 300);
});

property(
  "an outage of JFrog costs no rotation, and its end brings no stampede",
  [fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 1, max: 24 })],
  (seed, hours) => {
    const from = LIFE / 2 + DAY;
    const to = from + hours * HOUR;
    const { rotated, expires, jfrog } = simulateFleet({
      agents: 300,
      life: LIFE,
      spread: true,
      enrolledAt: HABITS.oneHour,
      outage: { from, to },
      seed,
    });
    assert.equal(rotated.length, 300);
    assert.ok(Math.max(...rotated) < Math.min(...expires));
    const late = rotated.filter((time) => time >= to && time < to + 15 * 60_000).length;
    const firstMinute = jfrog.filter((time) => time >= to && time < to + 60_000).length;
    // All who waited come within a quarter of an hour, each by a draw of its own: not all in the first minute.
    assert.ok(firstMinute <= 8 + late / 2, `${firstMinute} of ${late}`);
    return true;
  },
  { runs: 8 },
);
