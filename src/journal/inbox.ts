import type { Connection } from "./connection.ts";
import { RequestNotWaiting } from "./errors.ts";
import type { InboxRow, JournalReader, JsonObject } from "./port.ts";
import { parse } from "./rows.ts";

export function inbox(connection: Connection): InboxRow[] {
  type Row = Omit<InboxRow, "args"> & { args: string };
  return connection
    .all<Row>("SELECT id, verb, args, at FROM inbox WHERE state = 'waiting' ORDER BY id")
    .map((row) => ({ ...row, args: parse<JsonObject>(connection.path, `request ${row.id}`, row.args) }));
}

/**
 * Marks a waiting request as answered; what was asked stands in its event, and a sealed secret in it leaves the disk. Throws
 * {@link RequestNotWaiting}: no request is answered twice.
 */
export function answer(
  connection: Connection,
  id: number,
  how: { state: "taken"; seq: number | null } | { state: "refused"; reason: string },
): void {
  const changed = connection.run(
    "UPDATE inbox SET state = ?, seq = ?, reason = ?, args = '{}' WHERE id = ? AND state = 'waiting'",
    ...[how.state, how.state === "taken" ? how.seq : null, how.state === "refused" ? how.reason : null, id],
  );
  if (changed === 0) throw new RequestNotWaiting(id);
}

export function request(connection: Connection, id: number): ReturnType<JournalReader["request"]> {
  return connection.get("SELECT state, seq, reason FROM inbox WHERE id = ?", id);
}
