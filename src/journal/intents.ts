import type { Connection } from "./connection.ts";
import { DuplicateIntent, IntentNotOpen, sqliteCode } from "./errors.ts";
import type { NewIntent, OpenIntent } from "./port.ts";
import { type IntentRow, toOpenIntent } from "./rows.ts";

const columns = "stream, kind, subject, id, params, once, opened_at, due_at, attempt, phase, failure";

/** Part of an append: one row per stream, kind and subject, until its outcome is appended. */
export function openIntent(connection: Connection, stream: string, seq: number, at: number, intent: NewIntent): void {
  const { id, kind, subject, params, once, dueAt } = intent;
  try {
    connection.run(
      `INSERT INTO intents (stream, kind, subject, id, params, once, opened_at, seq, due_at, attempt, phase)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'open')`,
      ...[stream, kind, subject, id, JSON.stringify(params), once ? 1 : 0, at, seq, dueAt],
    );
  } catch (error) {
    if (!/_(PRIMARYKEY|UNIQUE)$/.test(sqliteCode(error) ?? "")) throw error;
    throw new DuplicateIntent(stream, kind, subject, id);
  }
}

/** Part of an append: an outcome needs its open intent, or it would count twice. */
export function closeIntent(connection: Connection, stream: string, id: string): void {
  if (!withdrawIntent(connection, stream, id)) throw new IntentNotOpen(id);
}

/** Part of an append: not open any more is what was wanted, whether or not it was. */
export function withdrawIntent(connection: Connection, stream: string, id: string): boolean {
  return connection.run("DELETE FROM intents WHERE id = ? AND stream = ?", id, stream) === 1;
}

export function reschedule(
  connection: Connection,
  id: string,
  to: Pick<OpenIntent, "dueAt" | "attempt" | "phase" | "failure">,
): void {
  const failure = to.failure === null ? null : JSON.stringify(to.failure);
  const changed = connection.run(
    "UPDATE intents SET due_at = ?, attempt = ?, phase = ?, failure = ? WHERE id = ?",
    ...[to.dueAt, to.attempt, to.phase, failure, id],
  );
  if (changed === 0) throw new IntentNotOpen(id);
}

export function markOpen(connection: Connection, id: string): void {
  if (connection.run("UPDATE intents SET phase = 'open' WHERE id = ?", id) === 0) throw new IntentNotOpen(id);
}

export function openIntents(connection: Connection, stream?: string): OpenIntent[] {
  const rows =
    stream === undefined
      ? connection.all<IntentRow>(`SELECT ${columns} FROM intents ORDER BY stream, kind, subject`)
      : connection.all<IntentRow>(`SELECT ${columns} FROM intents WHERE stream = ? ORDER BY kind, subject`, stream);
  return rows.map((row) => toOpenIntent(connection.path, row));
}

export function dueIntents(connection: Connection, now: number, limit: number): OpenIntent[] {
  const sql = `SELECT ${columns} FROM intents WHERE due_at <= ? ORDER BY due_at LIMIT ?`;
  return connection.all<IntentRow>(sql, now, limit).map((row) => toOpenIntent(connection.path, row));
}
