import type { Field, JsonSchema, Place } from "./field.ts";
import { nearest } from "./nearest.ts";
import { type Complaint, quote } from "./problems.ts";
import { wrongType } from "./scalar-fields.ts";
import { type Entry, isBlank, isNull, type Mapping, type Tree } from "./tree.ts";

type Shape = Readonly<Record<string, Field<unknown>>>;
type Values<S extends Shape> = { readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

/** A mapping that was read, with its tree for whoever has more to say about it. */
export interface Section<S extends Shape> {
  readonly values: Values<S>;
  readonly tree: Mapping;
  readonly written: boolean;
}

const unwritten: Mapping = { kind: "mapping", entries: new Map(), start: 0 };

/** A mapping with exactly these keys. `strangers` is the hint for a key that resembles none. */
export function mapping<S extends Shape>(description: string, shape: S, strangers?: string): Field<Section<S>> {
  return {
    schema: mappingSchema(description, shape),
    required: false,
    children: shape,
    read(tree, at) {
      const found = asMapping(tree, at);
      const section = found ?? unwritten;
      for (const [key, entry] of section.entries) {
        if (!Object.hasOwn(shape, key)) unknownKey(key, entry, at, suggestion(key, shape, at) ?? hinted(strangers));
      }
      const values = Object.entries(shape).map(([key, field]) => [key, readKey(key, field, found, at)]);
      // Every key of the shape has been read by its own field.
      return { values: Object.fromEntries(values) as Values<S>, tree: section, written: found !== undefined };
    },
  };
}

function readKey(key: string, field: Field<unknown>, section: Mapping | undefined, at: Place): unknown {
  const entry = section?.entries.get(key);
  const path = joined(at.path, key);
  if (field.required && section !== undefined && isBlank(entry?.value)) {
    at.findings.error("config.missing", entry?.keyStart ?? section.start, { what: `${path} is missing` });
  }
  return field.read(entry?.value, { ...at, path, start: entry?.keyStart ?? at.start });
}

type Advice = Omit<Complaint, "what">;

function unknownKey(key: string, entry: Entry, at: Place, advice: Advice): void {
  const where = at.path === "" ? "" : ` in ${at.path}`;
  at.findings.error("config.unknown-key", entry.keyStart, { what: `unknown key ${quote(key)}${where}`, ...advice });
}

function hinted(hint: string | undefined): Advice {
  return hint === undefined ? {} : { hint };
}

/** The nearest name here, or else in any other section. */
function suggestion(key: string, shape: Shape, at: Place): Advice | undefined {
  const here = nearest(key, Object.keys(shape));
  if (here !== undefined) return { nearest: here };
  const there = nearest(key, at.elsewhere.keys());
  const [path] = there === undefined ? [] : (at.elsewhere.get(there) ?? []);
  return path === undefined ? undefined : { nearest: path };
}

/** A list of values of one kind. */
export function sequence<T>(description: string, item: Field<T>): Field<readonly T[]> {
  return {
    schema: { description, type: "array", items: item.schema },
    required: false,
    children: { "[]": item },
    read(tree, at) {
      if (tree === undefined || isNull(tree)) return [];
      if (tree.kind !== "sequence") return wrongType(tree, at, "a list", undefined, []);
      return tree.items.map((value, index) => {
        return readItem(item, value, { ...at, path: `${at.path}[${index}]`, start: value.start });
      });
    },
  };
}

/** A mapping whose keys a person chooses. */
export interface Named<T> {
  readonly key: string;
  readonly keyStart: number;
  readonly value: T;
}

export function dictionary<T>(
  description: string,
  options: { readonly keyPattern: string; readonly item: Field<T> },
): Field<readonly Named<T>[]> {
  const { keyPattern, item } = options;
  return {
    schema: { description, type: "object", propertyNames: { pattern: keyPattern }, additionalProperties: item.schema },
    required: false,
    children: { "*": item },
    read(tree, at) {
      return [...(asMapping(tree, at)?.entries ?? [])].map(([key, { keyStart, value }]) => ({
        key,
        keyStart,
        value: readItem(item, value, { ...at, path: joined(at.path, key), start: keyStart }),
      }));
    },
  };
}

function readItem<T>(item: Field<T>, tree: Tree, at: Place): T {
  if (isNull(tree)) at.findings.error("config.missing", at.start, { what: `${at.path} is empty` });
  return item.read(tree, at);
}

/** A mapping that somebody else judges. */
export function free(description: string): Field<Mapping> {
  return {
    schema: { description, type: "object" },
    required: false,
    read: (tree, at) => asMapping(tree, at) ?? unwritten,
  };
}

/** A key of the predecessor that is not ours yet: whatever it holds is ignored, and a person is told so. */
export function later(description: string): Field<undefined> {
  return {
    schema: { description: `Not supported yet, ignored. ${description}` },
    required: false,
    read(tree, at) {
      if (tree === undefined || isNull(tree)) return undefined;
      at.findings.warn("config.later", at.start, { what: `${at.path} is not supported yet and is ignored` });
      return undefined;
    },
  };
}

/** The same field, as one that must be written. */
export function required<T>(field: Field<T>): Field<T> {
  return { ...field, required: true };
}

function asMapping(tree: Tree | undefined, at: Place): Mapping | undefined {
  if (tree === undefined || isNull(tree)) return undefined;
  return tree.kind === "mapping" ? tree : wrongType(tree, at, "a mapping", undefined, undefined);
}

function joined(path: string, key: string): string {
  const name = /^[\w./-]+$/.test(key) ? key : quote(key);
  return path === "" ? name : `${path}.${name}`;
}

function mappingSchema(description: string, shape: Shape): JsonSchema {
  const entries = Object.entries(shape);
  const needed = entries.filter(([, field]) => field.required).map(([key]) => key);
  return {
    description,
    type: "object",
    properties: Object.fromEntries(entries.map(([key, field]) => [key, field.schema])),
    additionalProperties: false,
    ...(needed.length === 0 ? {} : { required: needed }),
  };
}
