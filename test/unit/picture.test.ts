import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  ARROWS,
  edges,
  LEFT_OUT,
  machineDrawing,
  machinePage,
  PLACES,
  sessionPage,
  states,
  topOf,
} from "../../src/machines/picture.ts";

const SEVEN = ["idle", "session", "polling", "exchanging", "active", "refreshing", "revoked"];
const docs = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const redraw = "draw it anew: node scripts/picture.mjs";

test("the machine has exactly the seven top-level states, and each has its place in the drawing", () => {
  assert.deepEqual(
    states().map(({ path }) => path),
    SEVEN,
  );
  assert.deepEqual(Object.keys(PLACES).sort(), [...SEVEN].sort());
});

test("docs/machine.md shows the machine as it is", () => {
  assert.equal(docs("machine.md"), machinePage(), redraw);
});

test("docs/vault-session.md shows the session's machine as it is", () => {
  assert.equal(docs("vault-session.md"), sessionPage(), redraw);
});

test("docs/machine.svg shows the machine as it is", () => {
  assert.equal(docs("machine.svg"), machineDrawing(), redraw);
});

test("every arrow of the drawing, and every word on it, is in the machine", () => {
  for (const { from, to, says } of ARROWS) {
    for (const what of says) {
      const [event, guard = null] = what.split(" ");
      const real = edges().some(
        (edge) =>
          topOf(edge.from) === from &&
          topOf(edge.to) === to &&
          edge.event === event &&
          (guard ?? edge.guard) === edge.guard,
      );
      assert.ok(real, `${from} → ${to}: ${what}`);
    }
  }
});

test("every way between two of the seven states is drawn, or left out on purpose", () => {
  const ways = edges().map(({ from, to }) => [topOf(from), topOf(to)] as const);
  const real = new Set(ways.filter(([from, to]) => from !== to).map(([from, to]) => `${from} → ${to}`));
  const known = [...ARROWS.map(({ from, to }) => `${from} → ${to}`), ...LEFT_OUT];
  assert.deepEqual([...real].sort(), known.sort());
});

test("the drawing has no script and loads nothing", () => {
  assert.doesNotMatch(machineDrawing(), /<script|href|url\((?!#)|@import/);
});

test("the page has a diagram for every state with states of its own, down to the innermost", () => {
  const page = machinePage();
  for (const name of ["idle", "idle.unenrolling", "exchanging", "active", "refreshing", "refreshing.doubted"]) {
    assert.ok(page.includes(`\n## ${name}\n`), name);
  }
  for (const state of states().flatMap(({ inner }) => inner)) {
    assert.match(page, new RegExp(`\\b${state.path.split(".").at(-1)}\\b`));
  }
});
