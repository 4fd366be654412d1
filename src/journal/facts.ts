import type { Connection } from "./connection.ts";
import type { Json } from "./port.ts";
import { parse } from "./rows.ts";

export function fact(connection: Connection, name: string): Json | undefined {
  const row = connection.get<{ value: string }>("SELECT value FROM facts WHERE name = ?", name);
  return row === undefined ? undefined : parse<Json>(connection.path, `fact ${name}`, row.value);
}

export function setFact(connection: Connection, name: string, value: Json): void {
  connection.run(
    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ...[name, JSON.stringify(value)],
  );
}
