import assert from "node:assert/strict";
import fc from "fast-check";
import { chainEvents, verifyChain } from "../../src/journal/plain-chain.ts";
import type { Recorded } from "../../src/journal/port.ts";
import { exportHistory } from "../../src/machines/history/history.ts";
import { readHistory } from "../../src/machines/history/read.ts";
import { replayHistory } from "../../src/machines/replay/replay.ts";
import { act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, type Setting, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

const script = fc.array(act, { maxLength: 16, size: "max" });
const about = { version: "1.2.3", stream: "enrolment", name: "jfrog" } as const;

async function recorded(given: Setting, acts: readonly Parameters<typeof happen>[1][]): Promise<readonly Recorded[]> {
  const world = new ModelWorld(given);
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  for (const each of acts) await happen(world, each);
  return world.journal.recorded.filter(({ stream }) => stream === STREAM);
}

/** As a file, and read back. */
function exported(rows: readonly Recorded[]) {
  const history = exportHistory(rows, about);
  return JSON.parse(JSON.stringify({ ...history, events: chainEvents(history.events) }));
}

property(
  "whatever was recorded is exported, read and replayed without a difference",
  [setting, script],
  async (given, acts) => {
    const rows = await recorded(given, acts);
    const replayed = replayHistory(readHistory(exported(rows), verifyChain));
    assert.deepEqual(replayed, { steps: rows.length });
    return true;
  },
  { runs: 40 },
);

property(
  "a history with an event missing, moved or altered is refused",
  [setting, script, fc.nat(), fc.constantFrom("missing", "moved", "altered")],
  async (given, acts, at, damage) => {
    const history = exported(await recorded(given, acts));
    const rows = history.events;
    const index = at % (rows.length - 1);
    if (damage === "missing") rows.splice(index, 1);
    if (damage === "moved") rows.splice(index, 2, rows[index + 1], rows[index]);
    if (damage === "altered") rows[index].event.at += 1;
    assert.throws(() => readHistory(history, verifyChain), { code: "history.altered" });
    return true;
  },
  { runs: 20 },
);

const SECRETS = [
  "eyJ2ZXIiOiIyIiwidHlwIjoiSldUIn0.eyJzdWIiOiJqZmFjIn0.c2lnbmF0dXJl",
  "3f2c1b7e-9d4a-4c1e-8f60-5a7b9c0d1e2f",
  "https://acme.jfrog.io/ui/login?jfClientSession=3f2c1b7e-9d4a-4c1e-8f60-5a7b9c0d1e2f",
  "cmVmdGtuOjAxOjE3NjM2NTAwMDA6YWJjZGVm",
  "alice@example.com",
] as const;

/** The value with a secret in every text of it, and in members that nobody knows. */
function poisoned(value: unknown, secret: string, keep: readonly string[]): unknown {
  if (typeof value === "string") return secret;
  if (Array.isArray(value)) return [...value.map((item) => poisoned(item, secret, keep)), secret];
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, inner]) => [
    name,
    keep.includes(name) ? inner : poisoned(inner, secret, keep),
  ]);
  return { ...Object.fromEntries(members), [secret]: secret, note: secret };
}

property(
  "no text of any event, intent, state or wake is in an exported history, whatever stands there",
  [setting, script, fc.constantFrom(...SECRETS)],
  async (given, acts, secret) => {
    const rows = (await recorded(given, acts)).map((row) => ({
      ...(poisoned(row, secret, ["id", "closes", "type", "kind"]) as Recorded),
      seq: row.seq,
    }));
    const text = JSON.stringify(exportHistory(rows, about));
    for (const part of [secret, ...secret.split(/[.?=/@]/)].filter(({ length }) => length > 5)) {
      assert.ok(!text.includes(part), text.slice(Math.max(0, text.indexOf(part) - 200), text.indexOf(part) + 50));
    }
    return true;
  },
  { runs: 40 },
);

property(
  "of what really was recorded, no reference, digest, host, person or word is left",
  [setting, script],
  async (given, acts) => {
    const rows = await recorded(given, acts);
    const text = JSON.stringify(exportHistory(rows, about));
    assert.doesNotMatch(
      text,
      /enrolment\/jfrog#|[0-9a-f]{64}|model\.example|other\.example|laptop|rival|suspended|token-\d+"[^,}\]]/,
    );
    return true;
  },
  { runs: 20 },
);
