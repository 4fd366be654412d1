import { closeSync, constants, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { translateSystem } from "./errors.ts";

/** The journal's files. No file of SQLite is opened with `fs` once SQLite may have it: closing it would drop its locks. */
export function journalFiles(directory: string) {
  const home = resolve(directory);
  return {
    directory: home,
    journal: join(home, "journal.db"),
    lock: join(home, "lock.db"),
    /** Who holds the lock, in plain JSON, for people. */
    holder: join(home, "holder.json"),
  };
}

export type JournalFiles = ReturnType<typeof journalFiles>;

/** Makes the directory (0700) if it is missing, durably. */
export function ensureDirectory(directory: string): void {
  onDisk(directory, () => {
    const firstMade = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (firstMade !== undefined) syncDirectory(dirname(firstMade));
  });
}

/**
 * Makes an empty file (0600) if it is missing; SQLite gives the same mode to the files that it makes beside it. `O_EXCL`
 * keeps this from ever opening, and so closing, a file that is in use.
 */
export function ensurePrivateFile(path: string): void {
  onDisk(path, () => {
    try {
      closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
      syncDirectory(dirname(path));
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
  });
}

/** Work on the file system; what the system refuses comes out with our codes. */
export function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translateSystem(path, error);
  }
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** Makes what was created, renamed or removed in the directory durable. */
export function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
