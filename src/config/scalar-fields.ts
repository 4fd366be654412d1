import { durationPattern, parseDuration } from "./durations.ts";
import type { Field, JsonSchema, Place } from "./field.ts";
import { nearest } from "./nearest.ts";
import { type Parsed, type ProblemCode, quote } from "./problems.ts";
import { describe, isNull, type Scalar, type Tree } from "./tree.ts";

interface TextOptions<T> {
  readonly absent: T;
  readonly schema?: JsonSchema;
  readonly code?: ProblemCode;
  /** `""` is a value to be judged, and not the same as leaving the key out (which it is in Go). */
  readonly blankCounts?: boolean;
  readonly parse: (text: string) => Parsed<T>;
}

/** A value written as text. A number is taken as it was spelled, as the predecessor did (`vault_key: 007`). */
export function parsedText<T>(description: string, options: TextOptions<T>): Field<T> {
  const { absent, code = "config.value", blankCounts = false, parse } = options;
  return {
    schema: { description, type: "string", ...options.schema },
    required: false,
    read(tree, at) {
      const scalar = asScalar(tree, at, "text");
      if (scalar === undefined) return absent;
      if (typeof scalar.value === "boolean") return wrongType(scalar, at, "text", 'put it in quotes: "true"', absent);
      if (scalar.text === "" && !blankCounts) return absent;
      const parsed = parse(scalar.text);
      if (parsed.ok) return parsed.value;
      at.findings.error(code, scalar.start, { ...parsed, what: `${at.path}: ${parsed.what}` });
      return absent;
    },
  };
}

export function text(description: string): Field<string | undefined> {
  return parsedText<string | undefined>(description, { absent: undefined, parse: (value) => ({ ok: true, value }) });
}

/** A name out of a list. */
export function oneOf<N extends string>(description: string, names: readonly N[]): Field<N | undefined> {
  return parsedText<N | undefined>(description, {
    absent: undefined,
    schema: { enum: names },
    parse: (value) => chosen(value, names),
  });
}

/** The member of a list of names that a text is, or a complaint with the nearest. */
export function chosen<N extends string>(value: string, names: readonly N[]): Parsed<N> {
  const name = names.find((candidate) => candidate === value);
  if (name !== undefined) return { ok: true, value: name };
  const near = nearest(value, names);
  const complaint = { ok: false as const, what: `${quote(value)} is not one of ${names.join(", ")}` };
  return near === undefined ? complaint : { ...complaint, nearest: near };
}

/** A length of time, in milliseconds. `min` and the default are written as a person would. */
export function duration(description: string, options: { absent: string; min: string }): Field<number> {
  const min = milliseconds(options.min);
  return parsedText(description, {
    absent: milliseconds(options.absent),
    code: "config.duration",
    schema: { default: options.absent, pattern: durationPattern },
    parse(value) {
      const parsed = parseDuration(value);
      if (!parsed.ok || parsed.value >= min) return parsed;
      return { ok: false, what: `${quote(value)} is too short`, hint: `at least ${options.min}` };
    },
  });
}

/** Go's typed decoding takes YAML 1.1's words for a boolean too. */
const yes = new Set(["y", "Y", "yes", "on"]);
const no = new Set(["n", "N", "no", "off"]);

export function flag(description: string, absent = false): Field<boolean> {
  return {
    schema: { description, type: "boolean", default: absent },
    required: false,
    read(tree, at) {
      const scalar = asScalar(tree, at, "true or false");
      if (scalar === undefined) return absent;
      if (typeof scalar.value === "boolean") return scalar.value;
      if (scalar.style === "plain" && yes.has(scalar.text)) return true;
      if (scalar.style === "plain" && no.has(scalar.text)) return false;
      return wrongType(scalar, at, "true or false", undefined, absent);
    },
  };
}

export function integer(description: string, options: { absent: number; min: number; max: number }): Field<number> {
  const { absent, min, max } = options;
  return {
    schema: { description, type: "integer", default: absent, minimum: min, maximum: max },
    required: false,
    read(tree, at) {
      const scalar = asScalar(tree, at, "a whole number");
      if (scalar === undefined) return absent;
      const { value } = scalar;
      if (typeof value !== "number" || !Number.isInteger(value)) {
        return wrongType(scalar, at, "a whole number", undefined, absent);
      }
      if (value >= min && value <= max) return value;
      const what = `${at.path}: ${quote(scalar.text)} is not between ${min} and ${max}`;
      at.findings.error("config.value", scalar.start, { what });
      return absent;
    },
  };
}

/** Undefined for what is not written (null is the same) and for what is no scalar, which is reported. */
function asScalar(tree: Tree | undefined, at: Place, wanted: string): Scalar | undefined {
  if (tree === undefined || isNull(tree)) return undefined;
  return tree.kind === "scalar" ? tree : wrongType(tree, at, wanted, undefined, undefined);
}

/** Complains, and gives what holds in the value's absence. */
export function wrongType<T>(tree: Tree, at: Place, wanted: string, hint: string | undefined, absent: T): T {
  if (!at.findings.trusts(tree.start)) return absent;
  const what = `${at.path || "the configuration"} takes ${wanted}, not ${describe(tree)}`;
  const offset = tree.kind === "scalar" ? tree.start : at.start;
  at.findings.error("config.type", offset, hint === undefined ? { what } : { what, hint });
  return absent;
}

function milliseconds(written: string): number {
  const parsed = parseDuration(written);
  if (!parsed.ok) throw new TypeError(parsed.what);
  return parsed.value;
}
