import { existsSync } from "node:fs";
import { DotvaultError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { events, lastSeq } from "./events.ts";
import { fact } from "./facts.ts";
import { journalFiles } from "./files.ts";
import { head, heads } from "./heads.ts";
import { request } from "./inbox.ts";
import { openIntents } from "./intents.ts";
import { readFormat } from "./migrate.ts";
import { currentFormat } from "./migrations/list.ts";
import type { JournalReader } from "./port.ts";
import { sealed, sealedRefs } from "./secrets.ts";
import { trusting, type Verifier } from "./verify.ts";
import { wakes } from "./wakes.ts";

/**
 * Opens the journal for reading; `undefined` when there is none yet. Never blocks the writer and needs no key.
 * Throws `journal.newer`, `journal.older`, `journal.damaged`.
 */
export function openReader({ directory }: { readonly directory: string }): JournalReader | undefined {
  const path = journalFiles(directory).journal;
  if (!existsSync(path)) return undefined;
  const connection = new Connection(path, { readonly: true });
  try {
    const format = readFormat(connection);
    if (format === currentFormat) return readOperations(connection, trusting);
    if (format !== 0) throw older(path, format);
  } catch (error) {
    connection.close();
    throw error;
  }
  connection.close();
  return undefined;
}

/** The read side over a connection; the verifier sees every event and head before it is handed out. */
export function readOperations(connection: Connection, verifier: Verifier): JournalReader {
  return {
    head: (stream) => head(connection, verifier, stream),
    heads: (prefix) => heads(connection, verifier, prefix),
    events: (filter) => events(connection, verifier, filter),
    lastSeq: () => lastSeq(connection),
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

function older(path: string, format: number): DotvaultError {
  return new DotvaultError("journal.older", `the journal ${path} has an older format (${format} of ${currentFormat})`, {
    hint: "start the agent once with this version: dotvault run",
  });
}
