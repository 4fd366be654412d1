import type { EventRow, KeptRow } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { formatOf } from "./migrate.ts";
import { keepingFormat } from "./migrations/list.ts";
import type { Kept } from "./port.ts";
import { eventColumns, keptColumns } from "./rows.ts";
import type { Verifier } from "./verify.ts";

/** The latest kept standing of the stream up to an event; undefined, too, in a journal of a format that has none. */
export function keptUpTo(connection: Connection, verifier: Verifier, stream: string, upTo: number): Kept | undefined {
  if (formatOf(connection) < keepingFormat) return undefined;
  const row = connection.get<KeptRow>(
    `SELECT ${keptColumns} FROM kept WHERE stream = ? AND seq <= ? ORDER BY version DESC LIMIT 1`,
    ...[stream, upTo],
  );
  const event = row && connection.get<EventRow>(`SELECT ${eventColumns} FROM events WHERE seq = ?`, Number(row.seq));
  if (row === undefined || event === undefined) return undefined;
  verifier.kept(row, event);
  return { path: connection.path, row, event };
}
