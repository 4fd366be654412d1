import assert from "node:assert/strict";
import fc from "fast-check";
import { checkJournal } from "../../src/journal/check/check.ts";
import { DuplicateIntent, IntentNotOpen, VersionConflict } from "../../src/journal/errors.ts";
import type { Append, Journal, NewIntent, OpenIntent } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { seal } from "../../src/seal/seal.ts";
import { change, intent, type JournalHome, journalHome } from "../support/journal.ts";
import { property } from "../support/property.ts";

/** What a journal is, said in a few maps. */
interface Model {
  readonly events: { stream: string; version: number; at: number }[];
  readonly versions: Map<string, number>;
  readonly intents: Map<string, NewIntent & { stream: string; attempt: number; phase: OpenIntent["phase"] }>;
  readonly wakes: Map<string, number>;
  readonly secrets: Map<string, string>;
  next: number;
}

interface Real {
  readonly home: JournalHome;
  journal: Journal;
}

const streams = ["a", "b", "c"] as const;
const stream = fc.constantFrom(...streams);
const subject = fc.constantFrom("x", "y");

class AppendCommand implements fc.Command<Model, Real> {
  readonly what: {
    stream: string;
    stale: boolean;
    subject: string;
    closes: boolean;
    wake: boolean;
    forget: boolean;
    due: number;
  };
  constructor(what: AppendCommand["what"]) {
    this.what = what;
  }
  check = () => true;

  run(model: Model, real: Real): void {
    const { input, expected } = this.#input(model, real);
    if (expected !== undefined) {
      assert.throws(() => real.journal.append(input), expected);
    } else {
      assert.equal(real.journal.append(input), model.events.length + 1);
      apply(model, input);
    }
    compare(model, real.journal);
  }

  #input(model: Model, { home }: Real) {
    const { stream, stale, subject, closes, wake, forget, due } = this.what;
    const version = model.versions.get(stream) ?? 0;
    const n = model.next++;
    const mine = [...model.intents.values()].filter((open) => open.stream === stream);
    const closing = closes ? (mine[0]?.id ?? "none") : undefined;
    const ref = { id: `s${n}`, kind: "pair", digest: `d${n}` } as const;
    const jwe = seal(
      home.options.key,
      { id: ref.id, kind: ref.kind, subject: stream, at: n },
      Buffer.from(`secret ${n}`),
    );
    const oldest = [...model.secrets].find(([, owner]) => owner === stream)?.[0];
    const input: Append = change(stream, stale ? version + 1 : version, {
      intents: [intent(`i${n}`, { subject, dueAt: due })],
      ...(closing === undefined ? {} : { closes: closing }),
      ...(wake ? { wakes: [{ name: subject, at: due }] } : { cancelWakes: [subject] }),
      ...(forget && oldest !== undefined ? { forget: [oldest] } : {}),
      seal: [{ ref, jwe }],
      event: { type: "HAPPENED", at: n },
    });
    const blocked = mine.some((open) => open.subject === subject && open.id !== closing);
    return { input, expected: refusal(stale, closing, blocked) };
  }

  toString = () => `append ${JSON.stringify(this.what)}`;
}

function refusal(stale: boolean, closing: string | undefined, blocked: boolean) {
  if (stale) return VersionConflict;
  if (closing === "none") return IntentNotOpen;
  return blocked ? DuplicateIntent : undefined;
}

function apply(model: Model, input: Append): void {
  const { stream } = input;
  const version = input.expectedVersion + 1;
  model.versions.set(stream, version);
  model.events.push({ stream, version, at: input.event.at });
  if (input.closes !== undefined) model.intents.delete(input.closes);
  for (const name of input.cancelWakes ?? []) model.wakes.delete(`${stream} ${name}`);
  for (const id of input.forget ?? []) model.secrets.delete(id);
  for (const { ref } of input.seal ?? []) model.secrets.set(ref.id, stream);
  for (const one of input.intents ?? []) model.intents.set(one.id, { ...one, stream, attempt: 0, phase: "open" });
  for (const wake of input.wakes ?? []) model.wakes.set(`${stream} ${wake.name}`, wake.at);
}

function compare(model: Model, journal: Journal): void {
  const due = [...[...model.intents.values()].map(({ dueAt }) => dueAt), ...model.wakes.values()];
  assert.equal(journal.nextDue(), due.length === 0 ? undefined : Math.min(...due));
  assert.equal(journal.lastSeq(), model.events.length);
  assert.deepEqual(
    journal
      .openIntents()
      .map(({ id, attempt, phase, dueAt }) => [id, attempt, phase, dueAt])
      .sort(),
    [...model.intents.values()].map(({ id, attempt, phase, dueAt }) => [id, attempt, phase, dueAt]).sort(),
  );
  assert.deepEqual(new Map(journal.wakes().map(({ stream, name, at }) => [`${stream} ${name}`, at])), model.wakes);
  assert.deepEqual(new Set(journal.sealedRefs().map(({ id }) => id)), new Set(model.secrets.keys()));
}

class RescheduleCommand implements fc.Command<Model, Real> {
  readonly what: { pick: number; due: number; unsent: boolean };
  constructor(what: RescheduleCommand["what"]) {
    this.what = what;
  }
  check = (model: Readonly<Model>) => model.intents.size > 0;

  run(model: Model, { journal }: Real): void {
    const open = [...model.intents.values()][this.what.pick % model.intents.size];
    assert.ok(open);
    const to = {
      dueAt: this.what.due,
      attempt: open.attempt + 1,
      phase: this.what.unsent ? "unsent" : "open",
    } as const;
    journal.reschedule(open.id, { ...to, failure: null });
    model.intents.set(open.id, { ...open, ...to });
    compare(model, journal);
  }

  toString = () => `reschedule ${JSON.stringify(this.what)}`;
}

class ReopenCommand implements fc.Command<Model, Real> {
  check = () => true;

  run(model: Model, real: Real): void {
    real.journal.close();
    real.journal = real.home.open();
    compare(model, real.journal);
  }

  toString = () => "reopen";
}

class CheckCommand implements fc.Command<Model, Real> {
  check = () => true;

  run(model: Model, { home, journal }: Real): void {
    journal.tidy();
    assert.deepEqual(checkJournal(home.directory, home.options.key)?.problems, []);
    const reader = openReader(home);
    const read = [...(reader?.events() ?? [])].map(({ stream, version, event }) => ({ stream, version, at: event.at }));
    reader?.close();
    assert.deepEqual(read, model.events);
    for (const stream of streams) assert.equal(journal.head(stream)?.version, model.versions.get(stream));
  }

  toString = () => "check";
}

const commands = fc.commands(
  [
    fc
      .record({
        stream,
        subject,
        stale: fc.constant(false),
        closes: fc.boolean(),
        wake: fc.boolean(),
        forget: fc.boolean(),
        due: fc.integer({ min: 1, max: 50 }),
      })
      .map((what) => new AppendCommand(what)),
    fc.constant(
      new AppendCommand({ stream: "a", subject: "x", stale: true, closes: false, wake: true, forget: false, due: 1 }),
    ),
    fc
      .record({ pick: fc.nat(20), due: fc.integer({ min: 1, max: 50 }), unsent: fc.boolean() })
      .map((what) => new RescheduleCommand(what)),
    fc.constant(new ReopenCommand()),
    fc.constant(new CheckCommand()),
  ],
  { maxCommands: 40 },
);

property(
  "whatever is appended, refused, rescheduled and opened again: the journal holds what a few maps would hold",
  [commands],
  (sequence) => {
    using home = journalHome();
    const model: Model = {
      events: [],
      versions: new Map(),
      intents: new Map(),
      wakes: new Map(),
      secrets: new Map(),
      next: 1,
    };
    fc.modelRun(() => ({ model, real: { home, journal: home.open() } }), sequence);
  },
  { runs: 60 },
);
