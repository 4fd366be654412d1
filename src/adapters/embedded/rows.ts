import type { Database, Statement } from "better-sqlite3";
import { BUSY_MS } from "./file.ts";

/** The newest version of a document; a soft deletion keeps the sealed bytes until the next write. */
export interface Row {
  readonly name: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
  readonly deleted_at: number | null;
  /** Compact JWE. */
  readonly sealed: string;
}

/** One file's statements. */
export interface Rows {
  get(name: string): Row | undefined;
  /** Of all documents that are not deleted, in order. */
  names(): string[];
  /** Of all documents, also of those that are marked as deleted. */
  all(): Row[];
  put(row: Row): void;
  /** Marks exactly this version; another one, or one that is marked, stays as it is. */
  markDeleted(name: string, version: number, at: number): void;
  /** Removes exactly this version, and with it all that is known of the document. */
  remove(name: string, version: number): void;
  /** Runs it with the write lock held from the start. Durable when it returns. */
  transaction<T>(work: () => T): T;
  /** Truncates the WAL, in which replaced rows would stay otherwise. Waits for nobody: a reader makes it a matter for later. */
  tidy(): void;
  close(): void;
}

export function rowsOf(db: Database): Rows {
  const get: Statement<[string], Row> = db.prepare("SELECT * FROM documents WHERE name = ?");
  const put = db.prepare<[Row]>("REPLACE INTO documents VALUES (@name, @version, @created_at, @deleted_at, @sealed)");
  const names = db.prepare<[], { name: string }>("SELECT name FROM documents WHERE deleted_at IS NULL ORDER BY name");
  const mark = db.prepare<[{ name: string; version: number; at: number }]>(
    "UPDATE documents SET deleted_at = @at WHERE name = @name AND version = @version AND deleted_at IS NULL",
  );
  const remove = db.prepare<[string, number]>("DELETE FROM documents WHERE name = ? AND version = ?");
  const all = db.prepare<[], Row>("SELECT * FROM documents");
  return {
    get: (name) => get.get(name),
    names: () => names.all().map(({ name }) => name),
    all: () => all.all(),
    put: (row) => void put.run(row),
    markDeleted: (name, version, at) => void mark.run({ name, version, at }),
    remove: (name, version) => void remove.run(name, version),
    transaction: (work) => db.transaction(work).immediate(),
    tidy: () => tidy(db),
    close: () => void db.close(),
  };
}

function tidy(db: Database): void {
  if (!db.open) return;
  db.pragma("busy_timeout = 0");
  try {
    db.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    db.pragma(`busy_timeout = ${BUSY_MS}`);
  }
}
