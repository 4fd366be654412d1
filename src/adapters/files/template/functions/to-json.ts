import { Sink } from "../limits.ts";
import { Missing } from "../values/missing.ts";
import { DataNumber } from "../values/number.ts";
import { fromData, isList, sortedKeys, type Value } from "../values/value.ts";

/** JSON on one line: keys sorted as Go sorts them, numbers as they were spelled, nothing escaped that need not be. */
export function toJson(value: Value): string {
  const sink = new Sink();
  write(value, sink);
  return sink.text();
}

function write(value: Value, sink: Sink): void {
  const scalar = scalarToJson(value);
  if (scalar !== undefined) {
    sink.write(scalar);
    return;
  }
  if (isList(value)) {
    writeList(value, sink);
    return;
  }
  const map = value as Readonly<Record<string, unknown>>;
  sink.write("{");
  sortedKeys(map).forEach((key, index) => {
    sink.write(`${index > 0 ? "," : ""}${JSON.stringify(key.toWellFormed())}:`);
    write(fromData(map[key] ?? null, key), sink);
  });
  sink.write("}");
}

function writeList(list: readonly unknown[], sink: Sink): void {
  sink.write("[");
  list.forEach((item, index) => {
    if (index > 0) sink.write(",");
    write(fromData(item ?? null, `item ${index}`), sink);
  });
  sink.write("]");
}

/** A value that is neither list nor map; undefined for those. */
export function scalarToJson(value: Value): string | undefined {
  if (value instanceof Missing) return "null";
  if (value instanceof DataNumber) return value.text;
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" ? undefined : String(value);
}
