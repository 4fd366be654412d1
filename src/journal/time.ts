import type { Connection } from "./connection.ts";
import { formatOf } from "./migrate.ts";
import { keepingFormat } from "./migrations/list.ts";

type Placed = { readonly seq: number; readonly at: number };

/**
 * The last event whose clock showed no more than `at`. Times grow between two set-backs of the clock, so it lies in the last
 * such run that begins early enough, and is found there by halving.
 */
export function seqAt(connection: Connection, at: number): number {
  if (formatOf(connection) < keepingFormat) {
    const sql = "SELECT seq FROM events WHERE at <= ? ORDER BY seq DESC LIMIT 1";
    return connection.get<{ seq: number }>(sql, at)?.seq ?? 0;
  }
  const start = runOf(connection, at);
  let [last, low, high] = [0, start, endOf(connection, start)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // Where compaction has dropped events, the next one that is there stands for them.
    const found = from(connection, middle);
    if (found === undefined || found.seq >= high) high = middle;
    else if (found.at <= at) [last, low] = [found.seq, found.seq + 1];
    else high = middle;
  }
  return last;
}

/** Where the last run begins whose first event is not later than `at`. */
function runOf(connection: Connection, at: number): number {
  const sql = `SELECT seq FROM setbacks
    WHERE (SELECT e.at FROM events e WHERE e.seq >= setbacks.seq ORDER BY e.seq LIMIT 1) <= ? ORDER BY seq DESC LIMIT 1`;
  return connection.get<{ seq: number }>(sql, at)?.seq ?? 1;
}

/** Behind the run's last event. */
function endOf(connection: Connection, start: number): number {
  const next = connection.get<{ seq: number | null }>("SELECT min(seq) AS seq FROM setbacks WHERE seq > ?", start)?.seq;
  return next ?? (connection.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events")?.seq ?? 0) + 1;
}

function from(connection: Connection, seq: number): Placed | undefined {
  return connection.get<Placed>("SELECT seq, at FROM events WHERE seq >= ? ORDER BY seq LIMIT 1", seq);
}
