import { Fault } from "../errors.ts";
import { Missing } from "./missing.ts";
import { DataNumber, spellNumber } from "./number.ts";

/** A JSON object. Only its own properties are ever read. */
export type DataMap = { readonly [key: string]: unknown };

/**
 * What a template computes with. `bigint` is Go's int and `number` its float64: both come from the template itself or
 * from functions, while numbers of the data are {@link DataNumber}. Lists and maps are the data as they came.
 */
export type Value = string | boolean | bigint | number | DataNumber | readonly unknown[] | DataMap | Missing;

/** A piece of the data as a value. `label` and `names` say what to call it should it be missing. */
export function fromData(data: unknown, label: string, names: readonly string[] = []): Value {
  if (data === undefined) return new Missing("absent", label, names);
  if (data === null) return new Missing("null", label);
  switch (typeof data) {
    case "string":
      return data.toWellFormed();
    case "boolean":
      return data;
    case "number":
      return new DataNumber(spellNumber(data));
    case "bigint":
      return new DataNumber(data.toString());
    case "object":
      return fromObject(data, label);
    default:
      throw notJson(label);
  }
}

function fromObject(data: object, label: string): Value {
  if (Array.isArray(data)) return data;
  if (isRawJson(data)) return fromRaw(data.rawJSON, label);
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== null && prototype !== Object.prototype) throw notJson(label);
  return data as DataMap;
}

function isRawJson(data: object): data is { rawJSON: string } {
  return (JSON as { isRawJSON?: (value: unknown) => boolean }).isRawJSON?.(data) ?? false;
}

/** JSON.rawJSON holds any primitive; numbers keep their spelling. */
function fromRaw(raw: string, label: string): Value {
  return /^[-\d]/.test(raw) ? new DataNumber(raw) : fromData(JSON.parse(raw), label);
}

function notJson(label: string): Fault {
  return new Fault("template.execution", `${label} is not a JSON value`);
}

export function isList(value: Value): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is DataMap {
  return typeof value === "object" && !isList(value) && !(value instanceof DataNumber) && !(value instanceof Missing);
}

/** A field of a map, or {@link Missing}. The prototype is never looked at. */
export function fieldOf(map: DataMap, name: string, label: string): Value {
  if (Object.hasOwn(map, name) && map[name] !== undefined) return fromData(map[name], label);
  return new Missing("absent", label, Object.keys(map));
}

/** Keys in the order in which Go ranges and prints: by their bytes in UTF-8. */
export function sortedKeys(map: DataMap): string[] {
  return Object.keys(map).sort(compareTexts);
}

/** By code points, which is the order of the bytes in UTF-8; -1, 0 or 1. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length < b.length ? -1 : 1;
  return rank(a.charCodeAt(at)) < rank(b.charCodeAt(at)) ? -1 : 1;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Go's name of a value's type. */
export function typeName(value: Value): string {
  if (value instanceof DataNumber) return "json.Number";
  if (value instanceof Missing) return "nil";
  if (isList(value)) return "[]interface {}";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float64";
    default:
      return "map[string]interface {}";
  }
}

/** Whether `if` takes it: not empty, not zero, not missing. */
export function isTrue(value: Value): boolean {
  if (value instanceof Missing) return false;
  if (value instanceof DataNumber) return Number(value.text) !== 0;
  if (isList(value)) return value.length > 0;
  if (typeof value === "object") return Object.keys(value).length > 0;
  return Boolean(value);
}
