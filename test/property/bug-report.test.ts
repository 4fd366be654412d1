import assert from "node:assert/strict";
import fc from "fast-check";
import type { RecordedHistory } from "../../src/commands/history/recorded.ts";
import { bugReport, type Material } from "../../src/commands/report/document.ts";
import { documentText } from "../../src/commands/report/text.ts";
import { toldHistory } from "../../src/commands/report/told.ts";
import { verifyChain } from "../../src/journal/plain-chain.ts";
import { Aliases } from "../../src/machines/history/aliases.ts";
import { readHistory } from "../../src/machines/history/read.ts";
import { replayHistory } from "../../src/machines/replay/replay.ts";
import { livedHistories, lives } from "../support/model/lived.ts";
import { act, setting } from "../support/model/script.ts";
import { findPlant, planted, plants } from "../support/planted.ts";
import { property } from "../support/property.ts";

const at = 1_764_000_000_000;
const path = "~/.npmrc";
/** A configuration, a status, findings: as large as they come, and with no shape but that of their members. */
const config = {
  bypassSystemConfig: false,
  vault: {
    ...{ address: "https://vault", moreAddresses: ["https://other"], authMethod: { name: "oidc", sealedBy: "tpm" } },
    ...{ authMount: "oidc", authRole: "r", login: { method: "oidc", role: "r" }, namespace: "team", kvMount: "kv" },
    ...{ userPrefix: "users/", tls: { caCert: "x", serverName: "y", skipVerify: false } },
    narrowing: { policies: ["p"], noDefaultPolicy: true, tokenRole: "t" },
  },
  sync: { intervalMs: 1 },
  enrolments: [
    {
      ...{ key: "jfrog", engine: "jfrog", helpText: "ask Ada" },
      settings: {
        ...{ url: "https://acme", rotation: "remint", login: { by: "token", source: { file: "x" } }, scope: "s" },
        ...{ audience: "a", description: "d", projectKey: "p", username: "u", platforms: ["https://b"] },
        ...{ trustedCertificates: ["/etc/ssl/a.pem"], passphrase: "x", comment: "c" },
      },
    },
  ],
  rules: [
    {
      ...{ name: "r", description: "d", vaultKey: "jfrog", post: ["systemctl", "reload"] },
      target: { path, format: "ini", template: "t", mergeKey: "k", onEdit: "keep", backups: 1 },
    },
  ],
};
const problems = [{ code: "config.value", file: "f", line: 3, column: 1, what: "w", hint: "h" }];
const status = {
  health: "healthy",
  vault: {
    ...{ server: "https://vault", state: "signingIn.asking", method: "oidc", source: "file", who: "w", run: "x" },
    refusal: { since: new Date(at), message: "m", hint: "h" },
    retries: [{ step: "login", class: "store.refused", message: "m", tries: 1 }],
  },
  rehearsal: { version: "0.1.0", events: 1, same: 1, names: ["jfrog"] },
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

const script = fc.array(act, { maxLength: 8 });

/** What the chain and our own names of things say is no find: hashes of what is told. */
function withoutHashes(document: object): string {
  return JSON.stringify(document, (name, value: unknown) => (name === "hash" ? undefined : value));
}

/** Names of events, intents and kinds have to be right for the rest to be looked at; and wrong ones must not get out either. */
const kept = fc.constantFrom<readonly string[]>([], ["id", "closes", "type", "kind"], ["type", "kind", "outcome"]);

function plantedHistory(history: RecordedHistory, texts: readonly string[], keep: readonly string[]): RecordedHistory {
  const { stream, rows, end } = history;
  const poisoned = rows.map((row) => ({ ...(planted(row, texts, keep) as typeof row), seq: row.seq }));
  const standing = planted(end, texts, keep) as typeof end;
  return {
    stream,
    name: texts[stream.length % texts.length] as string,
    start: standing,
    rows: poisoned,
    end: standing,
  };
}

property(
  "whatever is planted in histories, configuration, status and findings, nothing of it is in the report, in any spelling",
  [setting, script, lives, plants, kept],
  async (given, acts, drawn, texts, keep) => {
    const histories = await livedHistories(given, acts, drawn);
    const material: Material = {
      at: new Date(at),
      since: null,
      versions: { version: "1.2.3" },
      config: planted(config, texts),
      problems: planted(problems, texts),
      status: planted(status, texts),
      findings: planted(findings, texts),
      journal: planted(journal, texts),
      histories: histories.map((history) => plantedHistory(history, texts, keep)),
      hosts: [],
    };
    assert.equal(findPlant(withoutHashes(bugReport(material)), texts), undefined);
    return true;
  },
  { runs: 160 },
);

property(
  "every history of every kind is told, from its beginning or from any snapshot, read back and replayed without a difference",
  [setting, script, lives, fc.nat()],
  async (given, acts, drawn, from) => {
    const aliases = new Aliases();
    for (const { standings, ...whole } of await livedHistories(given, acts, drawn)) {
      const start = standings[from % (standings.length + 1)] ?? null;
      const recorded = { ...whole, start, rows: whole.rows.slice(start?.version ?? 0) };
      const told = JSON.parse(documentText(toldHistory(recorded, "1.2.3", aliases))) as unknown;
      assert.deepEqual(replayHistory(readHistory(told, verifyChain)), { steps: recorded.rows.length }, recorded.stream);
    }
    return true;
  },
  { runs: 60 },
);
