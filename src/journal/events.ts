import type { Connection } from "./connection.ts";
import type { JournalReader, Recorded } from "./port.ts";
import { type EventRow, eventColumns, toRecorded } from "./rows.ts";
import type { Verifier } from "./verify.ts";

export type EventFilter = NonNullable<Parameters<JournalReader["events"]>[0]>;

const pageSize = 200;

/**
 * Events in order, lazily. They come in pages, each a short read of its own: a slow consumer holds up neither the writer
 * nor the truncation of the WAL, and the writer may append while it iterates.
 */
export function* events(connection: Connection, verifier: Verifier, filter: EventFilter = {}): Generator<Recorded> {
  const newestFirst = filter.newestFirst ?? false;
  const sql = query(filter, newestFirst);
  let after = filter.afterSeq ?? 0;
  let before = Number.MAX_SAFE_INTEGER;
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  while (left > 0) {
    const wanted = Math.min(pageSize, left);
    const bounds = [after, before, filter.sinceAt ?? Number.MIN_SAFE_INTEGER];
    const page = connection.all<EventRow>(
      sql,
      ...bounds,
      ...(filter.stream === undefined ? [] : [filter.stream]),
      wanted,
    );
    for (const row of page) {
      verifier.event(row);
      yield toRecorded(connection.path, row);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < wanted) return;
    left -= page.length;
    if (newestFirst) before = last.seq;
    else after = last.seq;
  }
}

function query(filter: EventFilter, newestFirst: boolean): string {
  const ofStream = filter.stream === undefined ? "" : "AND stream = ?";
  return `SELECT ${eventColumns} FROM events WHERE seq > ? AND seq < ? AND at >= ? ${ofStream}
          ORDER BY seq ${newestFirst ? "DESC" : "ASC"} LIMIT ?`;
}

export function lastSeq(connection: Connection): number {
  return connection.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events")?.seq ?? 0;
}
