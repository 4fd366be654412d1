import type { Connection } from "./connection.ts";
import type { StreamHead } from "./port.ts";
import { type HeadRow, toHead } from "./rows.ts";
import type { Verifier } from "./verify.ts";

const columns = "stream, version, machine, at, seq, state, snapshot";

export function head(connection: Connection, verifier: Verifier, stream: string): StreamHead | undefined {
  const row = connection.get<HeadRow>(`SELECT ${columns} FROM streams WHERE stream = ?`, stream);
  return row && checked(connection, verifier, row);
}

/** All heads whose stream begins with the prefix, by name. */
export function heads(connection: Connection, verifier: Verifier, prefix = ""): StreamHead[] {
  const rows = connection.all<HeadRow>(
    `SELECT ${columns} FROM streams WHERE stream >= ? AND stream < ? ORDER BY stream`,
    prefix,
    `${prefix}\u{10FFFF}`,
  );
  return rows.map((row) => checked(connection, verifier, row));
}

function checked(connection: Connection, verifier: Verifier, row: HeadRow): StreamHead {
  verifier.head(row);
  return toHead(connection.path, row);
}

/** Of the streams that have no event behind this position. */
export function headsUpTo(connection: Connection, verifier: Verifier, seq: number): StreamHead[] {
  const rows = connection.all<HeadRow>(`SELECT ${columns} FROM streams WHERE seq <= ? ORDER BY stream`, seq);
  return rows.map((row) => checked(connection, verifier, row));
}

export function movedSince(connection: Connection, seq: number): string[] {
  return connection
    .all<{ stream: string }>("SELECT stream FROM streams WHERE seq > ?", seq)
    .map(({ stream }) => stream);
}
