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

/** What a file means once everything that a rendering set is taken out of it again; empty maps and lists don't count. */
export function removedValues(file: unknown, rendered: unknown, mergeKey?: string): unknown {
  if (mergeKey !== undefined && Array.isArray(rendered) && rendered.length === 0) return file;
  if (Array.isArray(file) && mergeKey !== undefined && isKeyed(rendered, mergeKey)) {
    const ours = (item: unknown) => rendered.find((element) => isMap(item) && item[mergeKey] === element[mergeKey]);
    return file.map((item) => {
      const rest = ours(item) ? removedValues(item, ours(item), mergeKey) : item;
      const isNamed = isMap(item) && isMap(rest) && hasForeign(item, ours(item), mergeKey);
      return isNamed ? { ...rest, [mergeKey]: item[mergeKey] } : rest;
    });
  }
  if (!isMap(file) || !isMap(rendered)) return undefined;
  return Object.fromEntries(
    Object.entries(file).map(([key, value]) => [
      key,
      Object.hasOwn(rendered, key) ? removedValues(value, rendered[key], mergeKey) : value,
    ]),
  );
}

/** Whether anything in a file's value is not the rendering's. */
function hasForeign(file: unknown, rendered: unknown, mergeKey: string): boolean {
  if (rendered === undefined) return true;
  if (Array.isArray(file) && Array.isArray(rendered) && file.some((item) => isMap(item) && mergeKey in item)) {
    const ours = (item: unknown) =>
      rendered.find((one) => isMap(item) && isMap(one) && item[mergeKey] === one[mergeKey]);
    return file.some((item) => hasForeign(item, ours(item), mergeKey));
  }
  if (!isMap(file) || !isMap(rendered)) return false;
  return Object.keys(file).some((key) =>
    hasForeign(file[key], Object.hasOwn(rendered, key) ? rendered[key] : undefined, mergeKey),
  );
}

/** Without maps and lists in which there is nothing, however deep. */
export function withoutEmpties(value: unknown): unknown {
  if (Array.isArray(value)) return nonEmpty(value.map(withoutEmpties).filter((item) => item !== undefined));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpties(inner)] as const);
  return nonEmpty(Object.fromEntries(entries.filter(([, inner]) => inner !== undefined)));
}

function nonEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
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
