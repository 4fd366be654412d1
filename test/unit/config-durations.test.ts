import assert from "node:assert/strict";
import { test } from "node:test";
import { durationPattern, parseDuration } from "../../src/config/durations.ts";

const good: [string, number][] = [
  ["15m", 900_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["5.s", 5_000],
  ["300ms", 300],
  ["250us", 0.25],
  ["250µs", 0.25],
  ["250μs", 0.25],
  ["1ns", 0.000_001],
  ["0", 0],
  ["30d", 2_592_000_000],
  [" 6h ", 21_600_000],
  ["2562047h", 9_223_369_200_000],
];

for (const [text, milliseconds] of good) {
  test(`the duration ${text} is ${milliseconds} ms, and the schema's pattern knows it`, () => {
    assert.deepEqual(parseDuration(text), { ok: true, value: milliseconds });
    assert.match(text.trim(), new RegExp(durationPattern, "u"));
  });
}

test("signs are read as Go reads them", () => {
  assert.deepEqual(parseDuration("-5m"), { ok: true, value: -300_000 });
  assert.deepEqual(parseDuration("+5m"), { ok: true, value: 300_000 });
});

const bad: [string, string][] = [
  ["", "an empty duration"],
  ["900", '"900" has no unit'],
  ["-", '"-" is not a duration'],
  ["m", '"m" is not a duration'],
  [".m", '".m" is not a duration'],
  ["1d12h", "only whole days alone are understood"],
  ["1.5d", "only whole days alone are understood"],
  ["2w", 'unknown unit "w" in "2w"'],
  ["1h-5m", 'unknown unit "h-" in "1h-5m"'],
  ["2562048h", '"2562048h" is longer than 292 years'],
  ["106752d", '"106752d" is longer than 292 years'],
  [`${"9".repeat(200)}h`, "a duration of more than 100 characters"],
];

for (const [text, what] of bad) {
  test(`the duration ${JSON.stringify(text.slice(0, 20))} is refused in words: ${what}`, () => {
    const parsed = parseDuration(text);
    assert.equal(parsed.ok ? "accepted" : parsed.what, what);
  });
}

test("a unit that was spelled out leads to the right spelling", () => {
  const parsed = parseDuration("15 minutes");
  assert.equal(parsed.ok ? "accepted" : parsed.nearest, "15m");
});
