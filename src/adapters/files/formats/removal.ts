import { foreign, type Operation } from "./plan.ts";
import { isElement, segmentsOf } from "./pointers.ts";
import type { Entry, Tree } from "./tree.ts";

/** What a removal takes out of a tree. */
export interface Removal<F> {
  readonly operations: readonly Operation<F>[];
  /** The tree as it has to be afterwards. */
  readonly expected: Tree<F>;
}

/**
 * Takes the values that the pointers name out of a tree; those that are not there are no matter. A map or list element
 * in which nothing was but what goes, goes with it, unless `keeps` says that something else stands in it. An element in which
 * something stays keeps the key that names it.
 */
export function planRemoval<F>(root: Tree<F>, pointers: readonly string[], limits: Limits<F>): Removal<F> {
  const gone = new Set<object>();
  for (const pointer of pointers) mark(root, segmentsOf(pointer), gone);
  const operations = sweep(root, gone, limits);
  return { operations, expected: without(root, gone) };
}

interface Limits<F> {
  /** Whether something stands in a map or list, or beside its key, that must not go with it. */
  readonly keeps: (part: Part<F>["part"], container: Tree<F>) => boolean;
  readonly mergeKey: string | undefined;
}

function marked<F>(root: Tree<F>, pointers: readonly string[]): Set<object> {
  const gone = new Set<object>();
  for (const pointer of pointers) mark(root, segmentsOf(pointer), gone);
  return gone;
}

/** Every duplicate of a key goes: the one before it would come to life. */
function mark<F>(node: Tree<F>, [segment, ...rest]: readonly string[], gone: Set<object>): void {
  if (segment === undefined) return;
  if (node.kind === "alias") throw foreign(`the value under "${segment}" is the alias *${node.name}`);
  const named = partsOf(node).filter(({ part, value }) =>
    node.kind === "map" ? (part as Entry<F>).key === segment : isElement(value, segment),
  );
  const last = named.at(-1);
  if (last && rest.length > 0) mark(last.value, rest, gone);
  else for (const { part } of node.kind === "map" ? named : named.slice(0, 1)) gone.add(part);
}

/** What a removal takes: a map's entries, a list's elements. */
interface Part<F> {
  readonly part: Entry<F> | Tree<F>;
  readonly value: Tree<F>;
}

function partsOf<F>(node: Tree<F>): Part<F>[] {
  if (node.kind === "list") return node.items.map((item) => ({ part: item, value: item }));
  return node.kind === "map" ? node.entries.map((entry) => ({ part: entry, value: entry.value })) : [];
}

/** Marks what becomes empty, and says what has to be done; innermost first. */
function sweep<F>(node: Tree<F>, gone: Set<object>, limits: Limits<F>): Operation<F>[] {
  const inner = partsOf(node).flatMap(({ part, value }) => {
    const isContainer = value.kind === "map" || value.kind === "list";
    const stays = isContainer && limits.keeps(part, value);
    if (gone.has(part) && stays) gone.delete(part);
    if (gone.has(part)) return [];
    if (node.kind === "list" && !isAllGone(value, gone)) keepName(value, gone, limits.mergeKey);
    const operations = sweep(value, gone, limits);
    if (!isEmptied(value, gone) || stays) return operations;
    gone.add(part);
    return [];
  });
  if (!partsOf(node).some(({ part }) => gone.has(part))) return inner;
  return [...inner, ...taking(node, gone)];
}

function isAllGone<F>(node: Tree<F>, gone: ReadonlySet<object>): boolean {
  const parts = partsOf(node);
  return parts.length > 0 && parts.every(({ part, value }) => gone.has(part) || isAllGone(value, gone));
}

function keepName<F>(element: Tree<F>, gone: Set<object>, mergeKey: string | undefined): void {
  if (element.kind !== "map") return;
  for (const entry of element.entries) if (entry.key === mergeKey) gone.delete(entry);
}

function taking<F>(node: Tree<F>, gone: ReadonlySet<object>): Operation<F>[] {
  if (node.kind === "map") {
    return [{ op: "remove", from: node, entries: node.entries.filter((entry) => gone.has(entry)) }];
  }
  return node.kind === "list" ? [{ op: "take", from: node, items: node.items.filter((item) => gone.has(item)) }] : [];
}

function isEmptied<F>(node: Tree<F>, gone: ReadonlySet<object>): boolean {
  const parts = partsOf(node);
  return parts.length > 0 && parts.every(({ part }) => gone.has(part));
}

function without<F>(node: Tree<F>, gone: ReadonlySet<object>): Tree<F> {
  if (node.kind === "list") {
    return { ...node, items: node.items.filter((item) => !gone.has(item)).map((item) => without(item, gone)) };
  }
  if (node.kind !== "map") return node;
  const entries: Entry<F>[] = node.entries.filter((entry) => !gone.has(entry));
  return { ...node, entries: entries.map((entry) => ({ ...entry, value: without(entry.value, gone) })) };
}

/** A rendering without the values that the pointers name: they are left to somebody else. */
export function leavingOut<F>(rendered: Tree<F>, pointers: readonly string[]): Tree<F> {
  return pointers.length === 0 ? rendered : without(rendered, marked(rendered, pointers));
}

/** Without maps and lists in which there is nothing: some formats can't write them, others must. */
export function withoutEmpties<F>(node: Tree<F>): Tree<F> | undefined {
  if (node.kind === "list") {
    const items = node.items.flatMap((item) => withoutEmpties(item) ?? []);
    return items.length === 0 ? undefined : { ...node, items };
  }
  if (node.kind !== "map") return node;
  const entries = node.entries.flatMap((entry) => {
    const value = withoutEmpties(entry.value);
    return value ? [{ ...entry, value }] : [];
  });
  return entries.length === 0 ? undefined : { ...node, entries };
}
