import fc from "fast-check";
import type { RecordedHistory } from "../../../src/commands/history/recorded.ts";
import type { Recorded } from "../../../src/journal/port.ts";
import { type AgentEvent, foldAgent, initialAgent } from "../../../src/machines/agent-run/agent-run.ts";
import { type CircleEvent, foldCircle, initialCircle } from "../../../src/machines/circle/circle.ts";
import type { RecordedStanding } from "../../../src/machines/history/history.ts";
import { KINDS, type KindName } from "../../../src/machines/history/streams.ts";
import {
  foldRevocations,
  initialRevocations,
  type RevocationEvent,
} from "../../../src/machines/revocations/revocations.ts";
import { foldRule, initialRule, type RuleEvent } from "../../../src/machines/rule/rule.ts";
import type { Act } from "./script.ts";
import { happen } from "./script.ts";
import { walk } from "./session-walk.ts";
import { MINUTE, ModelWorld, type Setting, STREAM } from "./world.ts";

/** A history, with what its stream stood on after each of its rows. */
export interface Lived extends RecordedHistory {
  readonly standings: readonly RecordedStanding[];
}

/** What a machine's journal would hold of every kind of stream, after random lives. */
export async function livedHistories(given: Setting, acts: readonly Act[], lives: Lives): Promise<readonly Lived[]> {
  return [
    await enrolment(given, acts),
    session(lives.seed),
    folded("circle", "jfrog", initialCircle, lives.circle, foldCircle),
    folded("revocations", "jfrog", initialRevocations, lives.revocations, foldRevocations),
    folded("rule", "npmrc", initialRule, lives.rule, foldRule),
    folded("agent", "", initialAgent, lives.agent, foldAgent),
  ];
}

export interface Lives {
  readonly seed: number;
  readonly circle: readonly CircleEvent[];
  readonly revocations: readonly RevocationEvent[];
  readonly rule: readonly RuleEvent[];
  readonly agent: readonly AgentEvent[];
}

async function enrolment(given: Setting, acts: readonly Act[]): Promise<Lived> {
  const world = new ModelWorld(given);
  const { journal } = world;
  const standings: RecordedStanding[] = [];
  const append = journal.append.bind(journal);
  journal.append = (input) => {
    const seq = append(input);
    if (input.stream === STREAM) standings.push(structuredClone(standingIn(journal)));
    return seq;
  };
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  for (const each of acts) await happen(world, each);
  const rows = journal.recorded.filter(({ stream }) => stream === STREAM);
  return { stream: "enrolment", name: "jfrog", start: null, rows, end: standingIn(journal), standings };
}

function standingIn(journal: ModelWorld["journal"]): RecordedStanding {
  const { version, machineVersion, snapshot } = journal.head(STREAM) ?? { version: 0, machineVersion: 0, snapshot: {} };
  return { version, machineVersion, snapshot, open: journal.openIntents(STREAM), wakes: journal.wakes(STREAM) };
}

function session(seed: number): Lived {
  const rows: Recorded[] = [];
  const standings: RecordedStanding[] = [];
  const machineVersion = KINDS.vault.version;
  walk(seed, ({ event, closes, taken, place: { version, snapshot, open, wakes } }) => {
    const row = { version, machineVersion, event, state: snapshot.value, intents: taken.begins, wakes: taken.sets };
    rows.push(recorded(row, closes ?? null));
    const set = wakes.map((name) => ({ name, at: event.at }));
    standings.push({ version, machineVersion, snapshot, open, wakes: set });
  });
  return { stream: "vault", name: "vault.acme.org:8200", start: null, rows, end: standings.at(-1) ?? null, standings };
}

function folded<S extends { readonly value: string }, E extends { readonly type: string }>(
  stream: KindName,
  name: string,
  initial: S,
  events: readonly E[],
  fold: (before: S, event: E) => S | null,
): Lived {
  const machineVersion = KINDS[stream].version;
  const rows: Recorded[] = [];
  const standings: RecordedStanding[] = [];
  let snapshot = initial;
  for (const event of events) {
    const next = fold(snapshot, event);
    if (next === null) continue;
    snapshot = next;
    const version = rows.length + 1;
    rows.push(recorded({ version, machineVersion, event, state: snapshot.value, intents: [], wakes: [] }, null));
    standings.push({ version, machineVersion, snapshot, open: [], wakes: [] });
  }
  return { stream, name, start: null, rows, end: standings.at(-1) ?? null, standings };
}

function recorded(row: object, closes: string | null): Recorded {
  return { seq: 1, stream: "", closes, cancelWakes: [], ...row } as unknown as Recorded;
}

const AT = Date.UTC(2026, 10, 27);
const at = fc.nat({ max: 90 * 24 * 60 }).map((minutes) => AT + minutes * MINUTE);
const word = fc.constantFrom("one", "two", "three");
const text = fc.constantFrom("the answer", "another answer");
const hint = fc.option(text);
const events = <E>(...kinds: readonly fc.Arbitrary<object>[]) =>
  fc.array(
    fc.tuple(fc.oneof(...kinds), at).map(([event, when]) => ({ ...event, at: when }) as E),
    { maxLength: 12 },
  );
const kind = <T extends string>(type: T, members: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}) =>
  fc.record({ type: fc.constant(type), ...members });

const members = fc
  .uniqueArray(word, { maxLength: 2 })
  .map((names) => names.map((name) => ({ url: `https://${name}.jfrog.io`, serverId: name })));
const url = word.map((name) => `https://${name}.jfrog.io`);
const circle = events<CircleEvent>(
  kind("CIRCLE_CONFIGURED", { platforms: members, trust: fc.boolean() }),
  kind("TRIALS_BEGUN", { pair: word, tokenId: fc.option(word) }),
  kind("PLATFORM_TRIED", {
    ...{ url, pair: word, accepted: fc.boolean(), message: fc.option(text), hint },
    reason: fc.option(fc.constantFrom("expired", "user")),
  }),
  kind("TRIAL_FAILED", { url, class: fc.constantFrom("net.reset", "net.dns"), message: text }),
  kind("VOUCHED", { pair: word, name: word, keyId: word, source: text }),
  kind("NOT_VOUCHED", { pair: word, reason: fc.constantFrom("signature", "expired"), message: text }),
);

const revocations = events<RevocationEvent>(
  kind("REVOCATION_ASKED", { tokens: fc.array(word, { maxLength: 3 }) }),
  kind("TOKEN_REVOKED", { tokenId: word, how: fc.constantFrom("revoked", "already") }),
  kind("TOKEN_KEPT", { tokenId: word, class: fc.constant("token.in-use"), message: text }),
);

const path = fc.constantFrom("/home/ada/.npmrc", "/home/ada/.config/pip.conf");
const managed = fc.array(fc.record({ pointer: word, digest: fc.option(word), line: fc.option(fc.nat()) }), {
  maxLength: 2,
});
const from = fc.option(fc.record({ version: fc.option(fc.nat()), createdAt: fc.option(at), pair: fc.option(word) }));
const leaving = fc.option(fc.record({ format: fc.constantFrom("ini", "json"), mergeKey: fc.option(word) }));
const pointers = fc.array(word, { maxLength: 2 });
const rule = events<RuleEvent>(
  kind("FILE_WRITTEN", {
    ...{ path, secret: fc.option(word), source: fc.constantFrom("store", "sealed"), from, keys: managed, leaving },
    post: fc.boolean(),
  }),
  kind("FILE_CURRENT", { path, keys: managed, leaving }),
  kind("FILE_FAILED", { path, code: fc.constantFrom("files.busy", "files.denied"), message: text, hint }),
  kind("FILE_EDITED", { path, keys: pointers, kept: fc.boolean(), found: managed }),
  kind("FILE_ANSWERED", { path, answer: fc.constantFrom("keep", "take-back", "stop") }),
  kind("FILE_WRITING", { path, keys: managed }),
  kind("FILE_NARROWED", { path, from: fc.constant("644"), to: fc.constant("600") }),
  kind("FILE_CLEANED", { path, why: fc.constantFrom("rule", "secret"), keys: pointers, left: pointers }),
  kind("SECRET_MISSING", { path, secret: word }),
  kind("POST_RAN", { path }),
  kind("POST_FAILED", { path, message: text }),
);

const part = fc.record({ name: word, event: fc.nat(), type: fc.constant("STORED"), field: fc.constant("state") });
const agent = events<AgentEvent>(
  kind("AGENT_STARTED", {
    version: fc.constant("0.1.0"),
    machine: fc.nat(),
    before: fc.constantFrom("first", "killed"),
  }),
  kind("AGENT_ENDED"),
  kind("REHEARSED", {
    ...{ version: fc.constant("0.2.0"), machine: fc.nat(), events: fc.nat(), same: fc.nat(), skipped: fc.nat() },
    parts: fc.array(part, { maxLength: 2 }),
  }),
);

/** Random lives of everything that has no model world of its own. */
export const lives: fc.Arbitrary<Lives> = fc.record({ seed: fc.nat(), circle, revocations, rule, agent });
