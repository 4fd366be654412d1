import assert from "node:assert/strict";
import { test } from "node:test";
import { wrap } from "../../src/terminal/layout.ts";
import { clock, countdown, moment, ordinal, relative, span, stamp } from "../../src/terminal/times.ts";

process.env.TZ = "UTC";

const now = new Date("2026-11-21T14:14:00Z");
const at = (text: string) => new Date(text);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("a time today is its hour, a near one has its day, a far one its year", () => {
  assert.equal(clock(at("2026-11-21T09:40:00Z"), now), "09:40");
  assert.equal(clock(at("2026-11-20T23:59:00Z"), now), "20 Nov 23:59");
  assert.equal(clock(at("2027-01-02T03:04:00Z"), now), "2 Jan 03:04");
  assert.equal(clock(at("2027-11-21T14:14:00Z"), now), "21 Nov 2027");
});

test("times are local: the hour is that of the person's zone", () => {
  process.env.TZ = "Asia/Kolkata";
  try {
    assert.equal(clock(at("2026-11-21T09:40:00Z"), now), "15:10");
    assert.equal(stamp(at("2026-11-30T20:00:07Z")), " 1 Dec 01:30:07");
  } finally {
    process.env.TZ = "UTC";
  }
});

test("a span is one unit, and never 60 of the smaller one", () => {
  const cases: [number, string][] = [
    [0, "0 s"],
    [42_000, "42 s"],
    [59_600, "1 min"],
    [59.6 * MINUTE, "1 h"],
    [-3 * HOUR, "3 h"],
    [47 * HOUR, "47 h"],
    [48 * HOUR, "2 d"],
    [28 * 24 * HOUR + HOUR, "28 d"],
  ];
  for (const [length, words] of cases) assert.equal(span(length), words);
});

test("what lies ahead and behind is told apart", () => {
  assert.equal(relative(at("2026-11-21T14:20:00Z"), now), "in 6 min");
  assert.equal(relative(at("2026-11-21T11:14:00Z"), now), "3 h ago");
  assert.equal(relative(now, now), "now");
  assert.equal(moment(at("2026-11-21T14:20:00Z"), now), "14:20 (in 6 min)");
});

test("countdowns end at zero, ordinals are English", () => {
  assert.equal(countdown(252_000), "4:12");
  assert.equal(countdown(-1), "0:00");
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal), [
    ...["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"],
  ]);
});

test("a line breaks between its parts, never within one", () => {
  assert.deepEqual(wrap(["a".repeat(20), "b".repeat(20), "c"], 30, " · "), ["a".repeat(20), `${"b".repeat(20)} · c`]);
  assert.deepEqual(wrap(["a".repeat(50)], 30, " · "), ["a".repeat(50)]);
  assert.deepEqual(wrap(["a", "b"], 5, " · "), ["a · b"]);
});
