import { readFileSync, statSync } from "node:fs";
import { DotvaultError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { countDropped } from "./cuts.ts";
import { unreadable } from "./errors.ts";
import { events, lastSeq } from "./events.ts";
import { fact } from "./facts.ts";
import { journalFiles } from "./files.ts";
import { head, heads, headsUpTo, movedSince } from "./heads.ts";
import { request } from "./inbox.ts";
import { openIntents } from "./intents.ts";
import { keptUpTo } from "./kept.ts";
import { readFormat } from "./migrate.ts";
import { oldestReadable } from "./migrations/list.ts";
import type { JournalReader } from "./port.ts";
import { toldColumns } from "./rows.ts";
import { sealed, sealedRefs } from "./secrets.ts";
import { seqAt } from "./time.ts";
import type { Verifier } from "./verify.ts";
import { wakes } from "./wakes.ts";

/**
 * Opens the journal for reading; `undefined` when there is none yet. Never blocks the writer and needs no key.
 * Throws `journal.newer`, `journal.older`, `journal.damaged`.
 */
export function openReader({ directory }: { readonly directory: string }): JournalReader | undefined {
  const opened = openReadOnly(directory);
  return opened === undefined ? undefined : readOperations(opened, trusting);
}

/** Without the key: JSON that parses is all that can be asked for. It lives here because the others load node:crypto. */
const trusting: Verifier = { columns: toldColumns, event: () => {}, head: () => {}, kept: () => {} };

/** A read-only connection to a journal of a format that is read as it lies; `undefined` when there is none yet. */
export function openReadOnly(directory: string, oldest: number = oldestReadable): Connection | undefined {
  const path = journalFiles(directory).journal;
  if (!isThere(path)) return undefined;
  try {
    return openReadable(new Connection(path, { readonly: true }), oldest);
  } catch (error) {
    if (!mayOpenImage(path, error)) throw error;
    return openReadable(new Connection(path, { readonly: true, image: imageOf(path) }), oldest);
  }
}

/** One that nobody may look for is not one that is missing. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Where the directory can't be written SQLite can't index the WAL. Without a WAL the file alone is the whole truth, and
 * nobody in this process has it open: the one who writes it could write the directory.
 */
function mayOpenImage(path: string, error: unknown): boolean {
  if (!(error instanceof DotvaultError && error.code === "journal.unwritable")) return false;
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** The file's bytes, marked as not in WAL mode (offsets 18 and 19), which memory can't have. */
function imageOf(path: string): Buffer {
  const image = readFileSync(path);
  return image.fill(1, 18, 20);
}

function openReadable(connection: Connection, oldest: number): Connection {
  try {
    const format = readFormat(connection);
    if (format < oldest) throw older(connection.path, format, oldest);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The read side over a connection; the verifier sees every event and head before it is handed out. */
export function readOperations(connection: Connection, verifier: Verifier): JournalReader {
  return {
    head: (stream) => head(connection, verifier, stream),
    heads: (prefix) => heads(connection, verifier, prefix),
    events: (filter) => events(connection, verifier, filter),
    lastSeq: () => lastSeq(connection),
    seqAt: (at) => seqAt(connection, at),
    dropped: (before) => countDropped(connection, verifier, before),
    headsUpTo: (seq) => headsUpTo(connection, verifier, seq),
    movedSince: (seq) => movedSince(connection, seq),
    kept: (stream, upTo) => keptUpTo(connection, verifier, stream, upTo),
    openIntents: (stream) => openIntents(connection, stream),
    wakes: (stream) => wakes(connection, stream),
    sealed: (id) => sealed(connection, id),
    sealedRefs: (stream) => sealedRefs(connection, stream),
    fact: (name) => fact(connection, name),
    dataVersion: () => Number(connection.get<{ data_version: number }>("PRAGMA data_version")?.data_version),
    request: (id) => request(connection, id),
    close: () => connection.close(),
  };
}

function older(path: string, format: number, oldest: number): DotvaultError {
  return new DotvaultError(
    "journal.older",
    `the journal ${path} has an older format (${format}; this one reads ${oldest})`,
    {
      hint: "start the agent once with this version: dotvault run",
    },
  );
}
