import type { EventRow } from "../columns.ts";
import type { Connection } from "../connection.ts";
import { eventColumns, expectEvent } from "../rows.ts";
import type { Findings } from "./report.ts";

const pageSize = 200;
/** More than any journal holds: a larger position is itself damage. */
const sanePosition = 100_000_000;

/** Every event behind a position that can be read, in order; where a page of the file is damaged, its neighbours are tried one by one. */
export function* readableRows(connection: Connection, findings: Findings, position = 0): Generator<EventRow> {
  const end = Math.min(lastPosition(connection, findings), sanePosition);
  let after = position;
  while (after < end) {
    const page =
      readPage(connection, after) ?? readSingly(connection, findings, after, Math.min(after + pageSize, end));
    yield* page.rows;
    after = page.next;
  }
}

function readPage(connection: Connection, after: number): { rows: EventRow[]; next: number } | undefined {
  try {
    const sql = `SELECT ${eventColumns} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`;
    const rows = connection.all<EventRow>(sql, after, pageSize);
    for (const row of rows) expectEvent(connection.path, row);
    return { rows, next: rows.length < pageSize ? Number.POSITIVE_INFINITY : (rows.at(-1)?.seq ?? 0) };
  } catch {
    return undefined;
  }
}

function readSingly(connection: Connection, findings: Findings, after: number, end: number) {
  const rows: EventRow[] = [];
  for (let seq = after + 1; seq <= end; seq++) {
    try {
      const row = connection.get<EventRow>(`SELECT ${eventColumns} FROM events WHERE seq = ?`, seq);
      if (row === undefined) continue;
      expectEvent(connection.path, row);
      rows.push(row);
    } catch {
      findings.add("unreadable", `event ${seq} cannot be read`, seq);
    }
  }
  return { rows, next: end };
}

/** The newest position by the events, or, where their table is damaged, by the streams. */
function lastPosition(connection: Connection, findings: Findings): number {
  const newest = (table: string) => () =>
    Number(connection.get<{ seq: number | null }>(`SELECT max(seq) AS seq FROM ${table}`)?.seq ?? 0);
  return Math.max(findings.attempt("events", 0, newest("events")), findings.attempt("streams", 0, newest("streams")));
}
