import type { Json } from "../../machines/history/shapes.ts";

/** Told on one line each. */
const LONG = ["start", "end"];

/** JSON to look through before it is sent: a line an event and a snapshot, everything else spread out. */
export function documentText(document: object): string {
  return `${spread(JSON.parse(JSON.stringify(document)) as Json, "")}\n`;
}

function spread(value: Json, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item: Json) => inner + spread(item, inner))
    : Object.entries(value).map(([name, item]) => `${inner}${JSON.stringify(name)}: ${member(name, item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return items.length === 0 ? `${open}${close}` : `${open}\n${items.join(",\n")}\n${indent}${close}`;
}

function member(name: string, value: Json, indent: string): string {
  if (LONG.includes(name)) return JSON.stringify(value);
  if (name !== "events" || !Array.isArray(value) || value.length === 0) return spread(value, indent);
  return `[\n${value.map((row: Json) => `${indent}  ${JSON.stringify(row)}`).join(",\n")}\n${indent}]`;
}
