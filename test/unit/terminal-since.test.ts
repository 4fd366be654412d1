import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSince } from "../../src/commands/cli/since.ts";

process.env.TZ = "Asia/Kolkata";

const now = Date.UTC(2026, 10, 21, 14, 14);
const HOUR = 3_600_000;

test("durations reach back from now", () => {
  assert.equal(parseSince("2h", now), now - 2 * HOUR);
  assert.equal(parseSince("1h30m", now), now - 1.5 * HOUR);
  assert.equal(parseSince("3d", now), now - 72 * HOUR);
});

test("a date is its local midnight, a time is what it says", () => {
  assert.equal(parseSince("2026-11-20", now), Date.UTC(2026, 10, 19, 18, 30));
  assert.equal(parseSince("2026-11-20T09:00:00Z", now), Date.UTC(2026, 10, 20, 9));
  assert.equal(parseSince("2026-11-20T09:00:00.5+02:00", now), Date.UTC(2026, 10, 20, 7, 0, 0, 500));
});

test("anything else is refused: days that do not exist, times without a zone, the future", () => {
  for (const text of ["2026-02-30", "2026-11-20T09:00:00", "yesterday", "", "-2h", "12"]) {
    assert.throws(() => parseSince(text, now), { code: "usage.since" }, text);
  }
});
