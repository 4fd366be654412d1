import type { Connection } from "./connection.ts";
import { formatOf } from "./migrate.ts";
import { keepingFormat } from "./migrations/list.ts";

/** The version that a stream is to begin with. */
export type Cut = { readonly stream: string; readonly version: number };

/**
 * Where compaction cuts: at the newest kept standing that is older than all of the stream's events since `before`, also when
 * the clock once jumped; at the newest event where there is none since. Streams that it leaves whole are left out.
 */
export function cuts(connection: Connection, before: number): Cut[] {
  const kept =
    formatOf(connection) < keepingFormat
      ? "NULL"
      : `(SELECT e.version FROM events e CROSS JOIN kept k ON k.seq = e.seq
          WHERE e.stream = since.stream AND e.version < since.first ORDER BY e.version DESC LIMIT 1)`;
  return connection.all<Cut>(
    `WITH since AS MATERIALIZED (
       SELECT s.stream, s.version AS newest,
         (SELECT min(e.version) FROM events e WHERE e.stream = s.stream AND e.at >= ?) AS first FROM streams s)
     SELECT * FROM (SELECT stream, iif(first IS NULL, newest, ${kept}) AS version FROM since)
     WHERE version IS NOT NULL`,
    before,
  );
}

/** How many events compaction would drop. */
export function countDropped(connection: Connection, before: number): number {
  const sql = "SELECT count(*) AS count FROM events WHERE stream = ? AND version < ?";
  return cuts(connection, before).reduce(
    (sum, { stream, version }) => sum + (connection.get<{ count: number }>(sql, stream, version)?.count ?? 0),
    0,
  );
}
