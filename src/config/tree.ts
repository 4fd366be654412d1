/**
 * A configuration as it stands in the file: plain values that know their place. Aliases and merge keys are resolved, so
 * that a value which an alias repeats has the place of its definition. Offsets are UTF-16 units into the text.
 */
export type Tree = Scalar | Sequence | Mapping;

export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

export interface Scalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** The value as text: for a plain scalar as it was spelled (`0x1F`, `1e3`), otherwise decoded. */
  readonly text: string;
  readonly style: ScalarStyle;
  readonly start: number;
  readonly end: number;
}

export interface Sequence {
  readonly kind: "sequence";
  readonly items: readonly Tree[];
  readonly start: number;
}

export interface Mapping {
  readonly kind: "mapping";
  /** A Map and not an object, so that no key of a file can be mistaken for a property of ours. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly start: number;
}

export interface Entry {
  readonly keyStart: number;
  readonly value: Tree;
}

export function isNull(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.value === null;
}

/** Nothing, or the empty text: both are the same as leaving the key out. */
export function isBlank(tree: Tree | undefined): boolean {
  return tree === undefined || (tree.kind === "scalar" && (tree.value === null || tree.value === ""));
}

/** For a message: `a mapping`, `a list`, `a number`. */
export function describe(tree: Tree): string {
  if (tree.kind === "mapping") return "a mapping";
  if (tree.kind === "sequence") return "a list";
  if (tree.value === null) return "nothing";
  if (typeof tree.value === "boolean") return "true or false";
  return typeof tree.value === "number" ? "a number" : "text";
}

/** The value without places. Objects have no prototype: a key `__proto__` is a key like any other. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "sequence") return tree.items.map(toPlain);
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, { value }] of tree.entries) plain[key] = toPlain(value);
  return plain;
}

/** The offset of what a path leads to, or of the deepest part of the path that exists. `key` asks for its name's place. */
export function offsetOf(root: Tree, path: readonly (string | number)[], want: "key" | "value"): number {
  let tree = root;
  let offset = root.start;
  for (const step of path) {
    const entry = childOf(tree, step);
    if (entry === undefined) return offset;
    tree = entry.value;
    offset = want === "key" || tree.kind !== "scalar" || isNull(tree) ? entry.keyStart : tree.start;
  }
  return offset;
}

/**
 * The offset of a place within a text that a path leads to; undefined where the text is not spelled as it is meant (an
 * escape, a fold).
 */
export function offsetWithin(root: Tree, path: readonly (string | number)[], at: number): number | undefined {
  let tree: Tree | undefined = root;
  for (const step of path) tree = tree && childOf(tree, step)?.value;
  if (tree?.kind !== "scalar") return undefined;
  const quotes = tree.style === "single" || tree.style === "double" ? 2 : 0;
  return tree.end - tree.start === tree.text.length + quotes ? tree.start + quotes / 2 + at : undefined;
}

function childOf(tree: Tree, step: string | number): Entry | undefined {
  if (tree.kind === "mapping") return tree.entries.get(String(step));
  if (tree.kind === "scalar") return undefined;
  const item = tree.items[Number(step)];
  return item && { keyStart: item.start, value: item };
}
