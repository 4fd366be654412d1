import { Fault } from "../errors.ts";
import { Missing } from "../values/missing.ts";
import { DataNumber } from "../values/number.ts";
import { quote } from "../values/quote.ts";
import { type DataMap, fieldOf, fromData, isList, isMap, typeName, type Value } from "../values/value.ts";
import type { TemplateFunction } from "./function.ts";

function failure(message: string): Fault {
  return new Fault("template.execution", message);
}

/** The bytes of a text: what Go indexes, slices and counts. */
function bytesOf(value: Value): Buffer | undefined {
  const text = value instanceof DataNumber ? value.text : value;
  return typeof text === "string" ? Buffer.from(text) : undefined;
}

/** Texts count in bytes. */
const len: TemplateFunction = {
  parameters: ["any"],
  run: ([value]) => BigInt(lengthOf(value ?? "")),
};

function lengthOf(value: Value): number {
  if (isList(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  const bytes = bytesOf(value);
  if (bytes !== undefined) return bytes.length;
  throw failure(value instanceof Missing ? `len of nothing: ${value.describe()}` : `len of type ${typeName(value)}`);
}

/** `index x 1 "a"` is x[1]["a"]. */
const index: TemplateFunction = {
  parameters: ["any"],
  rest: "any",
  run: ([item, ...indexes]) => {
    if (item === undefined || item instanceof Missing) throw failure("index of untyped nil");
    return indexes.reduce(at, item);
  },
};

function at(item: Value, key: Value): Value {
  if (item instanceof Missing) throw failure(`index of nil pointer: ${item.describe()}`);
  if (isMap(item)) return entry(item, key);
  const bytes = bytesOf(item);
  if (!isList(item) && bytes === undefined) throw failure(`can't index item of type ${typeName(item)}`);
  const length = isList(item) ? item.length : (bytes?.length ?? 0);
  const position = toPosition(key, length);
  if (position === length) throw failure(`index out of range [${position}] with length ${length}`);
  return isList(item) ? fromData(item[position] ?? null, `index ${position}`) : BigInt(bytes?.[position] ?? 0);
}

function entry(map: DataMap, key: Value): Value {
  if (key instanceof Missing) throw failure("value is nil; should be of type string");
  if (typeof key !== "string" && !(key instanceof DataNumber)) {
    throw failure(`value has type ${typeName(key)}; should be string`);
  }
  const name = typeof key === "string" ? key : key.text;
  const found = fieldOf(map, name, `index ${quote(name)}`);
  return found instanceof Missing ? new Missing(found.why, found.label, found.names, true) : found;
}

/** An int from 0 up to and with `limit`. */
function toPosition(value: Value, limit: number): number {
  if (value instanceof Missing) throw failure("cannot index slice/array with nil");
  const position = value instanceof DataNumber ? (value.integer() ?? value) : value;
  if (typeof position !== "bigint") throw failure(`cannot index slice/array with type ${typeName(value)}`);
  if (position < 0n || position > BigInt(limit)) throw failure(`index out of range: ${position}`);
  return Number(position);
}

/** `slice x 1 2` is x[1:2], of a list or a text. */
const slice: TemplateFunction = {
  parameters: ["any"],
  rest: "any",
  run: ([item, ...indexes]) => {
    if (item === undefined || item instanceof Missing) throw failure("slice of untyped nil");
    if (indexes.length > 3) throw failure(`too many slice indexes: ${indexes.length}`);
    const bytes = bytesOf(item);
    if (bytes !== undefined && indexes.length === 3) throw failure("cannot 3-index slice a string");
    if (isList(item)) return item.slice(...bounds(indexes, item.length));
    if (bytes === undefined) throw failure(`can't slice item of type ${typeName(item)}`);
    const cut = toText(bytes.subarray(...bounds(indexes, bytes.length)));
    return item instanceof DataNumber ? new DataNumber(cut) : cut;
  },
};

function bounds(indexes: readonly Value[], length: number): [number, number] {
  const [start = 0, end = length, capacity = length] = indexes.map((value) => toPosition(value, length));
  if (start > end) throw failure(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw failure(`invalid slice index: ${end} > ${capacity}`);
  return [start, end];
}

/** Bytes that must be UTF-8: files and templates are text. */
export function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault("template.not-text", "the result is not valid UTF-8", "templates make text, not binary data");
  }
}

/** Data hold no functions, so there is nothing that could be called. */
const call: TemplateFunction = {
  parameters: ["any"],
  rest: "any",
  run: ([value], _environment, spelled) => {
    if (value === undefined || value instanceof Missing) throw failure("call of nil");
    throw failure(`non-function ${spelled(0)} of type ${typeName(value)}`);
  },
};

export const COLLECTIONS: Readonly<Record<string, TemplateFunction>> = { call, index, len, slice };
