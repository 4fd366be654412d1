import { statSync } from "node:fs";
import { deriveKey, type Key } from "../../seal/key.ts";
import { open, readLabel } from "../../seal/seal.ts";
import { shell } from "../../shell.ts";
import type { EventRow } from "../columns.ts";
import { type Gap, journalStream, readGaps } from "../compact.ts";
import type { Connection } from "../connection.ts";
import { fact } from "../facts.ts";
import { journalFiles } from "../files.ts";
import { formatOf } from "../migrate.ts";
import { keepingFormat } from "../migrations/list.ts";
import { openReadOnly } from "../reader.ts";
import { eventColumns } from "../rows.ts";
import { ChainCheck, checkGaps } from "./chain.ts";
import { checkHeads } from "./heads.ts";
import { ClockCheck, checkKept } from "./kept.ts";
import { OpenCheck } from "./open.ts";
import { Findings, type JournalReport } from "./report.ts";
import { readableRows } from "./rows.ts";

/**
 * Looks at everything in the journal and reports what is damaged, missing or changed, and what can be read all the same.
 * Changes nothing; works beside a running agent. `undefined`: there is no journal.
 * Throws `journal.newer`, `journal.older`, and `journal.damaged` for a file that can't be opened at all.
 *
 * @param after a position: of the events those behind it alone, and the file and its other tables
 */
export function checkJournal(directory: string, key?: Key, after = 0): JournalReport | undefined {
  const connection = openReadOnly(directory);
  if (connection === undefined) return undefined;
  const findings = new Findings();
  try {
    // One read transaction: the agent may go on writing meanwhile.
    connection.run("BEGIN");
    checkModes(directory, findings);
    checkPages(connection, findings);
    const events = checkEvents(connection, findings, key, after);
    return {
      path: connection.path,
      writtenBy: findings.attempt("facts", "unknown", () => String(fact(connection, "writtenBy") ?? "unknown")),
      ...events,
      secrets: checkSecrets(connection, findings, key),
      ok: findings.problems.length === 0,
      problems: findings.problems,
    };
  } finally {
    connection.close();
  }
}

function checkModes(directory: string, findings: Findings): void {
  if (process.platform === "win32") return;
  const { journal } = journalFiles(directory);
  for (const path of [journal, `${journal}-wal`]) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o077) !== 0) findings.add("mode", `others may read ${path}: ${shell`chmod 600 ${path}`}`);
  }
}

function checkPages(connection: Connection, findings: Findings): void {
  findings.attempt("pages", undefined, () => {
    const rows = connection.all<{ integrity_check: string }>("PRAGMA integrity_check(20)");
    for (const row of rows) if (row.integrity_check !== "ok") findings.add("file", row.integrity_check);
  });
}

function checkEvents(connection: Connection, findings: Findings, key: Key | undefined, after: number) {
  const gaps = findings.attempt<Gap[]>("gaps", [], () => readGaps(connection));
  const chainKey = key === undefined ? undefined : deriveKey(key, "chain");
  const before = after > 0 ? rowWhere(connection, findings, "seq <= ? ORDER BY seq DESC", after) : undefined;
  const chain = new ChainCheck(findings, gaps, chainKey, before);
  const keeps = formatOf(connection) >= keepingFormat;
  const clock = keeps ? new ClockCheck(connection, findings) : undefined;
  const open = new OpenCheck(findings, connection.path);
  const newest = new Map<string, EventRow>();
  const newestOf = (stream: string) => {
    const isSeen = after === 0 || newest.has(stream);
    return isSeen ? newest.get(stream) : rowWhere(connection, findings, "stream = ? ORDER BY version DESC", stream);
  };
  let readable = 0;
  let first = 0;
  let last = 0;
  for (const row of readableRows(connection, findings, after)) {
    chain.see(row);
    open.see(row);
    clock?.see(row);
    newest.set(row.stream, row);
    if (readable++ === 0) first = row.seq;
    last = row.seq;
  }
  const compacted = newestOf(journalStream);
  findings.attempt("gaps", undefined, () => checkGaps(findings, gaps, compacted));
  if (keeps)
    findings.attempt("kept", undefined, () => checkKept(connection, findings, { key: chainKey, compacted, after }));
  open.compare(connection);
  const streams = findings.attempt("streams", 0, () => checkHeads(connection, findings, newest, newestOf));
  const dropped = gaps.reduce((sum, gap) => sum + gap.last - gap.first + 1, 0);
  return { chain: verdict(findings, key), events: { readable, first, last }, compacted: dropped, streams };
}

function rowWhere(connection: Connection, findings: Findings, where: string, value: string | number) {
  const sql = `SELECT ${eventColumns} FROM events WHERE ${where} LIMIT 1`;
  return findings.attempt<EventRow | undefined>("events", undefined, () => connection.get<EventRow>(sql, value));
}

function verdict(findings: Findings, key: Key | undefined): JournalReport["chain"] {
  if (["chain", "missing", "unreadable"].some((code) => findings.has(code as "chain"))) return "broken";
  return key === undefined ? "unchecked" : "verified";
}

function checkSecrets(connection: Connection, findings: Findings, key: Key | undefined): JournalReport["secrets"] {
  type Row = { id: string; kind: string; jwe: string };
  const rows = findings.attempt<Row[]>("secrets", [], () => connection.all("SELECT id, kind, jwe FROM secrets"));
  if (key === undefined) return { kept: rows.length, opened: null };
  const opened = rows.filter(({ id, kind, jwe }) => {
    try {
      return open(key, jwe, { ...readLabel(jwe), id, kind }).length >= 0;
    } catch (error) {
      findings.add("secret", `${id}: ${error instanceof Error ? error.message : "cannot be opened"}`);
      return false;
    }
  });
  return { kept: rows.length, opened: opened.length };
}
