import { Fault } from "../errors.ts";
import { Missing } from "../values/missing.ts";
import { compareAmounts, DataNumber } from "../values/number.ts";
import { compareTexts, isTrue, typeName, type Value } from "../values/value.ts";
import type { TemplateFunction } from "./function.ts";

type Kind = "bool" | "int" | "float" | "text" | "data number" | "other" | "nothing";

function kindOf(value: Value): Kind {
  if (value instanceof Missing) return "nothing";
  if (value instanceof DataNumber) return "data number";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  return typeof value === "number" ? "float" : "other";
}

/**
 * The order of two values of one kind. A data number compares by amount with numbers, and by its spelling with texts;
 * otherwise kinds don't mix, not even int and float.
 */
function order(a: Value, b: Value): -1 | 0 | 1 | undefined {
  const [x, y] = [amountOf(a), amountOf(b)];
  if (x !== undefined && y !== undefined && (typeof a === typeof b || hasDataNumber(a, b))) return compareAmounts(x, y);
  const [s, t] = [textOf(a), textOf(b)];
  return s === undefined || t === undefined ? undefined : compareTexts(s, t);
}

function hasDataNumber(a: Value, b: Value): boolean {
  return a instanceof DataNumber || b instanceof DataNumber;
}

function amountOf(value: Value): bigint | number | undefined {
  if (value instanceof DataNumber) return value.amount();
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

function textOf(value: Value): string | undefined {
  if (value instanceof DataNumber) return value.text;
  return typeof value === "string" ? value : undefined;
}

function equal(a: Value, b: Value): boolean {
  const ordered = order(a, b);
  if (ordered !== undefined) return ordered === 0;
  const [k, l] = [kindOf(a), kindOf(b)];
  if (k === "nothing" || l === "nothing") return k === l;
  if (k === "bool" && l === "bool") return a === b;
  if (k === "other" && l === "other") throw new Fault("template.execution", `non-comparable type ${typeName(b)}`);
  throw incompatible(a, b);
}

function less(a: Value, b: Value): boolean {
  const ordered = order(a, b);
  if (ordered !== undefined) return ordered < 0;
  const comparable = [a, b].every((value) => !["nothing", "other"].includes(kindOf(value)));
  if (comparable && kindOf(a) !== kindOf(b)) throw incompatible(a, b);
  throw new Fault("template.execution", "invalid type for comparison");
}

function incompatible(a: Value, b: Value): Fault {
  return new Fault("template.execution", `incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function comparison(compare: (a: Value, b: Value) => boolean): TemplateFunction {
  return { parameters: ["any", "any"], run: ([a, b]) => a !== undefined && b !== undefined && compare(a, b) };
}

/** Whether the first equals any of the others. */
const eq: TemplateFunction = {
  parameters: ["any"],
  rest: "any",
  run: ([first, ...others]) => {
    if (first === undefined || others.length === 0) {
      throw new Fault("template.execution", "missing argument for comparison");
    }
    return others.some((other) => equal(first, other));
  },
};

export const COMPARISONS: Readonly<Record<string, TemplateFunction>> = {
  eq,
  ne: comparison((a, b) => !equal(a, b)),
  lt: comparison(less),
  le: comparison((a, b) => less(a, b) || equal(a, b)),
  gt: comparison((a, b) => !less(a, b) && !equal(a, b)),
  ge: comparison((a, b) => !less(a, b)),
  not: { parameters: ["any"], run: ([value]) => value !== undefined && !isTrue(value) },
};
