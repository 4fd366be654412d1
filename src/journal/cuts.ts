import { DotvaultError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { keptWhere } from "./kept.ts";
import { formatOf } from "./migrate.ts";
import { keepingFormat } from "./migrations/list.ts";
import type { Kept } from "./port.ts";
import type { Verifier } from "./verify.ts";

/** The version that a stream is to begin with. */
export type Cut = { readonly stream: string; readonly version: number };

/**
 * Where compaction cuts: at the newest kept standing that is older than all of the stream's events since `before`, also when
 * the clock once jumped; at the newest event where there is none since. Streams that it leaves whole are left out. A kept
 * standing that is damaged is no place to cut: with the events before it the last that could tell the past would go.
 */
export function cuts(connection: Connection, verifier: Verifier, before: number): Cut[] {
  type Since = { readonly stream: string; readonly newest: number; readonly first: number | null };
  const streams = connection.all<Since>(
    `SELECT s.stream, s.version AS newest,
       (SELECT min(e.version) FROM events e WHERE e.stream = s.stream AND e.at >= ?) AS first FROM streams s`,
    before,
  );
  return streams.flatMap(({ stream, newest, first }) => {
    const version = first === null ? newest : keptBefore(connection, verifier, { stream, version: first });
    return version === undefined ? [] : [{ stream, version }];
  });
}

function keptBefore(connection: Connection, verifier: Verifier, { stream, version }: Cut): number | undefined {
  if (formatOf(connection) < keepingFormat) return undefined;
  const where = "e.stream = ? AND e.version < ? ORDER BY e.version DESC LIMIT 1";
  for (let end = version; ; ) {
    const [kept] = keptWhere(connection, where, stream, end);
    if (kept === undefined || isVouched(kept, verifier)) return kept?.row.version;
    end = kept.row.version;
  }
}

function isVouched(kept: Kept, verifier: Verifier): boolean {
  try {
    verifier.kept(kept);
    return true;
  } catch (error) {
    if (error instanceof DotvaultError && error.code === "journal.damaged") return false;
    throw error;
  }
}

/** How many events compaction would drop. */
export function countDropped(connection: Connection, verifier: Verifier, before: number): number {
  const sql = "SELECT count(*) AS count FROM events WHERE stream = ? AND version < ?";
  return cuts(connection, verifier, before).reduce(
    (sum, { stream, version }) => sum + (connection.get<{ count: number }>(sql, stream, version)?.count ?? 0),
    0,
  );
}
