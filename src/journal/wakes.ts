import type { Connection } from "./connection.ts";
import type { Wake } from "./port.ts";

/** Part of an append: a stream's wake of the same name is moved. */
export function setWake(connection: Connection, stream: string, name: string, at: number): void {
  connection.run(
    "INSERT INTO wakes (stream, name, at) VALUES (?, ?, ?) ON CONFLICT (stream, name) DO UPDATE SET at = excluded.at",
    ...[stream, name, at],
  );
}

/** Part of an append. */
export function cancelWake(connection: Connection, stream: string, name: string): void {
  connection.run("DELETE FROM wakes WHERE stream = ? AND name = ?", stream, name);
}

export function wakes(connection: Connection, stream?: string): Wake[] {
  return stream === undefined
    ? connection.all<Wake>("SELECT stream, name, at FROM wakes ORDER BY stream, name")
    : connection.all<Wake>("SELECT stream, name, at FROM wakes WHERE stream = ? ORDER BY name", stream);
}

export function dueWakes(connection: Connection, now: number, limit: number): Wake[] {
  return connection.all<Wake>("SELECT stream, name, at FROM wakes WHERE at <= ? ORDER BY at LIMIT ?", now, limit);
}

/** The earliest due time of any intent or wake: two looks at the ends of two indices. */
export function nextDue(connection: Connection, after = -1): number | undefined {
  const intent = connection.get<{ at: number | null }>(
    "SELECT min(due_at) AS at FROM intents WHERE due_at > ?",
    after,
  )?.at;
  const wake = connection.get<{ at: number | null }>("SELECT min(at) AS at FROM wakes WHERE at > ?", after)?.at;
  const due = Math.min(intent ?? Number.POSITIVE_INFINITY, wake ?? Number.POSITIVE_INFINITY);
  return due === Number.POSITIVE_INFINITY ? undefined : due;
}
