import assert from "node:assert/strict";
import fc from "fast-check";
import { bugReport, type Material } from "../../src/commands/bug-report/document.ts";
import type { Recorded } from "../../src/journal/port.ts";
import type { RuleEvent } from "../../src/machines/rule/rule.ts";
import { act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, type Setting, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

const alphabet = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
const random = (least: number) => fc.string({ unit: alphabet, minLength: least, maxLength: least + 20 });

/** Tokens of every kind, sessions, login URLs: each of its own, and none of a word that we use. */
const secret = fc.oneof(
  random(24),
  fc.uuid(),
  random(24).map((text) => `s.${text.slice(0, 24)}`),
  random(60).map((text) => `hvs.${text}`),
  fc.tuple(random(20), random(20), random(20)).map((parts) => `eyJ${parts.join(".")}`),
  fc.uuid().map((session) => `https://acme.jfrog.io/ui/login?jfClientSession=${session}`),
  random(20).map((text) => `https://ada:${text}@acme.jfrog.io/${text}`),
);

async function lived(given: Setting, acts: readonly Parameters<typeof happen>[1][]): Promise<readonly Recorded[]> {
  const world = new ModelWorld(given);
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  for (const each of acts) await happen(world, each);
  return world.journal.recorded.filter(({ stream }) => stream === STREAM);
}

/** The value with the secret in every text of it, in the names of its members, and in members that nobody knows. */
function poisoned(value: unknown, text: string, keep: readonly string[] = []): unknown {
  if (typeof value === "string") return text;
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return [...value.map((item) => poisoned(item, text, keep)), text];
  const members = Object.entries(value).map(([name, inner]) => [
    name,
    keep.includes(name) ? inner : poisoned(inner, text, keep),
  ]);
  return { ...Object.fromEntries(members), [text]: text, note: text };
}

const at = 1_764_000_000_000;
const path = "~/.npmrc";
const rule: readonly RuleEvent[] = [
  {
    ...{ type: "FILE_WRITTEN", at, path, secret: "jfrog", source: "store", leaving: { format: "ini", mergeKey: "x" } },
    ...{
      from: { version: 3, createdAt: at, pair: "d" },
      keys: [{ pointer: "/a", digest: "k:1", line: 3 }],
      post: true,
    },
  } as RuleEvent,
  { type: "FILE_EDITED", at, path, keys: ["/a"], kept: false },
  { type: "FILE_FAILED", at, path, code: "files.busy", message: "m", hint: "h" },
  { type: "POST_FAILED", at, path, message: "m" },
];

/** A configuration, a status, findings: as large as they come, and with no shape but that of their members. */
const config = {
  vault: { address: "https://vault", authMethod: "token", login: { a: "b" }, tls: { caCert: "x" }, policies: ["p"] },
  sync: { intervalMs: 1 },
  enrolments: [
    { key: "jfrog", engine: "jfrog", settings: { url: "https://acme", token_ttl: "x", rotation: "remint" } },
  ],
  rules: [{ name: "r", vaultKey: "jfrog", target: { path, format: "ini", template: "t", onEdit: "keep", backups: 1 } }],
};
const status = {
  health: "healthy",
  troubles: [{ about: "store", class: "store.sealed", message: "m" }],
  enrolments: [
    {
      ...{
        name: "jfrog",
        engine: "jfrog",
        label: "l",
        situation: "active",
        user: "u",
        ask: { code: "revoked", message: "m" },
      },
      ...{ retries: [{ step: "store", class: "net.reset", message: "m" }], changedAt: new Date(at), notices: ["n"] },
    },
  ],
  files: [
    { name: "r", path, failure: { code: "files.busy", message: "m" }, edited: { at: new Date(at), keys: ["/a"] } },
  ],
};
const journal = { path, writtenBy: "x", chain: "verified", ok: true, problems: [{ code: "chain", what: "w", seq: 1 }] };
const findings = [{ about: "store", name: "n", verdict: "bad", message: "m", fix: "f" }];

property(
  "secrets planted everywhere never reach the report, whatever they look like",
  [setting, fc.array(act, { maxLength: 8 }), secret],
  async (given, acts, text) => {
    const keep = ["id", "closes", "type", "kind"];
    const rows = (await lived(given, acts)).map((row) => ({
      ...(poisoned(row, text, keep) as Recorded),
      seq: row.seq,
    }));
    const events = rule.map((event, seq) => ({ seq, event: poisoned(event, text, ["type"]) }) as unknown as Recorded);
    const material: Material = {
      at: new Date(at),
      versions: { version: "1.2.3" },
      config: poisoned(config, text),
      status: poisoned(status, text),
      findings: poisoned(findings, text),
      journal: poisoned(journal, text),
      enrolments: new Map([[text, rows]]),
      rules: new Map([[text, events]]),
      hosts: [],
    };
    const document = JSON.stringify(bugReport(material));
    const parts = [text, ...text.split(/[.?=/@:]+/)].filter(({ length }) => length > 12);
    for (const part of parts) {
      const place = document.indexOf(part);
      assert.equal(place, -1, document.slice(Math.max(0, place - 100), place + 40));
    }
    return true;
  },
  { runs: 40 },
);
