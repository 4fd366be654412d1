import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMoment } from "../../src/commands/cli/moment.ts";

process.env.TZ = "UTC";
const now = Date.UTC(2026, 10, 21, 14, 14);

test("a moment: a time of a day, or what --since takes", () => {
  const at = (text: string) => new Date(parseMoment(text, now)).toISOString();
  assert.equal(at("14:05"), "2026-11-21T14:05:59.999Z");
  assert.equal(at("yesterday 14:05"), "2026-11-20T14:05:59.999Z");
  assert.equal(at("today 9:00:07"), "2026-11-21T09:00:07.999Z", "log shows no less");
  assert.equal(at("2026-11-19 23:59"), "2026-11-19T23:59:59.999Z");
  assert.equal(at("1999-11-19 23:59:00"), "1999-11-19T23:59:00.999Z", "not of today");
  assert.equal(at("14:14"), "2026-11-21T14:14:00.000Z", "no later than now");
  assert.equal(at("14:15"), "2026-11-21T14:15:59.999Z");
  assert.equal(at("2h"), "2026-11-21T12:14:00.000Z");
  assert.equal(at("2026-11-21T09:40:00Z"), "2026-11-21T09:40:00.000Z");
  for (const wrong of ["25:00", "tomorrow", "14:61", "yesterday", "", "2026-02-30 10:00"]) {
    assert.throws(() => parseMoment(wrong, now), { code: "usage.at" }, wrong);
  }
});
