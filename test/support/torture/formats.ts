import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkJournal } from "../../../src/journal/check/check.ts";
import { Connection } from "../../../src/journal/connection.ts";
import { migrate } from "../../../src/journal/migrate.ts";
import { currentFormat, migrations } from "../../../src/journal/migrations/list.ts";
import { loadKey } from "../../../src/seal/key-file.ts";
import type { Home } from "../home.ts";
import { keeps } from "./promises.ts";

/** The steps that there are, and three to formats that don't exist yet: a column, a table made anew, an index. */
export const FUTURE: readonly string[] = [
  ...migrations,
  "ALTER TABLE events ADD COLUMN more TEXT; UPDATE events SET more = 'x'",
  "CREATE TABLE copied AS SELECT * FROM events; UPDATE copied SET more = event",
  "CREATE INDEX copied_by_stream ON copied (stream, version)",
];

/** A journal beside the real one, of the first format: an upgrade of it can be killed, and dotvault goes on with its own. */
export interface Copy {
  readonly path: string;
  /** Whole at one of the formats, every event in it, and brought to the end by the next start. */
  check(): void;
  remove(): void;
}

export function copyJournal({ where }: Home): Copy {
  const directory = mkdtempSync(join(tmpdir(), "dotvault-formats-"));
  cpSync(where.stateDir, directory, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  const path = join(directory, "journal.db");
  toFirstFormat(path);
  const before = eventsIn(path);
  const key = loadKey(where.key);
  return {
    path,
    check() {
      keeps("journal", eventsIn(path) === before, `it had ${before} events before the migration`);
      const connection = new Connection(path);
      migrate(connection, FUTURE);
      const { count } =
        connection.get<{ count: number }>("SELECT count(*) AS count FROM copied WHERE more = event") ?? {};
      connection.execute("ALTER TABLE events DROP COLUMN more; DROP TABLE copied");
      connection.execute("INSERT INTO kept SELECT * FROM kept_before; DROP TABLE kept_before");
      connection.pragma(`user_version = ${currentFormat}`);
      connection.close();
      keeps("journal", count === before, `${count} of ${before} events were migrated`);
      const problems = checkJournal(directory, key)?.problems ?? [];
      keeps("journal", problems.length === 0, JSON.stringify(problems));
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What compaction has kept is put aside: the events vouch for it. */
function toFirstFormat(path: string): void {
  const connection = new Connection(path);
  connection.execute("ALTER TABLE kept RENAME TO kept_before; DROP TABLE setbacks; PRAGMA user_version = 1");
  connection.close();
}

function eventsIn(path: string): number {
  const connection = new Connection(path);
  try {
    return connection.get<{ count: number }>("SELECT count(*) AS count FROM events")?.count ?? 0;
  } finally {
    connection.close();
  }
}
