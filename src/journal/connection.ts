import Database from "better-sqlite3";
import { translate } from "./errors.ts";

type Value = string | number | null;
type Statement = Database.Statement<Value[]>;

/** One SQLite connection: statements are prepared once, on first use; failures come out with our codes. */
export class Connection {
  readonly path: string;
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Statement>();

  /** With `image` the bytes of the file are read in its stead. */
  constructor(path: string, options: { readonly?: boolean; image?: Buffer; timeoutMs?: number } = {}) {
    this.path = path;
    this.#database = this.#translated(
      () =>
        new Database(options.image ?? path, {
          readonly: options.readonly ?? false,
          fileMustExist: options.image === undefined,
          timeout: options.timeoutMs ?? 5000,
        }),
    );
  }

  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    try {
      return this.#prepared(sql).get(...values) as Row | undefined;
    } catch (error) {
      throw translate(this.path, error);
    }
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    try {
      return this.#prepared(sql).all(...values) as Row[];
    } catch (error) {
      throw translate(this.path, error);
    }
  }

  /** Returns the number of rows changed. */
  run(sql: string, ...values: Value[]): number {
    try {
      return this.#prepared(sql).run(...values).changes;
    } catch (error) {
      throw translate(this.path, error);
    }
  }

  /** Several statements at once, not kept. */
  execute(sql: string): void {
    this.#translated(() => this.#database.exec(sql));
  }

  /** The first value of a pragma's first row. */
  pragma(text: string): unknown {
    return this.#translated(() => this.#database.pragma(text, { simple: true }));
  }

  /** All or nothing, and durable when it returns. The write lock is taken first, so that no read in it can be stale. */
  write<T>(work: () => T): T {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.run("ROLLBACK");
      throw error;
    }
  }

  /** The work of a transaction, and none of it stays. Throws what the work throws. */
  rehearse(work: () => unknown): void {
    this.run("BEGIN IMMEDIATE");
    try {
      work();
    } finally {
      if (this.#database.inTransaction) this.run("ROLLBACK");
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare<Value[]>(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #translated<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translate(this.path, error);
    }
  }
}

/**
 * Makes every commit durable before it returns. better-sqlite3 falls back to NORMAL for WAL files unless told so on each
 * connection; `fullfsync` is what macOS needs to reach the disk and does nothing elsewhere.
 */
export function makeDurable(connection: Connection): void {
  connection.pragma("synchronous = FULL");
  connection.pragma("fullfsync = ON");
  connection.pragma("checkpoint_fullfsync = ON");
}
