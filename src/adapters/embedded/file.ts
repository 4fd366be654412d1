import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import { StoreFailure } from "../store-port.ts";

const SCHEMA_VERSION = 1;
/** "dvst": marks the file as a dotvault store. */
const APPLICATION_ID = 0x64767374;
/** A locked file is the caller's to wait for: this only spans another connection's commit, since it blocks the process. */
export const BUSY_MS = 250;

const schema = `
  CREATE TABLE documents (
    name       TEXT PRIMARY KEY,
    version    INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    sealed     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`;

/** Makes the file if it is not there: directory 0700, file 0600 from its first moment (SQLite gives its WAL the same). */
export function createStoreFile(path: string): void {
  const firstMade = mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (firstMade !== undefined) syncDirectory(dirname(firstMade));
  try {
    // "wx" never opens an existing file: closing one that SQLite has open in this process would drop its locks.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Whether there is a store at all; does not open the file. */
export function storeFileExists(path: string): boolean {
  return existsSync(path);
}

/** Opens an existing file; every commit on the connection is durable when it returns. Loads better-sqlite3. */
export async function openStoreFile(path: string): Promise<Database> {
  const { default: Sqlite } = await import("better-sqlite3");
  const db = new Sqlite(path, { fileMustExist: true, timeout: BUSY_MS });
  try {
    makeDurable(db);
    migrate(db, path);
    // Read back after the file was used: SQLite lowers it when it finds out that the file is in WAL mode.
    const synchronous = db.pragma("synchronous", { simple: true });
    if (synchronous !== 2)
      throw new StoreFailure("store.damaged", `${path}: SQLite runs with synchronous=${synchronous}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite itself makes the entries in the file's own directory durable, but not those above it. */
function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function makeDurable(db: Database): void {
  db.pragma("synchronous = FULL");
  // On macOS a plain fsync leaves the bytes in the drive's cache.
  db.pragma("fullfsync = ON");
  db.pragma("checkpoint_fullfsync = ON");
  db.pragma("secure_delete = ON");
  db.pragma("journal_mode = WAL");
}

function migrate(db: Database, path: string): void {
  if (versionOf(db) === 0) db.transaction(() => createSchema(db)).immediate();
  if (db.pragma("application_id", { simple: true }) !== APPLICATION_ID) {
    throw new StoreFailure("store.damaged", `${path} is not a dotvault store`, {
      hint: "check the path; nothing was changed",
    });
  }
  const version = versionOf(db);
  if (version === SCHEMA_VERSION) return;
  throw new StoreFailure("store.refused", `${path} was written by a newer dotvault (store version ${version})`, {
    hint: "update dotvault",
  });
}

function createSchema(db: Database): void {
  const strangers = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
  if (versionOf(db) !== 0 || strangers !== 0) return;
  db.exec(schema);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${SCHEMA_VERSION}`);
}

function versionOf(db: Database): number {
  return Number(db.pragma("user_version", { simple: true }));
}
