import { existsSync } from "node:fs";
import { DotvaultError } from "../errors.ts";
import { Connection, makeDurable } from "./connection.ts";
import { journalFiles } from "./files.ts";
import { readFormat } from "./migrate.ts";
import type { JsonObject } from "./port.ts";

/**
 * Leaves a request for the agent: the only thing that a process without the lock ever writes. Returns its number, to be
 * followed with `JournalReader.request`. Throws `journal.missing` when there is no journal: it makes none.
 */
export function postRequest(
  { directory, clock }: { readonly directory: string; readonly clock: () => number },
  verb: string,
  args: JsonObject,
): number {
  const path = journalFiles(directory).journal;
  if (!existsSync(path)) throw missing(path);
  const connection = new Connection(path);
  try {
    readFormat(connection);
    makeDurable(connection);
    const sql = "INSERT INTO inbox (verb, args, at) VALUES (?, ?, ?) RETURNING id";
    return Number(connection.get<{ id: number }>(sql, verb, JSON.stringify(args), clock())?.id);
  } finally {
    connection.close();
  }
}

function missing(path: string): DotvaultError {
  return new DotvaultError("journal.missing", `there is no journal at ${path}`, {
    hint: "start the agent: dotvault run",
  });
}
