import type { Connection } from "./connection.ts";

/**
 * Copies the WAL into the file and truncates it, so that deleted rows leave the disk. A reader in the middle of a read
 * makes it a matter for later: returns whether it was done, and never waits.
 */
export function truncateWal(connection: Connection): boolean {
  const patience = connection.pragma("busy_timeout");
  connection.pragma("busy_timeout = 0");
  try {
    return connection.pragma("wal_checkpoint(TRUNCATE)") === 0;
  } finally {
    connection.pragma(`busy_timeout = ${Number(patience)}`);
  }
}
