import type { VouchedRow } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { formatOf } from "./migrate.ts";
import { keepingFormat } from "./migrations/list.ts";
import type { Kept } from "./port.ts";
import { keptColumns } from "./rows.ts";
import type { Verifier } from "./verify.ts";

/**
 * The latest kept standing of the stream up to an event; undefined, too, in a journal of a format that has none. It is checked
 * when it is read, so that whoever meets a damaged one can go to an older one.
 */
export function keptUpTo(connection: Connection, verifier: Verifier, stream: string, upTo: number): Kept | undefined {
  if (formatOf(connection) < keepingFormat) return undefined;
  const where = "e.stream = ? AND e.seq <= ? ORDER BY e.version DESC LIMIT 1";
  const [kept] = keptWhere(connection, where, stream, upTo);
  return kept && { ...kept, vouch: () => verifier.kept(kept) };
}

/** Kept standings, with what their events (`e`) say of them. */
export function keptWhere(connection: Connection, where: string, ...values: (string | number)[]): Kept[] {
  const sql = `SELECT ${keptOwn}, e.stream, e.version, e.machine, e.at, e.state, e.snapshot AS snapshotDigest,
    e.mac AS eventMac, (SELECT n.seq FROM events n WHERE n.stream = e.stream AND n.version = e.version + 1) AS next
    FROM events e CROSS JOIN kept k ON k.seq = e.seq WHERE ${where}`;
  return connection.all<VouchedRow>(sql, ...values).map((row) => ({ path: connection.path, row, vouch: () => {} }));
}

const keptOwn = keptColumns.replaceAll(/\w+/g, "k.$&");
