import { DotvaultError } from "../../../errors.ts";
import { effective, type ListNode, type ScalarNode, type Tree } from "./tree.ts";

/** How the elements of a rendered list meet those of the target's. */
export interface Keyed<F> {
  readonly list: ListNode<F>;
  readonly pairs: readonly { readonly old: Tree<F>; readonly value: Tree<F> }[];
  readonly added: readonly Tree<F>[];
}

export interface Matching {
  readonly mergeKey: string | undefined;
  /** `line 3, column 7` of an offset in the target, for refusals. */
  readonly where: (offset: number) => string;
}

/**
 * Matches elements by the value of the merge key. Undefined: these are not two lists of keyed maps, so the rendered value
 * replaces the old one. A key value that stands twice on either side is refused: nobody can say which is meant.
 */
export function keyed<F>(target: Tree<F>, value: Tree<F>, { mergeKey, where }: Matching): Keyed<F> | undefined {
  if (mergeKey === undefined || target.kind !== "list" || value.kind !== "list") return undefined;
  const rendered = byId(mergeKey, value);
  const present = byId(mergeKey, target);
  if (rendered.size === 0) {
    return value.items.length === 0 && present.size > 0 ? { list: target, pairs: [], added: [] } : undefined;
  }
  if (rendered.size !== value.items.length) throw unkeyed(mergeKey);
  const matches = [...rendered].map(([id, [value]]) => ({ value, old: theOnly(present.get(id), mergeKey, where) }));
  return {
    list: target,
    pairs: matches.flatMap(({ old, value }) => (old && value ? [{ old, value }] : [])),
    added: matches.flatMap(({ old, value }) => (!old && value ? [value] : [])),
  };
}

function theOnly<F>(
  elements: readonly Tree<F>[] | undefined,
  key: string,
  where: Matching["where"],
): Tree<F> | undefined {
  const [first, twin] = elements ?? [];
  if (first && twin) throw ambiguous(key, `${where(first.start)} and ${where(twin.start)}`);
  return first;
}

/** The scalar that names an element; undefined where it has no such key. */
export function elementId<F>(element: Tree<F>, key: string): ScalarNode<F> | undefined {
  const map = element.kind === "alias" ? element.target : element;
  const value = map.kind === "map" ? effective(map).get(key)?.value : undefined;
  return value?.kind === "scalar" ? value : undefined;
}

function byId<F>(key: string, list: ListNode<F>): Map<string, Tree<F>[]> {
  const found = new Map<string, Tree<F>[]>();
  for (const item of list.items) {
    const id = elementId(item, key)?.identity;
    if (id === undefined) continue;
    const same = found.get(id);
    if (same) same.push(item);
    else found.set(id, [item]);
  }
  return found;
}

function unkeyed(key: string): DotvaultError {
  return new DotvaultError(
    "files.rendered-unkeyed",
    `the template's list has elements without "${key}", or two with the same value of it`,
    { hint: `give every element its own "${key}"` },
  );
}

function ambiguous(key: string, places: string): DotvaultError {
  return new DotvaultError("files.ambiguous", `two elements have the same "${key}": ${places}`, {
    hint: "remove one of them and sync again",
  });
}
