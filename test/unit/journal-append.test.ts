import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { DuplicateIntent, IntentNotOpen, RequestNotWaiting, VersionConflict } from "../../src/journal/errors.ts";
import type { Append, EventFilter, Journal, SealedSecret } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { postRequest } from "../../src/journal/request.ts";
import { change, intent, journalHome } from "../support/journal.ts";

const secret = (id: string): SealedSecret => ({
  ref: { id, kind: "pair", digest: `digest of ${id}` },
  jwe: `jwe.${id}`,
});

/** Everything that can be seen of a journal. */
function view(journal: Journal) {
  return {
    events: [...journal.events()],
    heads: journal.heads(),
    intents: journal.openIntents(),
    wakes: journal.wakes(),
    secrets: journal.sealedRefs(),
    inbox: journal.inbox(),
  };
}

test("an event and all that it did can be read back, also after a new start", () => {
  using home = journalHome();
  const journal = home.open();
  const first = change("jfrog", 0, {
    event: { type: "GRANTED", at: 7, nested: { list: [1, "ü", null] } },
    state: { refreshing: "storing" },
    intents: [intent("i1"), intent("i2", { kind: "store", once: true })],
    wakes: [{ name: "due", at: 90 }],
    seal: [secret("s1")],
  });
  assert.equal(journal.append(first), 1);
  const second = { closes: "i1", withdraws: ["i2"], cancelWakes: ["due"], forget: ["s1"] };
  assert.equal(journal.append(change("jfrog", 1, second)), 2);
  journal.close();

  const [one, two] = home.open().events();
  assert.deepEqual(one, {
    seq: 1,
    stream: "jfrog",
    version: 1,
    machineVersion: 1,
    event: first.event,
    state: first.state,
    intents: first.intents,
    closes: null,
    wakes: first.wakes,
    cancelWakes: [],
    sealed: [secret("s1").ref],
  });
  assert.deepEqual([two?.closes, two?.withdraws, two?.cancelWakes, two?.forgets], ["i1", ["i2"], ["due"], ["s1"]]);
});

test("the head is the newest snapshot, with the machine that made it", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0));
  journal.append(change("jfrog", 1, { machineVersion: 2, state: "polling", snapshot: { value: "polling" } }));
  const expected = { stream: "jfrog", version: 2, machineVersion: 2, state: "polling", snapshot: { value: "polling" } };
  assert.deepEqual(journal.head("jfrog"), { ...expected, at: 1001 });
  assert.equal(journal.head("github"), undefined);
});

test("heads are found by the beginning of their name, whatever it holds", () => {
  using home = journalHome();
  const journal = home.open();
  for (const stream of ["a", "e/b", "e/%", "e/ü", "f"]) journal.append(change(stream, 0));
  assert.deepEqual(
    journal.heads("e/").map((head) => head.stream),
    ["e/%", "e/b", "e/ü"],
  );
  assert.equal(journal.heads().length, 5);
});

test("a decision made on an old version is refused with the version found", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0));
  for (const expected of [0, 2]) {
    assert.throws(
      () => journal.append(change("jfrog", expected)),
      (error) => error instanceof VersionConflict && error.found === 1 && error.expected === expected,
    );
  }
  assert.throws(() => journal.append(change("new", 3)), VersionConflict);
});

test("at most one intent per stream, kind and subject is open", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { intents: [intent("i1", { subject: "x" })] }));
  const again = () => journal.append(change("jfrog", 1, { intents: [intent("i2", { subject: "x" })] }));
  assert.throws(again, (error) => error instanceof DuplicateIntent && error.intentId === "i2");
  journal.append(change("other", 0, { intents: [intent("i3", { subject: "x" })] }));
  journal.append(change("jfrog", 1, { intents: [intent("i2", { subject: "x" })], closes: "i1" }));
  assert.deepEqual(
    journal.openIntents().map(({ id }) => id),
    ["i2", "i3"],
  );
});

test("an intent's id is not used twice", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { intents: [intent("i1", { subject: "x" })] }));
  const again = () => journal.append(change("other", 0, { intents: [intent("i1", { subject: "y" })] }));
  assert.throws(again, DuplicateIntent);
});

test("an outcome counts once: its intent must be open, and of its stream", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { intents: [intent("i1")] }));
  assert.throws(() => journal.append(change("other", 0, { closes: "i1" })), IntentNotOpen);
  journal.append(change("jfrog", 1, { closes: "i1" }));
  assert.throws(() => journal.append(change("jfrog", 2, { closes: "i1" })), IntentNotOpen);
});

test("what is refused leaves nothing behind", () => {
  using home = journalHome();
  const journal = home.open();
  const rich = { seal: [secret("s1")], wakes: [{ name: "due", at: 9 }] };
  journal.append(change("jfrog", 0, { intents: [intent("i1")], ...rich }));
  const before = view(journal);
  const more: Partial<Append> = {
    intents: [intent("i2"), intent("i1")],
    cancelWakes: ["due"],
    forget: ["s1"],
    seal: [secret("s2")],
  };
  for (const bad of [more, { ...more, intents: [], closes: "none" }, { ...more, intents: [], takes: 77 }]) {
    assert.throws(() => journal.append(change("jfrog", 1, bad)));
    assert.deepEqual(view(journal), before);
  }
  assert.equal(journal.append(change("jfrog", 1)), 2);
});

test("one event can end an intent, a wake and a secret and begin others of the same name", () => {
  using home = journalHome();
  const journal = home.open();
  const begin = { intents: [intent("i1", { subject: "x" })], wakes: [{ name: "due", at: 9 }], seal: [secret("s1")] };
  journal.append(change("jfrog", 0, begin));
  const next = { intents: [intent("i2", { subject: "x" })], wakes: [{ name: "due", at: 11 }], seal: [secret("s1")] };
  journal.append(change("jfrog", 1, { closes: "i1", cancelWakes: ["due"], forget: ["s1"], ...next }));
  assert.deepEqual(journal.wakes(), [{ stream: "jfrog", name: "due", at: 11 }]);
  assert.equal(journal.openIntents("jfrog")[0]?.id, "i2");
  assert.equal(journal.sealedRefs().length, 1);
});

test("a rehearsal throws what the append would, and leaves nothing behind", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(
    change("jfrog", 0, { intents: [intent("i1")], wakes: [{ name: "due", at: 90 }], seal: [secret("s1")] }),
  );
  const before = view(journal);
  const all = { closes: "i1", cancelWakes: ["due"], forget: ["s1"], seal: [secret("s2")], intents: [intent("i2")] };
  journal.rehearse(change("jfrog", 1, all));
  assert.throws(() => journal.rehearse(change("jfrog", 0)), VersionConflict);
  assert.throws(() => journal.rehearse(change("jfrog", 1, { closes: "other" })), IntentNotOpen);
  assert.deepEqual(view(journal), before);
  journal.append(change("jfrog", 1, all));
  journal.close();
  assert.equal(home.open().head("jfrog")?.version, 2);
});

test("a try that failed moves only its row, not the history", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { intents: [intent("i1", { once: true })] }));
  const failure = { class: "vault.http.503", message: "sealed", since: 10, at: 20 };
  journal.reschedule("i1", { dueAt: 3000, attempt: 2, phase: "unsent", failure });
  const [open] = journal.openIntents();
  assert.deepEqual([open?.dueAt, open?.attempt, open?.phase, open?.failure], [3000, 2, "unsent", failure]);
  journal.markOpen("i1");
  assert.equal(journal.openIntents()[0]?.phase, "open");
  assert.equal(journal.lastSeq(), 1);
  assert.throws(
    () => journal.reschedule("gone", { dueAt: 1, attempt: 1, phase: "open", failure: null }),
    IntentNotOpen,
  );
  assert.throws(() => journal.markOpen("gone"), IntentNotOpen);
});

test("due intents and wakes come oldest first and no more than asked for", () => {
  using home = journalHome();
  const journal = home.open();
  assert.equal(journal.nextDue(), undefined);
  const intents = [30, 10, 20, 40].map((dueAt) => intent(`i${dueAt}`, { dueAt }));
  const wakes = [35, 5, 15].map((at) => ({ name: `w${at}`, at }));
  journal.append(change("jfrog", 0, { intents, wakes }));
  const due = (now: number, limit: number) => journal.dueIntents(now, limit).map(({ dueAt }) => dueAt);
  assert.deepEqual([due(9, 9), due(10, 9), due(30, 2), due(99, 9)], [[], [10], [10, 20], [10, 20, 30, 40]]);
  assert.deepEqual(
    journal.dueWakes(15, 9).map(({ at }) => at),
    [5, 15],
  );
  assert.equal(journal.nextDue(), 5);
  journal.append(change("jfrog", 1, { cancelWakes: ["w5", "w15", "w35"] }));
  assert.equal(journal.nextDue(), 10);
});

test("looking for what is due uses an index, however much there is", () => {
  using home = journalHome();
  const journal = home.open();
  assert.match(
    plan(home.directory, "SELECT * FROM intents WHERE due_at <= 1 ORDER BY due_at LIMIT 5"),
    /intents_by_due/,
  );
  assert.match(plan(home.directory, "SELECT min(due_at) FROM intents"), /intents_by_due/);
  assert.match(plan(home.directory, "SELECT min(at) FROM wakes"), /wakes_by_time/);
  assert.match(plan(home.directory, "SELECT * FROM events WHERE stream = 'x' ORDER BY seq"), /USING INDEX/);
  journal.close();
});

test("a sealed secret lives until an event ends its life", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { seal: [secret("s1"), secret("s2")] }));
  assert.equal(journal.sealed("s1"), "jwe.s1");
  journal.append(change("jfrog", 1, { forget: ["s1", "never was"] }));
  assert.equal(journal.sealed("s1"), undefined);
  assert.deepEqual(journal.sealedRefs("jfrog"), [{ ...secret("s2").ref, stream: "jfrog" }]);
  assert.deepEqual(journal.sealedRefs("other"), []);
});

test("a secret of one stream is not forgotten by another", () => {
  using home = journalHome();
  const journal = home.open();
  journal.append(change("jfrog", 0, { seal: [secret("s1")] }));
  journal.append(change("other", 0, { forget: ["s1"] }));
  assert.equal(journal.sealed("s1"), "jwe.s1");
});

test("a request waits, is taken by exactly one event, or refused with a reason", () => {
  using home = journalHome();
  const journal = home.open();
  const post = (verb: string) => postRequest({ ...home, clock: () => 44 }, verb, { name: "jfrog", jwe: "eyJ-sealed" });
  const [enrol, sync, revoke] = [post("enrol"), post("sync"), post("revoke")];
  assert.deepEqual(journal.inbox()[0], {
    id: enrol,
    verb: "enrol",
    args: { name: "jfrog", jwe: "eyJ-sealed" },
    at: 44,
  });
  assert.deepEqual(journal.request(enrol), { state: "waiting", seq: null, reason: null });
  journal.append(change("jfrog", 0, { takes: enrol }));
  journal.take(sync);
  journal.refuse(revoke, "nothing to revoke");
  assert.deepEqual(journal.inbox(), []);
  journal.tidy();
  const left = readdirSync(home.directory).map((name) => readFileSync(join(home.directory, name), "latin1"));
  assert.ok(!left.some((bytes) => bytes.includes("eyJ-sealed")), "what was asked leaves the disk with the answer");
  assert.deepEqual(journal.request(enrol), { state: "taken", seq: 1, reason: null });
  assert.deepEqual(journal.request(sync), { state: "taken", seq: null, reason: null });
  assert.deepEqual(journal.request(revoke), { state: "refused", seq: null, reason: "nothing to revoke" });
  assert.equal(journal.request(99), undefined);
  for (const again of [() => journal.take(enrol), () => journal.refuse(sync, ""), () => journal.take(99)]) {
    assert.throws(again, RequestNotWaiting);
  }
});

test("a request to a journal that isn't there makes none", () => {
  using home = journalHome();
  assert.throws(() => postRequest({ ...home, clock: () => 1 }, "enrol", {}), { code: "journal.missing" });
  assert.ok(!existsSync(home.directory));
});

test("a second writer is seen, and neither writes over the other", () => {
  using home = journalHome();
  const [one, other] = [home.open(), home.open()];
  other.append(change("a", 0));
  assert.throws(() => one.append(change("b", 0)), { code: "journal.other-writer" });
  assert.equal(other.append(change("b", 0)), 2);
});

test("facts are set, changed and read", () => {
  using home = journalHome();
  const journal = home.open();
  journal.setFact("agentPid", 12);
  journal.setFact("agentPid", { pid: 13 });
  assert.deepEqual(journal.fact("agentPid"), { pid: 13 });
  assert.equal(journal.fact("none"), undefined);
});

test("events can be asked for by stream, position, time, number and direction", () => {
  using home = journalHome();
  const journal = home.open();
  for (let version = 0; version < 250; version++) {
    journal.append(change("a", version));
    journal.append(change("b", version));
  }
  const seqs = (filter: EventFilter) => [...journal.events(filter)].map(({ seq }) => seq);
  assert.deepEqual(
    seqs({}),
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
  assert.deepEqual(seqs({ newestFirst: true }), seqs({}).reverse());
  assert.deepEqual(
    seqs({ stream: "b" }),
    seqs({}).filter((seq) => seq % 2 === 0),
  );
  assert.deepEqual(seqs({ stream: "b", afterSeq: 490, limit: 3 }), [492, 494, 496]);
  assert.deepEqual(seqs({ newestFirst: true, limit: 2, stream: "a" }), [499, 497]);
  assert.deepEqual(seqs({ sinceAt: 1249 }), [499, 500]);
  assert.deepEqual(seqs({ newestFirst: true, beforeSeq: 100, limit: 2 }), [99, 98]);
  assert.deepEqual(seqs({ stream: ["b", "c"], beforeSeq: 5 }), [2, 4]);
  assert.deepEqual(seqs({ stream: [] }), []);
  assert.deepEqual(seqs({ limit: 0 }), []);
  assert.equal(seqs({ limit: 450 }).length, 450);
});

test("events can be asked for by type, and by what they ask for", () => {
  using home = journalHome();
  const journal = home.open();
  const happen = (type: string, version: number, asks?: string) => {
    const input = change("a", version, asks === undefined ? {} : { intents: [intent(`a#${version}`, { kind: asks })] });
    journal.append({ ...input, event: { at: input.event.at, note: '"type":"WOKE","kind":"mint"', type } });
  };
  happen("WOKE", 0);
  happen("CLAIMED", 1, "mint");
  happen("STORED", 2, "sync");
  happen("WOKEN", 3);
  const types = (filter: EventFilter) => [...journal.events(filter)].map(({ event }) => event.type);
  assert.deepEqual(types({ type: ["WOKE", "STORED"] }), ["WOKE", "STORED"]);
  assert.deepEqual(types({ type: ["WOKE"], orAsks: ["mint"] }), ["WOKE", "CLAIMED"]);
  assert.deepEqual(types({ type: [] }), []);
  assert.deepEqual(types({ type: ["WOKE", "STORED"], stream: "a", newestFirst: true, limit: 1 }), ["STORED"]);
});

test("with a filter, too, what is handed out is verified, and a row that is no JSON is damage", () => {
  using home = journalHome();
  const journal = home.open();
  for (let version = 0; version < 3; version++) journal.append(change("a", version));
  const type = [change("a", 0).event.type];
  assert.equal([...journal.events({ type })].length, 3);
  spoil(home.directory, "UPDATE events SET event = replace(event, '1001', '1009') WHERE seq = 2");
  assert.throws(() => [...journal.events({ type })], { code: "journal.damaged" });
  spoil(home.directory, "UPDATE events SET event = '{' WHERE seq = 2");
  assert.throws(() => [...journal.events({ type })], { code: "journal.damaged" });
  const reader = openReader(home);
  assert.throws(() => [...(reader?.events({ type }) ?? [])], { code: "journal.damaged" });
  reader?.close();
});

test("the writer may append while it iterates", () => {
  using home = journalHome();
  const journal = home.open();
  for (let version = 0; version < 250; version++) journal.append(change("a", version));
  let seen = 0;
  for (const { version } of journal.events({ stream: "a" })) {
    journal.append(change("b", version - 1));
    seen++;
  }
  assert.deepEqual([seen, journal.lastSeq()], [250, 500]);
});

function spoil(directory: string, sql: string): void {
  const database = new Database(`${directory}/journal.db`);
  database.exec(sql);
  database.close();
}

function plan(directory: string, sql: string): string {
  const database = new Database(`${directory}/journal.db`, { readonly: true });
  try {
    return JSON.stringify(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all());
  } finally {
    database.close();
  }
}
