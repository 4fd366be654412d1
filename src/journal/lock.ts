import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { DotvaultError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { ensureDirectory, ensurePrivateFile, journalFiles, onDisk } from "./files.ts";

/** Who runs the agent. `pid` is 0 where it could not be told. */
export interface Holder {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly command: string;
}

export interface Lock {
  release(): void;
}

export interface LockOptions {
  readonly directory: string;
  /** What the holder is doing, for people: `dotvault run`. No secrets. */
  readonly command?: string;
  readonly clock?: () => number;
}

/**
 * Takes the lock that makes this process the one agent of the journal, or says who has it. It is an exclusive transaction
 * on an SQLite file of its own: the system drops it with the process, however that ends.
 */
export function acquireLock(options: LockOptions): Lock | { readonly heldBy: Holder } {
  const files = journalFiles(options.directory);
  ensureDirectory(files.directory);
  ensurePrivateFile(files.lock);
  for (let attempt = 1; ; attempt++) {
    const connection = takeExclusively(files.lock);
    if (connection !== undefined) {
      held.add(connection);
      noteHolder(files.holder, options);
      return { release: () => release(connection, files.holder) };
    }
    const heldBy = readHolder(files.holder);
    // A note of a process that is gone: the holder has the lock, but has not written its own note yet.
    if (isAlive(heldBy.pid)) return { heldBy };
    if (attempt === maxAttempts) return { heldBy: unknownHolder };
  }
}

/** Who holds the lock now, if anyone; for those who only look. Holds up nobody for longer than a glance. */
export function lockHolder({ directory }: { readonly directory: string }): Holder | undefined {
  const files = journalFiles(directory);
  if (!existsSync(files.lock)) return undefined;
  const connection = new Connection(files.lock, { readonly: true, timeoutMs: 0 });
  try {
    connection.get("SELECT 1 FROM sqlite_schema");
    return undefined;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return readHolder(files.holder);
  } finally {
    connection.close();
  }
}

/** A connection that nothing refers to is closed by the garbage collector, and the lock would be gone with it. */
const held = new Set<Connection>();

/** Each attempt waits {@link patienceMs} in SQLite for the lock to come free. */
const maxAttempts = 5;
const patienceMs = 100;
const unknownHolder: Holder = { pid: 0, since: 0, command: "dotvault" };

function takeExclusively(path: string): Connection | undefined {
  const connection = new Connection(path, { timeoutMs: patienceMs });
  try {
    // Without a rollback file nothing is left behind when the holder is killed.
    connection.pragma("journal_mode = MEMORY");
    connection.run("BEGIN EXCLUSIVE");
    return connection;
  } catch (error) {
    connection.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof DotvaultError && error.code === "journal.busy";
}

function noteHolder(path: string, { command, clock = Date.now }: LockOptions): void {
  const holder: Holder = {
    pid: process.pid,
    since: clock(),
    command: command ?? ["dotvault", ...process.argv.slice(2)].join(" "),
  };
  const draft = `${path}.${process.pid}.new`;
  onDisk(path, () => {
    writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
    renameSync(draft, path);
  });
}

function readHolder(path: string): Holder {
  try {
    const found: Partial<Holder> = JSON.parse(readFileSync(path, "utf8"));
    return {
      pid: Number(found.pid ?? 0),
      since: Number(found.since ?? 0),
      command: String(found.command ?? "dotvault"),
    };
  } catch {
    return unknownHolder;
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function release(connection: Connection, holder: string): void {
  rmSync(holder, { force: true });
  connection.close();
  held.delete(connection);
}
