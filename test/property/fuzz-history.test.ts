import assert from "node:assert/strict";
import fc from "fast-check";
import { DotvaultError } from "../../src/errors.ts";
import { chainEvents, verifyChain } from "../../src/journal/plain-chain.ts";
import { EVENTS, INTENTS } from "../../src/machines/history/allowed/enrolment.ts";
import type { HistoryRow } from "../../src/machines/history/history.ts";
import { readHistory } from "../../src/machines/history/read.ts";
import { KINDS, type KindName } from "../../src/machines/history/streams.ts";
import { replayHistory } from "../../src/machines/replay/replay.ts";
import { property } from "../support/property.ts";

/** JSON as a stranger's file may hold it, with the names that reach for prototypes. */
const key = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "id", "kind", "digest", "ref");
const hostile = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(null, true, -1, 1e308, "", "__proto__", "x".repeat(2_000)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((members) => {
      const text = members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",");
      return JSON.parse(`{${text}}`) as unknown;
    }),
  ),
})).value;

const type = fc.constantFrom("__proto__", "NONE", ...Object.keys(EVENTS));
const kind = fc.constantFrom("__proto__", "none", ...Object.keys(INTENTS));
const event = fc.tuple(type, hostile).map(([name, more]) => ({
  ...(typeof more === "object" && more !== null && !Array.isArray(more) ? more : { found: more, settings: more }),
  type: name,
  at: 1_000,
}));
const row = fc.record({
  event,
  state: hostile,
  closes: fc.oneof(fc.constant(null), fc.record({ kind, subject: fc.constant("") })),
  intents: fc.array(fc.record({ kind, subject: fc.constant(""), params: hostile }), { maxLength: 2 }),
  wakes: fc.constant([]),
});

const prototype = () => JSON.stringify(Object.getOwnPropertyNames(Object.prototype).toSorted());
const untouched = prototype();

/** What a replay of this document comes to: a result, or a refusal of our own, and soon. */
function tryReplay(json: unknown): void {
  const began = performance.now();
  try {
    replayHistory(readHistory(json, verifyChain));
  } catch (error) {
    assert.ok(error instanceof DotvaultError, String(error));
  }
  assert.equal(prototype(), untouched);
  assert.ok(performance.now() - began < 10_000, "it hangs");
}

property("any JSON is a history or is refused by name", [hostile], (json) => {
  tryReplay(json);
  return true;
});

const kinds = Object.keys(KINDS) as readonly KindName[];
const standing = fc.oneof(
  fc.constant(null),
  fc.record({
    ...{ version: fc.constant(0), machineVersion: fc.constant(1), snapshot: hostile, wakes: fc.constant([]) },
    open: fc.array(fc.record({ kind, subject: hostile, params: hostile }), { maxLength: 2 }),
  }),
);

property(
  "a well-chained history of any stream, with anything in its events and snapshots, is replayed or refused",
  [fc.constantFrom(...kinds), fc.nat(), fc.array(hostile, { minLength: 1, maxLength: 4 }), standing, standing],
  (stream, of, told, start, end) => {
    const types = Object.keys(KINDS[stream].allowed.events);
    const rows = told.map((more, index) => ({
      ...{ seq: index + 1, version: index + 1, machineVersion: 1, state: "live", closes: null, intents: [], wakes: [] },
      event: { ...(typeof more === "object" ? more : {}), type: types[(of + index) % types.length], at: 1_000 },
    }));
    const all = chainEvents([start, ...rows, end].filter((row) => row !== null) as object[]);
    const [first, last] = [start && all[0], end && all.at(-1)];
    const events = all.slice(start ? 1 : 0, end ? -1 : undefined);
    const about = { schemaVersion: 2, kind: "dotvault-history", exportedBy: {}, stream, name: "x" };
    tryReplay(JSON.parse(JSON.stringify({ ...about, start: first, events, end: last })));
    return true;
  },
  { runs: 300 },
);

property(
  "a well-chained history with any events in it is replayed or refused, and reaches no prototype",
  [fc.array(row, { minLength: 1, maxLength: 5 })],
  (rows) => {
    const numbered = rows.map((each, index) => ({ ...each, seq: index + 1, version: index + 1, machineVersion: 1 }));
    const events = chainEvents(numbered as unknown as HistoryRow[]);
    const document = { schemaVersion: 1, kind: "dotvault-history", exportedBy: {}, enrolment: "jfrog", events };
    tryReplay(JSON.parse(JSON.stringify(document)));
    return true;
  },
  { runs: 200 },
);
