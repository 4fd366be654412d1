import type { Findings } from "./problems.ts";
import type { Tree } from "./tree.ts";

export type JsonSchema = { readonly [key: string]: unknown };

/** Where a field is being read: its dotted path for messages, and where to complain. */
export interface Place {
  readonly path: string;
  /** The offset of its key, or of the item in a list. */
  readonly start: number;
  readonly findings: Findings;
  /** Dotted paths of all keys there are, by their last name: for a key written in the wrong section. */
  readonly elsewhere: ReadonlyMap<string, readonly string[]>;
}

/** One kind of value that a configuration may hold: how it is read, and how an editor's JSON Schema describes it. */
export interface Field<T> {
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** The value; for `undefined` (not written) and for a wrong value, which is reported, what holds in its absence. */
  read(tree: Tree | undefined, at: Place): T;
  /** The keys below: their names and fields; `[]` stands for any item, `*` for any key. */
  readonly children?: Readonly<Record<string, Field<unknown>>>;
}

/** A key, wherever it may be written: `rules.[].target.path`. */
export interface KeyPlace {
  readonly path: readonly string[];
  readonly field: Field<unknown>;
}

/** Every key below a field, outermost first. */
export function keysBelow(field: Field<unknown>, path: readonly string[] = []): KeyPlace[] {
  return Object.entries(field.children ?? {}).flatMap(([name, child]) => {
    const here = [...path, name];
    return [{ path: here, field: child }, ...keysBelow(child, here)];
  });
}
