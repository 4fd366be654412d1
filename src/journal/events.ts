import type { Connection } from "./connection.ts";
import type { EventFilter, Recorded } from "./port.ts";
import { type ToldRow, toRecorded } from "./rows.ts";
import type { Verifier } from "./verify.ts";

/** The first page is small: often only the nearest event is wanted. */
const firstPage = 16;
const largestPage = 256;

/**
 * Events in order, lazily. They come in pages, each a short read of its own: a slow consumer holds up neither the writer
 * nor the truncation of the WAL, and the writer may append while it iterates.
 */
export function* events(connection: Connection, verifier: Verifier, filter: EventFilter = {}): Generator<Recorded> {
  const { newestFirst = false } = filter;
  const { where, values } = conditions(filter);
  // Those of one stream lie in the order of its index, which is that of the journal, too.
  const order = typeof filter.stream === "string" ? "version" : "seq";
  const sql = `SELECT ${verifier.columns} FROM events WHERE seq > ? AND seq < ? ${where}
               ORDER BY ${order} ${newestFirst ? "DESC" : "ASC"} LIMIT ?`;
  let [after, before] = [filter.afterSeq ?? 0, filter.beforeSeq ?? Number.MAX_SAFE_INTEGER];
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  for (let size = firstPage; left > 0; size = Math.min(4 * size, largestPage)) {
    const wanted = Math.min(size, left);
    const page = connection.all<ToldRow>(sql, after, before, ...values, wanted);
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

type Condition = readonly [sql: string, values: readonly (string | number)[]];

function conditions(filter: EventFilter): { where: string; values: (string | number)[] } {
  const { stream, type, orAsks, sinceAt, afterVersion } = filter;
  const all: Condition[] = [];
  if (afterVersion !== undefined) all.push(["version > ?", [afterVersion]]);
  if (sinceAt !== undefined) all.push(["at >= ?", [sinceAt]]);
  if (stream !== undefined) all.push(isAmong("stream", [stream].flat()));
  if (type !== undefined) all.push(any([isAmong("event ->> 'type'", type), ...(orAsks ?? []).map(asks)]));
  return { where: all.map(([sql]) => `AND ${sql}`).join(" "), values: all.flatMap(([, values]) => values) };
}

function isAmong(what: string, values: readonly string[]): Condition {
  return [`${what} IN (${values.map(() => "?").join(", ")})`, values];
}

/** Looks at the text, which is cheaper than at each intent, and finds some too many rather than too few. */
function asks(kind: string): Condition {
  return ["instr(effects, ?) > 0", [JSON.stringify({ kind }).slice(1, -1)]];
}

function any(conditions: readonly Condition[]): Condition {
  return [`(${conditions.map(([sql]) => sql).join(" OR ")})`, conditions.flatMap(([, values]) => values)];
}

export function lastSeq(connection: Connection): number {
  return connection.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events")?.seq ?? 0;
}
