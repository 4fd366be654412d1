import assert from "node:assert/strict";
import fc from "fast-check";
import { backoff } from "../../src/machines/backoff.ts";
import { halfLife } from "../../src/machines/half-life.ts";
import { property } from "../support/property.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const LONGEST = 15 * MINUTE;

const unit = fc.oneof(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.constantFrom(0, 1 - Number.EPSILON),
);
const attempt = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 5_000 }));
/** Up to two hours, where the life that is left is the cap; and longer. */
const living = fc.oneof(fc.integer({ min: 1, max: 120 * MINUTE }), fc.integer({ min: 1, max: 400 * DAY }));
const lifeLeft = fc.option(fc.oneof(living, fc.integer({ min: -DAY, max: 0 })), { nil: undefined });
const retryAfter = fc.option(fc.integer({ min: 0, max: 400 * DAY }), { nil: undefined });

const given = (life: number | undefined) => (life === undefined ? {} : { lifeLeft: life });
/** The widest wait of a try: as random as it gets. */
const widest = (attempt: number, life?: number) => backoff({ attempt, random: 1, ...given(life) });

property(
  "a wait is a whole number of milliseconds, from one second to a quarter of an hour",
  [attempt, unit, lifeLeft],
  (attempt, random, life) => {
    const wait = backoff({ attempt, random, ...given(life) });
    assert.ok(Number.isInteger(wait) && wait >= SECOND && wait <= LONGEST, String(wait));
    return true;
  },
);

property("the window doubles with every try until its cap, and never shrinks", [attempt, lifeLeft], (attempt, life) => {
  const [now, next] = [widest(attempt, life), widest(attempt + 1, life)];
  assert.ok(next === Math.min(2 * now, widest(5_000, life)), `${now} → ${next}`);
  return true;
});

property(
  "the wait is anywhere in the window, by the random number alone",
  [attempt, unit, lifeLeft],
  (attempt, random, life) => {
    const expected = Math.max(SECOND, random * widest(attempt, life));
    assert.ok(Math.abs(backoff({ attempt, random, ...given(life) }) - expected) <= 1);
    return true;
  },
);

property(
  "no wait is longer than an eighth of the life that is left",
  [attempt, unit, living],
  (attempt, random, life) => backoff({ attempt, random, lifeLeft: life }) <= Math.max(SECOND, Math.round(life / 8)),
);

property(
  "Retry-After is a floor, up to half of the life that is left, or an hour",
  [attempt, unit, lifeLeft, retryAfter],
  (attempt, random, life, after) => {
    const wait = backoff({ attempt, random, ...given(life), ...(after === undefined ? {} : { retryAfter: after }) });
    const floor = Math.min(after ?? 0, life !== undefined && life > 0 ? life / 2 : 60 * MINUTE);
    assert.ok(wait >= Math.round(floor), `${wait} < ${floor}`);
    assert.ok(wait <= Math.max(LONGEST, Math.round(floor)));
    return true;
  },
);

const lifetime = fc.oneof(
  fc.integer({ min: 10 * MINUTE, max: 120 * MINUTE }),
  fc.integer({ min: 10 * MINUTE, max: 400 * DAY }),
);

property(
  "eight tries fit between the half-life and the end, however the dice fall",
  [lifetime, unit, fc.array(unit, { minLength: 8, maxLength: 8 })],
  (life, spread, dice) => {
    let now = halfLife({ issuedAt: 0, expiresAt: life }, spread);
    for (const [attempt, random] of dice.entries()) {
      assert.ok(now < life, `try ${attempt + 1} comes after the end`);
      now += backoff({ attempt, random, lifeLeft: life - now });
    }
    return true;
  },
);

property(
  "the half-life is never early, and late by a twentieth of the life at most",
  [
    fc.integer({ min: 0, max: 2 ** 42 }),
    fc.integer({ min: 0, max: 400 * DAY }),
    fc.oneof(unit, fc.constantFrom(0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY)),
  ],
  (issuedAt, life, spread) => {
    const due = halfLife({ issuedAt, expiresAt: issuedAt + life }, spread);
    assert.ok(due >= issuedAt + life / 2, "early");
    assert.ok(due <= issuedAt + life / 2 + life / 20 + 1, "late");
    return true;
  },
);

property(
  "a later spread is a later half-life, so that a fleet is spread out",
  [lifetime, unit, unit],
  (life, one, other) => {
    const [early, late] = [Math.min(one, other), Math.max(one, other)];
    return halfLife({ issuedAt: 0, expiresAt: life }, early) <= halfLife({ issuedAt: 0, expiresAt: life }, late);
  },
);

property("eight tries fit even if every one waits as long as it may", [lifetime, unit], (life, spread) => {
  let now = halfLife({ issuedAt: 0, expiresAt: life }, spread);
  for (let attempt = 0; attempt < 7; attempt++)
    now += backoff({ attempt: attempt + 9, random: 1, lifeLeft: life - now });
  assert.ok(now < life, "the eighth comes after the end");
  return true;
});
