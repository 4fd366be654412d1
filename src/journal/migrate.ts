import { DotvaultError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { damaged } from "./errors.ts";
import { currentFormat, migrations as released } from "./migrations/list.ts";

/** "dtvt" in SQLite's header (offset 68), so that a file that is not ours is recognised. */
const applicationId = 0x64747674;

/** The format of a journal's file. Throws `journal.newer`, or `journal.damaged` for a file that is none, or empty. */
export function readFormat(connection: Connection, newest: number = currentFormat): number {
  if (isEmpty(connection)) throw damaged(connection.path, "it is empty");
  const format = formatOf(connection);
  if (Number(connection.pragma("application_id")) !== applicationId) {
    throw damaged(connection.path, "it is some other program's database");
  }
  if (format === 0) throw damaged(connection.path, "its format is lost");
  if (format > newest) throw newer(connection, format, newest);
  return format;
}

/** Of a file that {@link readFormat} knows; it may be migrated by another process meanwhile. */
export function formatOf(connection: Connection): number {
  return Number(connection.get<{ user_version: number }>("PRAGMA user_version")?.user_version);
}

function isEmpty(connection: Connection): boolean {
  return connection.get("SELECT 1 FROM sqlite_schema LIMIT 1") === undefined;
}

/** Brings the file to the newest format, one transaction per step: a crash leaves it at a whole format. */
export function migrate(connection: Connection, steps: readonly string[] = released): void {
  for (let format = isEmpty(connection) ? 0 : readFormat(connection, steps.length); format < steps.length; format++) {
    const step = steps[format] ?? "";
    connection.write(() => {
      connection.execute(step);
      connection.pragma(`application_id = ${applicationId}`);
      connection.pragma(`user_version = ${format + 1}`);
    });
  }
}

function newer(connection: Connection, format: number, newest: number): DotvaultError {
  return new DotvaultError(
    "journal.newer",
    `the journal ${connection.path} was written by dotvault ${writer(connection)} (format ${format}; this one knows ${newest})`,
    { hint: "update dotvault; the journal was not touched" },
  );
}

/** A newer format may keep this fact elsewhere: then its version is not known, and that is no failure. */
function writer(connection: Connection): string {
  try {
    const row = connection.get<{ value: string }>("SELECT value FROM facts WHERE name = 'writtenBy'");
    return String(JSON.parse(row?.value ?? '"of a newer version"'));
  } catch {
    return "of a newer version";
  }
}
