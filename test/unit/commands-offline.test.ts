import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOffline } from "../../src/commands/next/offline.ts";

process.env.TZ = "UTC";
/** A Saturday. */
const now = Date.UTC(2026, 10, 21, 14, 14);

test("a time offline: days from their start to their end, and whatever names a moment", () => {
  const span = (text: string) => {
    const { from, until } = parseOffline(text, now);
    return [new Date(from).toISOString().slice(0, 16), new Date(until).toISOString().slice(0, 16)];
  };
  assert.deepEqual(span("fri..mon"), ["2026-11-27T00:00", "2026-12-01T00:00"]);
  assert.deepEqual(span("Friday..Monday"), ["2026-11-27T00:00", "2026-12-01T00:00"]);
  assert.deepEqual(span("sat..sun"), ["2026-11-21T14:14", "2026-11-23T00:00"]);
  assert.deepEqual(span("now..3d"), ["2026-11-21T14:14", "2026-11-24T14:14"]);
  assert.deepEqual(span("tomorrow..2026-11-25"), ["2026-11-22T00:00", "2026-11-26T00:00"]);
  assert.deepEqual(span("mon..mon"), ["2026-11-23T00:00", "2026-11-24T00:00"]);
  assert.deepEqual(span("2026-11-24T10:00:00Z..36h"), ["2026-11-24T10:00", "2026-11-25T22:00"]);
  // Times of a day: of one that is named, else the next one.
  assert.deepEqual(span("fri 17:00..mon 9:00"), ["2026-11-27T17:00", "2026-11-30T09:00"]);
  assert.deepEqual(span("18:00..8:30"), ["2026-11-21T18:00", "2026-11-22T08:30"]);
  assert.deepEqual(span("now..13:00"), ["2026-11-21T14:14", "2026-11-22T13:00"]);
  assert.deepEqual(span("tomorrow 6:00..2026-11-25 24:00"), ["2026-11-22T06:00", "2026-11-26T00:00"]);
  assert.deepEqual(span("2026-11-24T18:00..6h"), ["2026-11-24T18:00", "2026-11-25T00:00"]);
  assert.deepEqual(span("2026-11-24T10:00:00+01:00..2026-11-24T10:00:00Z"), ["2026-11-24T09:00", "2026-11-24T10:00"]);
  // Begun already: the rest of it; one that comes every week: the next one.
  assert.deepEqual(span("sat 9:00..mon"), ["2026-11-21T14:14", "2026-11-24T00:00"]);
  assert.deepEqual(span("2026-11-01..mon"), ["2026-11-21T14:14", "2026-11-24T00:00"]);
  assert.deepEqual(span("now..sat 12:00"), ["2026-11-21T14:14", "2026-11-28T12:00"]);
  assert.deepEqual(span(" NOW .. 4d "), ["2026-11-21T14:14", "2026-11-25T14:14"]);
  for (const wrong of [
    "fri",
    "fri..",
    "..mon",
    "fri..mon..tue",
    "fr..mo",
    "never..mon",
    "2026-11-25..2026-11-24",
    "2026-11-01..2026-11-05",
    "2026-02-30..mon",
    "now..25:00",
    "now..12:60",
    "now..now",
    "fri-mon",
    "",
  ]) {
    assert.throws(() => parseOffline(wrong, now), { code: "usage.offline" }, wrong);
  }
});

test("a time offline that is none says what is wrong with it", () => {
  const message = (text: string) => {
    try {
      parseOffline(text, now);
    } catch (error) {
      return (error as Error).message;
    }
    return assert.fail(`${text} was taken`);
  };
  assert.equal(message("weekend"), '--offline: "weekend" is no span of time');
  assert.equal(message("2026-11-25..2026-11-24"), '--offline: "2026-11-25..2026-11-24" ends before it begins');
  assert.equal(message("2026-11-01..2026-11-05"), '--offline: "2026-11-01..2026-11-05" is over already');
});

test("a time offline goes by the calendar where a day has 23 hours, or 25", () => {
  process.env.TZ = "Europe/Berlin";
  try {
    const hours = (text: string, at: string) => {
      const { from, until } = parseOffline(text, new Date(at).getTime());
      return (until - from) / 3_600_000;
    };
    assert.equal(hours("sun..sun", "2026-10-24T12:00"), 25);
    assert.equal(hours("sun..sun", "2027-03-27T12:00"), 23);
    assert.equal(hours("sat..sun", "2027-03-26T12:00"), 47);
    assert.equal(hours("sun 0:00..sun 6:00", "2027-03-27T12:00"), 5);
    const { until } = parseOffline("fri..sun 12:00", new Date("2026-10-22T12:00").getTime());
    assert.equal(new Date(until).getHours(), 12);
  } finally {
    process.env.TZ = "UTC";
  }
});
