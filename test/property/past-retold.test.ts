import assert from "node:assert/strict";
import fc from "fast-check";
import { readUpTo } from "../../src/commands/history/before.ts";
import { EntryReader } from "../../src/commands/history/entries.ts";
import { checkJournal } from "../../src/journal/check/check.ts";
import type { Append, JournalReader } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { type CircleEvent, foldCircle, initialCircle } from "../../src/machines/circle/circle.ts";
import {
  foldRevocations,
  initialRevocations,
  type RevocationEvent,
} from "../../src/machines/revocations/revocations.ts";
import { foldRule, initialRule, type RuleEvent } from "../../src/machines/rule/rule.ts";
import { SESSION_VERSION } from "../../src/machines/vault-session/machine.ts";
import { hurtKept, KEPT_DAMAGE, keptIn } from "../support/kept-damage.ts";
import { act, happen, setting } from "../support/model/script.ts";
import { START, walk } from "../support/model/session-walk.ts";
import { MINUTE, ModelWorld } from "../support/model/world.ts";
import { Retelling } from "../support/past.ts";
import { property } from "../support/property.ts";

const HOUR = 60 * MINUTE;
/** Mostly on; sometimes the clock is set, back or far ahead. */
const STRIDES = [1, 1, 1000, MINUTE, HOUR, -1, -MINUTE, -2 * HOUR, 3 * HOUR];

type Life = readonly Append[];

/** What the agent journals of an enrolment in a world of accidents. */
async function enrolment(
  given: ConstructorParameters<typeof ModelWorld>[0],
  acts: readonly Parameters<typeof happen>[1][],
): Promise<Life> {
  const world = new ModelWorld(given);
  const inputs: Append[] = [];
  const append = world.journal.append.bind(world.journal);
  world.journal.append = (input: Append) => {
    if (input.stream.startsWith("enrolment/")) inputs.push(structuredClone(input));
    return append(input);
  };
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  for (const each of acts) await happen(world, each);
  return inputs;
}

function session(seed: number): Life {
  const inputs: Append[] = [];
  walk(
    seed,
    ({ event, closes, taken }) => {
      const { snapshot, begins: intents, withdraws, sets: wakes, cancels: cancelWakes } = taken;
      const more = { intents, withdraws, wakes, cancelWakes, ...(closes === undefined ? {} : { closes }) };
      inputs.push({ ...base("vault/v", event, snapshot), machineVersion: SESSION_VERSION, ...more } as Append);
    },
    80,
    STRIDES,
  );
  return inputs;
}

function base(stream: string, event: object, snapshot: { readonly value: unknown }): Append {
  const more = { event, state: snapshot.value, snapshot } as unknown as Pick<Append, "event" | "state" | "snapshot">;
  return { stream, expectedVersion: 0, machineVersion: 1, ...more };
}

/** The life of a stream that is a fold. */
function folded<S extends { readonly value: unknown }, E>(
  stream: string,
  initial: S,
  fold: (before: S, event: E) => S | null,
  events: readonly E[],
): Life {
  let snapshot = initial;
  return events.flatMap((event) => {
    const after = fold(snapshot, event);
    if (after === null) return [];
    snapshot = after;
    return [base(stream, event as object, after)];
  });
}

/** Times for so many events. */
const dated = (events: fc.Arbitrary<object>, maxLength: number) =>
  fc.array(fc.tuple(fc.constantFrom(...STRIDES), events), { maxLength }).map((drawn) => {
    let at = START;
    return drawn.map(([stride, event]) => {
      at += stride;
      return { ...event, at };
    });
  });

const keys = fc.subarray(["/a", "/b", "/c"]);
const path = fc.constantFrom("/one", "/one", "/two");
const managed = keys.map((list) => list.map((pointer) => ({ pointer, digest: `d${pointer}`, line: 1 })));
const ruleEvent = fc.oneof(
  fc.record({
    type: fc.constant("FILE_WRITTEN"),
    path,
    secret: fc.constant("jfrog"),
    source: fc.constantFrom("store", "sealed"),
    from: fc.constant(null),
    keys: managed,
    leaving: fc.constant(null),
    post: fc.boolean(),
  }),
  fc.record({ type: fc.constant("FILE_EDITED"), path, keys, kept: fc.boolean() }),
  fc.record({ type: fc.constant("FILE_ANSWERED"), path, answer: fc.constantFrom("keep", "take-back", "stop") }),
  fc.record({ type: fc.constant("FILE_FAILED"), path, code: fc.constantFrom("a", "b"), message: path, hint: path }),
  fc.record({ type: fc.constantFrom("FILE_CURRENT", "POST_RAN"), path }),
);
const url = fc.constantFrom("https://b.example", "https://c.example");
const circleEvent = fc.oneof(
  fc.record({
    type: fc.constant("CIRCLE_CONFIGURED"),
    platforms: fc.constant([
      { url: "https://b.example", serverId: "b" },
      { url: "https://c.example", serverId: "c" },
    ]),
    trust: fc.boolean(),
  }),
  fc.record({ type: fc.constant("TRIALS_BEGUN"), pair: fc.constantFrom("p1", "p2"), tokenId: fc.constant(null) }),
  fc.record({
    type: fc.constant("PLATFORM_TRIED"),
    url,
    pair: fc.constantFrom("p1", "p2"),
    accepted: fc.boolean(),
    reason: fc.constant(null),
    message: fc.constant(null),
    hint: fc.constant(null),
  }),
  fc.record({ type: fc.constant("TRIAL_FAILED"), url, class: fc.constantFrom("x", "y"), message: url }),
);
const token = fc.constantFrom("t1", "t2", "t3");
const revocationEvent = fc.oneof(
  fc.record({ type: fc.constant("REVOCATION_ASKED"), tokens: fc.subarray(["t1", "t2", "t3"], { minLength: 1 }) }),
  fc.record({ type: fc.constant("TOKEN_REVOKED"), tokenId: token, how: fc.constant("revoked") }),
  fc.record({ type: fc.constant("TOKEN_KEPT"), tokenId: token, class: fc.constant("c"), message: fc.constant("m") }),
);

const lives = fc.record({
  given: setting,
  acts: fc.array(act, { maxLength: 8 }),
  session: fc.nat(),
  rules: dated(ruleEvent, 60),
  circles: dated(circleEvent, 40),
  revocations: dated(revocationEvent, 30),
});

const upheaval = fc.record({
  /** Before how many of a hundred events it happens. */
  where: fc.nat(99),
  what: fc.constantFrom("compact" as const, "compact" as const, "rekey" as const),
  /** How much of the past goes: so many of a hundred events. */
  share: fc.nat(100),
});

/** What becomes of kept standings afterwards. */
const hurt = fc.record({
  how: fc.constantFrom(...Object.keys(KEPT_DAMAGE)),
  which: fc.nat(99),
  other: fc.nat(99),
});

function hurtSome(directory: string, hurts: readonly { how: string; which: number; other: number }[]): void {
  const kept = keptIn(directory);
  const seqOf = (share: number) => kept[Math.floor((share / 100) * kept.length)];
  for (const { how, which, other: another } of hurts) {
    const [seq, other] = [seqOf(which), seqOf(another)];
    if (seq !== undefined && other !== undefined) hurtKept(directory, how, { seq, other });
  }
}

/** The streams by turns; the order within each is its own. */
function interleaved(all: readonly Life[], dice: readonly number[]): Append[] {
  const rest = all.map((life) => [...life]);
  const order: Append[] = [];
  for (let turn = 0; rest.some((life) => life.length > 0); turn++) {
    const begun = rest.filter((life) => life.length > 0);
    const next = begun[(dice[turn % dice.length] ?? 0) % begun.length]?.shift();
    if (next) order.push(next);
  }
  return order;
}

/** `log --since` tells what the whole log tells of that time. */
function sameLog(reader: JournalReader, since: number): void {
  const whole = new EntryReader();
  const all = [...reader.events()].map((recorded) => whole.read(recorded));
  const seq = reader.seqAt(since - 1);
  const entries = new EntryReader();
  readUpTo(reader, entries, seq);
  const told = [...reader.events({ afterSeq: seq })].map((recorded) => entries.read(recorded));
  assert.deepEqual(
    told,
    all.filter((entry) => entry.seq > seq),
  );
}

property(
  "whatever the clock, compaction, another key and a new format did meanwhile: of every moment that is still kept the journal says what it said then",
  [
    lives,
    fc.array(fc.nat(9), { minLength: 7, maxLength: 40 }),
    fc.array(upheaval, { maxLength: 4 }),
    fc.option(fc.nat(99)),
    fc.array(hurt, { minLength: 1, maxLength: 20 }),
  ],
  async (drawn, dice, upheavals, migrated, hurts) => {
    const order = interleaved(
      [
        await enrolment(drawn.given, drawn.acts),
        session(drawn.session),
        folded("rule/r", initialRule, foldRule, drawn.rules as RuleEvent[]),
        folded("circle/jfrog", initialCircle, foldCircle, drawn.circles as CircleEvent[]),
        folded("revocations/jfrog", initialRevocations, foldRevocations, drawn.revocations as RevocationEvent[]),
      ],
      dice,
    );
    using told = new Retelling();
    const at = (share: number) => Math.floor((share / 100) * order.length);
    for (const [index, input] of order.entries()) {
      for (const { where, what, share } of upheavals.filter((each) => at(each.where) === index)) {
        // The first format has compacted otherwise.
        if (migrated !== null && index <= at(migrated)) continue;
        if (what === "rekey") told.rekey();
        else told.compact(told.moments()[at((share * where) / 100)] ?? 0);
      }
      if (migrated !== null && at(migrated) === index) told.migrate();
      told.tell(input);
    }
    assert.deepEqual(checkJournal(told.directory, told.key)?.problems, []);
    const reader = openReader(told);
    assert.ok(reader);
    const moments = [...new Set(told.moments())];
    const some = moments.filter((_, index) => index % Math.ceil(moments.length / 40) === 0);
    try {
      for (const moment of [told.horizon, ...some].flatMap((each) => [each - 1, each])) {
        await told.check(reader, moment);
        await told.check(told.journal, moment);
      }
      for (const moment of some.filter((_, index) => index % 8 === 0)) sameLog(reader, moment);
      hurtSome(told.directory, hurts);
      const lost = told.horizon > Number.NEGATIVE_INFINITY;
      for (const moment of some) await told.check(reader, moment, { lost });
      for (const moment of some.filter((_, index) => index % 8 === 0)) {
        await told.check(told.journal, moment, { lost });
        sameLog(reader, moment);
      }
    } finally {
      reader.close();
    }
    return true;
  },
  { runs: 25 },
);
