import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { DotvaultError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { ensureDirectory, ensurePrivateFile, journalFiles } from "./files.ts";

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
  const connection = new Connection(files.lock, { timeoutMs: 200 });
  if (!tryExclusive(connection)) {
    connection.close();
    return { heldBy: readHolder(files.holder) };
  }
  noteHolder(files.holder, options);
  return { release: () => release(connection, files.holder) };
}

function tryExclusive(connection: Connection): boolean {
  try {
    // Without a rollback file nothing is left behind when the holder is killed.
    connection.pragma("journal_mode = MEMORY");
    connection.run("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof DotvaultError && error.code === "journal.busy") return false;
    connection.close();
    throw error;
  }
}

function noteHolder(path: string, { command, clock = Date.now }: LockOptions): void {
  const holder: Holder = {
    pid: process.pid,
    since: clock(),
    command: command ?? ["dotvault", ...process.argv.slice(2)].join(" "),
  };
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  renameSync(draft, path);
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
    return { pid: 0, since: 0, command: "dotvault" };
  }
}

function release(connection: Connection, holder: string): void {
  rmSync(holder, { force: true });
  connection.close();
}
