import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, initialSnapshot, type Snapshot } from "../../src/machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../../src/machines/enrolment/events.ts";
import { MACHINE_VERSION } from "../../src/machines/enrolment/machine.ts";
import type { HistoryRow } from "../../src/machines/history/history.ts";
import { exportHistory } from "../../src/machines/history/history.ts";
import { historiesIn, readHistory } from "../../src/machines/history/read.ts";
import { replayHistory } from "../../src/machines/replay/replay.ts";

const AT = 1_764_000_000_000;
const settings = {
  engine: "jfrog",
  traits: { person: true, refresh: true, probe: true, revoke: true, sweep: true },
  origin: "https://acme.jfrog.io",
  label: "dotvault alice@laptop jfrog",
};
const row = (version: number, event: object, state: unknown, rest: object = {}) => ({
  ...{ seq: version + 3, version, machineVersion: 1, state, intents: [], closes: null, wakes: [], ...rest },
  event: { at: AT + version, ...event } as { type: string; at: number },
});
const read = { id: "s#1.0", kind: "read", subject: "", params: {}, once: false, dueAt: AT + 1 };
const notify = { id: "s#2.0", kind: "notify", subject: "not-enrolled", params: { code: "not-enrolled" } };
const empty = { found: null, version: 0, createdAt: 0, serverTime: AT, spread: 0.5, pair: null, heldBy: null };

const recorded = [
  row(1, { type: "CONFIGURED", settings }, { idle: "looking" }, { intents: [read] }),
  row(2, { type: "SECRET_READ", ...empty }, { idle: "missing" }, { intents: [notify], closes: "s#1.0" }),
];
const about = { version: "0.1.0", stream: "enrolment", name: "jfrog" } as const;
const history = () => exportHistory(recorded, about);

/** The snapshot after so many of the events. */
function after(events: number): Snapshot {
  const done = recorded.slice(0, events);
  return done.reduce((snapshot, { event }) => decide(snapshot, event as EnrolmentEvent).snapshot, initialSnapshot());
}
const chained = () => {
  const document = history();
  return { ...document, events: document.events.map((event) => ({ ...event, hash: "" })) };
};
const unchecked = () => {};

test("an exported history names what happened and nobody", () => {
  const [first, second] = history().events;
  assert.deepEqual(first?.event, {
    type: "CONFIGURED",
    at: AT + 1,
    settings: { engine: "jfrog", traits: settings.traits, origin: "origin-1", label: "label-1" },
  });
  assert.deepEqual(second?.closes, { kind: "read", subject: "" });
  assert.deepEqual(second?.intents, [{ kind: "notify", subject: "not-enrolled", params: { code: "not-enrolled" } }]);
});

test("a history that today's machine decides alike is replayed to its end", () => {
  assert.deepEqual(replayHistory(history()), { steps: 2 });
});

test("the first step that comes out otherwise is named, with what was recorded and what it is now", () => {
  const [first, second] = history().events;
  assert.ok(first && second);
  const differing = (changed: Partial<HistoryRow>) =>
    replayHistory({ ...history(), events: [first, { ...second, ...changed }] }).firstDifference;
  const place = { index: 1, event: "SECRET_READ" };
  assert.deepEqual(differing({ state: "revoked" }), {
    ...place,
    ...{ field: "state", recorded: "revoked", now: { idle: "missing" } },
  });
  assert.deepEqual(differing({ intents: [] }), { ...place, field: "intents", recorded: [], now: second.intents });
  const wakes = [{ name: "rotate", at: 1 }];
  assert.deepEqual(differing({ wakes }), { ...place, field: "wakes", recorded: wakes, now: [] });
});

test("the same intents with their members in another order are no difference", () => {
  const [first, second] = history().events;
  assert.ok(first && second);
  const intents = second.intents.map(({ kind, subject, params }) => ({ params, subject, kind }));
  assert.deepEqual(replayHistory({ ...history(), events: [first, { ...second, intents }] }), { steps: 2 });
});

test("an event that can't be decided on is damage, named with its place", () => {
  const [first] = history().events;
  assert.ok(first);
  const events = [first, { ...first, version: 2, event: { type: "GRANTED", at: AT } }];
  assert.throws(() => replayHistory({ ...history(), events }), { code: "history.damaged", message: /event 2/ });
});

test("what is no exported history is refused, and so is a newer one", () => {
  for (const other of [null, 3, [], {}, { kind: "dotvault-history" }, { ...chained(), events: [{}] }]) {
    assert.throws(() => readHistory(other, unchecked), { code: "history.not-one" });
  }
  assert.throws(() => readHistory({ ...chained(), schemaVersion: 3 }, unchecked), { code: "history.newer" });
  assert.throws(() => historiesIn({ kind: "dotvault-report", schemaVersion: 3 }), { code: "history.newer" });
  const future = chained().events.map((event) => ({ ...event, machineVersion: 99 }));
  assert.throws(() => readHistory({ ...chained(), events: future }, unchecked), { code: "history.newer" });
});

test("a history without its beginning is refused: there is nothing to start from", () => {
  const events = chained().events.slice(1);
  assert.throws(() => readHistory({ ...chained(), events }, unchecked), { code: "history.no-beginning" });
});

test("the chain is checked before anything is replayed", () => {
  const verify = () => {
    throw new Error("altered");
  };
  assert.throws(() => readHistory(chained(), verify), /altered/);
});

test("of an event that nobody knows its time alone is exported, and no replay passes it", () => {
  const history = exportHistory([row(1, { type: "SURPRISE", secret: "x" }, "idle")], about);
  assert.deepEqual(history.events[0]?.event, { type: "other", at: AT + 1 });
  assert.throws(() => replayHistory(history), { code: "history.unknown-event" });
});

test("a history of the first schema, which knew enrolments alone, is read as it was meant", () => {
  const { stream: _stream, name: enrolment, start: _start, end: _end, ...rest } = chained();
  const old = readHistory({ ...rest, schemaVersion: 1, enrolment }, unchecked);
  assert.deepEqual([old.stream, old.name, old.start, old.end], ["enrolment", "jfrog", null, null]);
  assert.deepEqual(replayHistory(old), { steps: 2 });
});

test("a history may begin on a snapshot: what was open then is closed by what follows", () => {
  const [first, second] = recorded;
  assert.ok(first && second);
  const before = { version: 1, machineVersion: MACHINE_VERSION, snapshot: after(1), open: first.intents, wakes: [] };
  const rest = exportHistory([second], { ...about, start: before });
  assert.deepEqual(rest.start?.open, [{ kind: "read", subject: "", params: {}, dueAt: AT + 1 }]);
  assert.deepEqual(replayHistory(rest), { steps: 1 });
  assert.equal(replayHistory({ ...rest, start: null }).firstDifference?.field, "state");
  const hashed = { ...rest, events: rest.events.map((each) => ({ ...each, hash: "" })) };
  assert.equal(readHistory(hashed, unchecked).events.length, 1);
  const late = hashed.events.map((each) => ({ ...each, version: 3 }));
  assert.throws(() => readHistory({ ...hashed, events: late }, unchecked), { code: "history.gap", message: /event 2/ });
});

test("what the stream stood on in the end has to come out the same, too", () => {
  const open = recorded[1]?.intents ?? [];
  const end = { version: 2, machineVersion: MACHINE_VERSION, snapshot: after(2), open, wakes: [] };
  const rows = recorded.map((each) => ({ ...each, machineVersion: MACHINE_VERSION }));
  const history = exportHistory(rows, { ...about, end });
  assert.deepEqual(replayHistory(history), { steps: 2 });
  const nothingOpen = replayHistory(exportHistory(rows, { ...about, end: { ...end, open: [] } }));
  assert.equal(nothingOpen.firstDifference?.field, "open");
  const other = { ...end, snapshot: { ...after(2), context: { ...after(2).context, skew: 7 } } };
  assert.deepEqual(replayHistory(exportHistory(rows, { ...about, end: other })).firstDifference, {
    ...{ index: 1, event: "SECRET_READ", field: "snapshot" },
    ...{ recorded: { context: { skew: 7 } }, now: { context: { skew: 0 } } },
  });
});
