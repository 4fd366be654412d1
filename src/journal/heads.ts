import type { Connection } from "./connection.ts";
import type { StreamHead } from "./port.ts";
import { type HeadRow, toHead } from "./rows.ts";
import type { Verifier } from "./verify.ts";

const columns = "stream, version, machine, at, seq, state, snapshot";

export function head(connection: Connection, verifier: Verifier, stream: string): StreamHead | undefined {
  const row = connection.get<HeadRow>(`SELECT ${columns} FROM streams WHERE stream = ?`, stream);
  if (row === undefined) return undefined;
  verifier.head(row);
  return toHead(connection.path, row);
}

/** All heads whose stream begins with the prefix, by name. */
export function heads(connection: Connection, verifier: Verifier, prefix = ""): StreamHead[] {
  const rows = connection.all<HeadRow>(
    `SELECT ${columns} FROM streams WHERE stream >= ? AND stream < ? ORDER BY stream`,
    prefix,
    `${prefix}\u{10FFFF}`,
  );
  return rows.map((row) => {
    verifier.head(row);
    return toHead(connection.path, row);
  });
}

export function movedSince(connection: Connection, seq: number): string[] {
  return connection
    .all<{ stream: string }>("SELECT stream FROM streams WHERE seq > ?", seq)
    .map(({ stream }) => stream);
}
