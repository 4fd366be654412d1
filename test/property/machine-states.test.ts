import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide, initialSnapshot, isBound, stateName } from "../../src/machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../../src/machines/enrolment/events.ts";
import { enrolmentMachine } from "../../src/machines/enrolment/machine.ts";
import { after, type Standing, step } from "../../src/machines/enrolment/step.ts";
import { anyEvent, nextEvent, settings, wishes } from "../support/model/answers.ts";
import { property } from "../support/property.ts";
import { diceOf } from "../support/random.ts";

const START = Date.UTC(2026, 10, 21);

/** States in which only a person, or somebody who writes to the store, can bring it on: all of them say so. */
const WAITS_FOR_A_PERSON = [
  "active.moved",
  // A credential without an end.
  "active.resting",
  "idle.missing",
  "idle.new",
  "idle.unenrolled",
  // Past the end of the token, after the person was asked.
  "refreshing.doubted.heldElsewhere",
  "revoked",
];

const PLACES = 400;
const KEPT = 8;

/**
 * Explores what sound events can lead to: always on from a place in one of the states that were left least often. Calls back
 * at every place.
 */
function explore(seed: number, visit: (place: Standing, at: number) => void, places = PLACES): void {
  const dice = diceOf(seed);
  const known = new Map<string, { left: number; places: { place: Standing; at: number }[] }>();
  const come = (from: Standing, event: object, at: number, closes?: string) => {
    const timed = { ...event, at } as EnrolmentEvent;
    const place = after(from, step(from, timed, closes), closes);
    const name = stateName(place.snapshot.value);
    const state = known.get(name) ?? { left: 0, places: [] };
    state.places[state.places.length < KEPT ? state.places.length : dice() % KEPT] = { place, at };
    known.set(name, state);
    visit(place, at);
  };
  const start: Standing = { stream: "s", version: 0, snapshot: initialSnapshot(), open: [], wakes: [] };
  visit(start, START);
  for (let count = 0; count < 4; count++) come(start, { type: "CONFIGURED", settings: settings(dice) }, START);
  for (let count = 0; count < places; count++) {
    const [least] = [...known.values()].sort((a, b) => a.left - b.left);
    const from = least?.places[dice() % least.places.length];
    if (!least || !from) return;
    least.left += 1;
    const at = from.at + (dice() % 1_000) * 1_000;
    const { event, closes } = nextEvent(from.place, at, dice);
    come(from.place, event, at, closes);
  }
}

function leaves(node: { readonly states?: object; readonly key?: string }, path: string): string[] {
  const inner = Object.entries((node.states ?? {}) as Record<string, typeof node>);
  if (inner.length === 0) return [path];
  return inner.flatMap(([name, state]) => leaves(state, path === "" ? name : `${path}.${name}`));
}

property(
  "no event, fitting or not, in any state, makes the machine throw; what it keeps is plain JSON",
  [fc.nat()],
  (seed) => {
    const dice = diceOf(seed + 1);
    explore(seed, ({ snapshot }, at) => {
      for (let tries = 0; tries < 4; tries++) {
        const { snapshot: next } = decide(snapshot, { ...anyEvent(at, dice), at } as EnrolmentEvent);
        assert.deepStrictEqual(JSON.parse(JSON.stringify(next)), next);
      }
    });
    return true;
  },
  { runs: 20 },
);

property("at most one intent is open per kind and subject, and every id is new", [fc.nat()], (seed) => {
  explore(seed, ({ open }) => {
    assert.equal(new Set(open.map(({ kind, subject }) => `${kind} ${subject}`)).size, open.length);
    assert.equal(new Set(open.map(({ id }) => id)).size, open.length);
  });
  return true;
});

property("from every state there is a way on: an intent, a wake, or a person", [fc.nat()], (seed) => {
  explore(seed, (place, at) => {
    const { snapshot, open, wakes } = place;
    if (wakes.length > 0 || open.some(({ kind }) => isBound(kind))) return;
    const name = stateName(snapshot.value);
    assert.ok(WAITS_FOR_A_PERSON.includes(name), `${name} waits for nothing`);
    if (name === "idle.new") return;
    const person = snapshot.context.settings?.traits.person !== false;
    const ways = wishes(person).filter((wish) => decide(snapshot, { ...wish, at } as EnrolmentEvent).left);
    assert.ok(ways.length > 0, `${name}: nothing that a person can do helps`);
    if (name !== "active.resting" && name !== "idle.unenrolled") assert.ok(snapshot.context.ask, `${name} asks nobody`);
  });
  return true;
});

property(
  "a person who wants it gone gets that, whatever is under way: at once, or after the step that must not be cut",
  [fc.nat()],
  (seed) => {
    explore(seed, (place, at) => {
      const name = stateName(place.snapshot.value);
      if (name.startsWith("idle.unenroll") || name === "idle.new") return;
      const { snapshot } = decide(place.snapshot, { type: "REVOKE_ASKED", at });
      const told =
        stateName(snapshot.value).startsWith("idle.unenrolling") || snapshot.context.afterwards === "unenrol";
      assert.ok(told, `${name} does not listen`);
      if (snapshot.context.afterwards === "unenrol")
        assert.ok(
          place.open.some(({ kind }) => isBound(kind)),
          `${name} has no step to wait for`,
        );
    });
    return true;
  },
);

test("every state that is drawn can be reached", () => {
  const seen = new Set<string>();
  for (const seed of [4, 10]) explore(seed, ({ snapshot }) => seen.add(stateName(snapshot.value)), 20_000);
  assert.deepEqual([...seen].sort(), leaves(enrolmentMachine, "").sort());
});
