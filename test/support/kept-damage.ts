import { closeSync, openSync, writeSync } from "node:fs";
import Database from "better-sqlite3";

/** What can become of a kept standing (`seq`; `other`: another one's), as SQL. */
export const KEPT_DAMAGE: Readonly<Record<string, (seq: number, other: number) => string>> = {
  "a bit of the snapshot is flipped": (seq) =>
    `UPDATE kept SET snapshot = '[' || substr(snapshot, 2) WHERE seq = ${seq}`,
  "the snapshot is cut": (seq) => `UPDATE kept SET snapshot = substr(snapshot, 1, 20) WHERE seq = ${seq}`,
  "what was open is cut": (seq) => `UPDATE kept SET open = substr(open, 1, 1) WHERE seq = ${seq}`,
  "the wakes are others": (seq) => `UPDATE kept SET wakes = replace(wakes, '1', '2') || ' ' WHERE seq = ${seq}`,
  "the digest is another": (seq) => `UPDATE kept SET digest = mac WHERE seq = ${seq}`,
  "the mac is wrong": (seq) => `UPDATE kept SET mac = digest WHERE seq = ${seq}`,
  "it is that of another event": (seq, other) => `UPDATE kept SET (snapshot, open, wakes, digest, mac) =
    (SELECT snapshot, open, wakes, digest, mac FROM kept WHERE seq = ${other}) WHERE seq = ${seq}`,
  "what was open and set then is another event's": (seq, other) => `UPDATE kept SET (open, wakes, digest) =
    (SELECT open, wakes, digest FROM kept WHERE seq = ${other}) WHERE seq = ${seq}`,
  "the row is gone": (seq) => `DELETE FROM kept WHERE seq = ${seq}`,
};

/** Without the key these can't be seen; what can be read is right all the same. */
export const UNSEEN_WITHOUT_KEY: readonly string[] = ["the mac is wrong", "the row is gone"];

export function keptIn(directory: string): number[] {
  return within(directory, (database) =>
    database
      .prepare<[], { seq: number }>("SELECT seq FROM kept ORDER BY seq")
      .all()
      .map(({ seq }) => seq),
  );
}

export function hurtKept(directory: string, how: string, { seq, other }: { seq: number; other: number }): void {
  const sql = KEPT_DAMAGE[how]?.(seq, other) ?? "";
  within(directory, (database) => database.exec(sql));
}

/** The first page of all that is kept is none any more. */
export function breakKeptPage(directory: string): void {
  const { page, size } = within(directory, (database) => {
    database.pragma("wal_checkpoint(TRUNCATE)");
    const sql = "SELECT rootpage AS page FROM sqlite_schema WHERE name = 'kept'";
    const found = database.prepare<[], { page: number }>(sql).get();
    return { page: found?.page ?? 0, size: Number(database.pragma("page_size", { simple: true })) };
  });
  const file = openSync(`${directory}/journal.db`, "r+");
  writeSync(file, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
  closeSync(file);
}

function within<T>(directory: string, work: (database: Database.Database) => T): T {
  const database = new Database(`${directory}/journal.db`);
  try {
    return work(database);
  } finally {
    database.close();
  }
}
