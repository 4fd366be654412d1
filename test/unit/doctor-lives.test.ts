import assert from "node:assert/strict";
import { test } from "node:test";
import { livesOf, median } from "../../src/commands/doctor/lives.ts";
import type { Recorded } from "../../src/journal/port.ts";

const issued = (at: number) => ({
  event: { type: "PAIR_ISSUED", at, facts: { issuedAt: at, expiresAt: at + 100 } },
  state: "active",
});
const removed = (at: number, state: string) => ({ event: { type: "REMOVED", at }, state });
const lives = (...events: object[]) => livesOf(events as Recorded[]);

test("a token was in use until the next one was issued", () => {
  assert.deepEqual(lives(issued(0), issued(50), issued(110)), { used: [50, 60], cutShort: null });
  assert.deepEqual(lives(), { used: [], cutShort: null });
});

test("one that was refused for good was cut short; one that its person removed was not", () => {
  assert.deepEqual(lives(issued(0), removed(30, "revoked")).cutShort, { after: 30, of: 100 });
  assert.deepEqual(lives(issued(0), removed(30, "idle")), { used: [], cutShort: null });
  assert.equal(lives(issued(0), removed(30, "revoked"), issued(40)).cutShort, null, "it is over");
});

test("the middle of the lengths stands for all", () => {
  assert.deepEqual([median([]), median([3]), median([9, 1, 5])], [undefined, 3, 5]);
});
