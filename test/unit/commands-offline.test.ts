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
  for (const wrong of [
    "fri",
    "fri..",
    "..mon",
    "fri..mon..tue",
    "fr..mo",
    "never..mon",
    "2026-11-25..2026-11-24",
    "",
  ]) {
    assert.throws(() => parseOffline(wrong, now), { code: "usage.offline" }, wrong);
  }
});
