import assert from "node:assert/strict";
import fc from "fast-check";
import { outages } from "../../src/commands/stats/outages.ts";
import { tally } from "../../src/commands/stats/tally.ts";
import type { JsonObject, Recorded } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import type { Closest } from "../../src/terminal/stats.ts";
import { journalHome } from "../support/journal.ts";
import { type Act, act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, type Setting, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

type Told = Pick<Recorded, "stream" | "event" | "state" | "intents" | "closes" | "withdraws">;

async function historyOf(given: Setting, acts: readonly Act[]): Promise<readonly Recorded[]> {
  const world = new ModelWorld(given);
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  for (const each of acts) await happen(world, each);
  await world.calm();
  await world.runFor(30 * MINUTE);
  return world.journal.recorded;
}

/** As another enrolment would have had it. */
function renamed(events: readonly Recorded[]): Recorded[] {
  return JSON.parse(JSON.stringify(events).replaceAll(STREAM, "enrolment/other"));
}

const start = (at: number, before: string): Told => ({
  stream: "agent",
  event: { type: "AGENT_STARTED", at, version: "1.0.0", machine: 1, before },
  state: "running",
  intents: [],
  closes: null,
});

/** In a journal in a file. */
function tallied(events: readonly Told[], from: number) {
  using home = journalHome();
  const journal = home.open();
  const versions = new Map<string, number>();
  for (const { stream, event, state, intents, closes, withdraws = [] } of events) {
    const expectedVersion = versions.get(stream) ?? 0;
    versions.set(stream, expectedVersion + 1);
    const did = { intents, withdraws, ...(closes === null ? {} : { closes }) };
    journal.append({ stream, expectedVersion, machineVersion: 1, event, state, snapshot: {}, ...did });
  }
  const reader = openReader(home);
  try {
    assert.ok(reader);
    const failures = [...reader.events({ type: ["FAILED"] })];
    const bridged = outages(reader, failures).map(({ since, outcome }) => closest(outcome, outcome.event.at - since));
    return { bridged, ...tally(reader, from) };
  } finally {
    reader?.close();
  }
}

/** The same, counted by its definitions over all events. */
function counted(events: readonly Told[], from: number) {
  const isNew = ({ event }: Told) => event.at >= from;
  const ofType = (type: string) => events.filter((each) => each.event.type === type);
  const rotations = events.filter((each) => each.event.type === "PAIR_ISSUED" && isRotating(each) && isNew(each));
  const starts = ofType("AGENT_STARTED").filter(isNew);
  const outagesIn = (some: readonly Told[]) => some.flatMap((each) => bridged(before(events, each), each));
  return {
    rotations: rotations.length,
    firstTry: rotations.filter((each) => isUndisturbed(before(events, each), each)).length,
    logins: ofType("ENROL_ASKED").filter(isNew).length,
    lostAnswers: ofType("ANSWER_LOST").filter(isNew).length,
    starts: starts.length,
    kills: starts.filter(({ event }) => event.before === "killed").length,
    interruptedStarts: ofType("RESUMED").filter(
      (each, index, all) => isNew(each) && each.event.at - (all[index - 1]?.event.at ?? -Infinity) > 2_000,
    ).length,
    leastLifeLeft: first(rotations.flatMap((each) => lifeLeft(before(events, each), each)).toSorted(shortest)),
    longestOutage: first(outagesIn(events.filter(isNew)).toSorted(longest)),
    bridged: outagesIn(events),
  };
}

const shortest = (one: Closest, other: Closest) => one.milliseconds - other.milliseconds;
const longest = (one: Closest, other: Closest) => other.milliseconds - one.milliseconds;
const first = <T>(all: readonly T[]): T | null => all[0] ?? null;

/** What came before in the same stream. */
function before(events: readonly Told[], it: Told): Told[] {
  return events.slice(0, events.indexOf(it)).filter(({ stream }) => stream === it.stream);
}

function isRotating({ state }: Told): boolean {
  return typeof state === "object" && state !== null && "refreshing" in state;
}

function isUndisturbed(earlier: readonly Told[], { event }: Told): boolean {
  const begun = earlier.findLastIndex((each) => ["WOKE", "REFRESH_ASKED"].includes(each.event.type));
  const since = earlier.slice(begun + 1).map((each) => each.event.type);
  return event.tries === undefined && !since.some((type) => ["ANSWER_LOST", "FAILED", "REFUSED"].includes(type));
}

function lifeLeft(earlier: readonly Told[], it: Told): Closest[] {
  const last = earlier.findLast(({ event }) => event.type === "PAIR_ISSUED");
  const end = (last?.event.facts as JsonObject | undefined)?.expiresAt;
  return typeof end === "number" ? [closest(it, end - it.event.at)] : [];
}

/** From the first failure of a step since its last end until an outcome that is neither failure nor unknown. */
function bridged(earlier: readonly Told[], it: Told): Closest[] {
  const kindOf = (id: string) => earlier.flatMap(({ intents }) => intents).find((intent) => intent.id === id)?.kind;
  const kind = it.closes === null ? undefined : kindOf(it.closes);
  if (kind === undefined || ["FAILED", "ANSWER_LOST"].includes(it.event.type)) return [];
  const ends = ({ closes, withdraws = [] }: Told) => [closes ?? "", ...withdraws].some((id) => kindOf(id) === kind);
  const failures = earlier
    .slice(Math.max(0, earlier.findLastIndex(ends)))
    .filter(({ event }) => event.type === "FAILED" && event.intent === kind);
  return failures.slice(0, 1).map(({ event }) => closest(it, it.event.at - event.at));
}

function closest({ stream, event }: Told, milliseconds: number): Closest {
  return { name: stream.replace("enrolment/", ""), at: new Date(event.at), milliseconds };
}

const life = fc.record({ given: setting, acts: fc.array(act, { maxLength: 12, size: "max" }) });

property(
  "stats reads few of the events, and counts what a count over all of them gives, for any histories of two enrolments",
  [life, life, fc.array(fc.tuple(fc.nat(), fc.constantFrom("first", "ended", "killed"))), fc.nat()],
  async (one, other, starts, cut) => {
    const own = [...(await historyOf(one.given, one.acts)), ...renamed(await historyOf(other.given, other.acts))];
    const ats = own.map(({ event }) => event.at);
    const agent = starts.map(([which, how]) => start(ats[which % ats.length] ?? 0, how));
    const events = [...own, ...agent].toSorted((a, b) => a.event.at - b.event.at);
    for (const from of [0, ats[cut % ats.length] ?? 0]) {
      assert.deepEqual(tallied(events, from), counted(events, from));
    }
    return true;
  },
  { runs: 20 },
);

const KINDS = ["claim", "refresh"];
/** One event of a history that no machine would have: steps begin, fail, end and are withdrawn in any order. */
const happening = fc.record({
  stream: fc.constantFrom("enrolment/one", "enrolment/two"),
  type: fc.constantFrom("FAILED", "FAILED", "ANSWER_LOST", "WOKE", "REFUSED", "PAIR_ISSUED", "CLAIMED", "RESUMED"),
  fails: fc.constantFrom(...KINDS),
  asks: fc.subarray(KINDS),
  closes: fc.option(fc.nat(), { freq: 2 }),
  withdraws: fc.option(fc.nat(), { freq: 4 }),
  later: fc.integer({ min: -1_000, max: 4_000 }),
  rotates: fc.boolean(),
  tries: fc.constantFrom(undefined, 3),
});

function madeUp(happenings: readonly (typeof happening extends fc.Arbitrary<infer H> ? H : never)[]): Told[] {
  const open = new Map<string, string[]>();
  let at = 10_000;
  return happenings.map(({ stream, type, fails, asks, later, rotates, tries, ...ends }, index) => {
    at += later;
    const own = open.get(stream) ?? [];
    const take = (which: number | null) => (which === null ? [] : own.splice(which % Math.max(1, own.length), 1));
    const [closes = null] = take(ends.closes);
    const withdraws = take(ends.withdraws);
    const intents = asks.map((kind) => {
      const id = `${stream} ${index} ${kind}`;
      return { id, kind, subject: id, params: {}, once: false, dueAt: at };
    });
    open.set(stream, [...own, ...intents.map(({ id }) => id)]);
    const event = { type, at, intent: fails, facts: { expiresAt: at + 5_000 }, ...(tries && { tries }) };
    return { stream, event, state: rotates ? { refreshing: "storing" } : "active", intents, closes, withdraws };
  });
}

property(
  "stats counts the same, for histories in which everything may follow on everything, and under clocks that are set back",
  [fc.array(happening, { minLength: 1, maxLength: 40, size: "max" }), fc.nat()],
  async (happenings, cut) => {
    const events = madeUp(happenings);
    const from = events[cut % events.length]?.event.at ?? 0;
    assert.deepEqual(tallied(events, from), counted(events, from));
    return true;
  },
  { runs: 150 },
);
