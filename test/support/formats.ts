import type { MergeOptions } from "../../src/adapters/files/index.ts";

/** An own reading of what a merge has to mean, on plain values, for tests of the file formats. */
export interface Wishes {
  readonly mergeKey?: string;
  readonly deleteNulls?: boolean;
}

type Plain = { readonly [key: string]: unknown };

export function mergedValues(old: unknown, rendered: unknown, wishes: Wishes = {}): unknown {
  if (isMap(old) && isMap(rendered)) return mergedMaps(old, rendered, wishes);
  const { mergeKey } = wishes;
  if (mergeKey !== undefined && Array.isArray(old) && isKeyed(rendered, mergeKey)) {
    const known = old.map((item) => {
      const fresh = rendered.find((element) => isMap(item) && item[mergeKey] === element[mergeKey]);
      return fresh ? mergedValues(item, fresh, wishes) : item;
    });
    const added = rendered.filter(
      (element) => !old.some((item) => isMap(item) && item[mergeKey] === element[mergeKey]),
    );
    return [...known, ...added.map((item) => pruned(item, wishes))];
  }
  const leavesAlone = Array.isArray(old) && old.some((item) => isMap(item) && String(mergeKey) in item);
  return leavesAlone && Array.isArray(rendered) && rendered.length === 0 ? old : pruned(rendered, wishes);
}

function mergedMaps(old: Plain, rendered: Plain, wishes: Wishes): Plain {
  const result = new Map(Object.entries(old));
  for (const [key, value] of Object.entries(rendered)) {
    if (wishes.deleteNulls && value === null) result.delete(key);
    else result.set(key, result.has(key) ? mergedValues(result.get(key), value, wishes) : pruned(value, wishes));
  }
  return Object.fromEntries(result);
}

function pruned(value: unknown, wishes: Wishes): unknown {
  if (!wishes.deleteNulls || !isMap(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, pruned(inner, wishes)]));
}

function isMap(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKeyed(value: unknown, key: string): value is Plain[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isMap(item) && key in item);
}

/** A file, a rendering and the file that must come of them. */
export interface Case {
  readonly protects: string;
  readonly before: string;
  readonly rendered: string;
  readonly after: string;
  readonly options?: MergeOptions;
}
