import { existsSync, renameSync, rmSync } from "node:fs";
import { Connection } from "./connection.ts";
import { damaged } from "./errors.ts";
import { ensureDirectory, ensurePrivateFile, type JournalFiles, onDisk, syncDirectory } from "./files.ts";
import { migrate } from "./migrate.ts";

/**
 * Makes the journal if there is none. It appears whole or not at all, so that an empty file is damage and never taken for a
 * beginning. The caller holds the lock: a draft that lies there is what a killed start has left.
 */
export function createIfMissing(files: JournalFiles): void {
  ensureDirectory(files.directory);
  if (existsSync(files.journal)) return;
  // SQLite would read what an earlier journal left there into the new one.
  if (existsSync(`${files.journal}-wal`)) throw damaged(files.journal, "it is gone, and its -wal file is still there");
  const draft = `${files.journal}.new`;
  for (const left of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(left, { force: true });
  ensurePrivateFile(draft);
  const connection = new Connection(draft);
  try {
    connection.pragma("page_size = 2048");
    connection.pragma("auto_vacuum = INCREMENTAL");
    migrate(connection);
    // Whoever reads from its first moment on must not be in the way of the change to WAL.
    connection.pragma("journal_mode = WAL");
  } finally {
    connection.close();
  }
  onDisk(files.journal, () => {
    renameSync(draft, files.journal);
    syncDirectory(files.directory);
  });
}
