import { keyed } from "./elements.ts";
import type { Wishes } from "./plan.ts";
import { type Entry, effective, every, isNull, type MapNode, sameValue, type Tree, withoutNulls } from "./tree.ts";

/**
 * What the target must mean after a merge, worked out on the trees alone, without a look at the text: the guard compares
 * the edited text, read again, with it.
 */
export function merged<F>(target: Tree<F>, rendered: Tree<F>, wishes: Wishes): Tree<F> {
  if (target.kind === "map" && rendered.kind === "map") return mergedMap(target, rendered, wishes);
  const match = keyed(target, rendered, wishes);
  if (match) {
    const changed = new Map(match.pairs.map(({ old, value }) => [old, merged(old, value, wishes)]));
    const items = match.list.items.map((item) => changed.get(item) ?? item);
    return { ...match.list, items: [...items, ...match.added.map((item) => pruned(item, wishes))] };
  }
  const value = pruned(rendered, wishes);
  return sameValue(target, value) ? target : value;
}

function mergedMap<F>(target: MapNode<F>, rendered: MapNode<F>, wishes: Wishes): MapNode<F> {
  const wanted = effective(rendered);
  const last = effective(target);
  const kept: Entry<F>[] = [];
  for (const entry of target.entries) {
    const want = wanted.get(entry.key);
    if (want && wishes.deleteNulls && isNull(want.value)) continue;
    if (want && last.get(entry.key) === entry) kept.push({ ...entry, value: merged(entry.value, want.value, wishes) });
    else kept.push(entry);
  }
  const added = [...wanted.values()].filter((entry) => !last.has(entry.key));
  const live = added.filter((entry) => !(wishes.deleteNulls && isNull(entry.value)));
  return { ...target, entries: [...kept, ...live.map((entry) => ({ ...entry, value: pruned(entry.value, wishes) }))] };
}

function pruned<F>(node: Tree<F>, wishes: Wishes): Tree<F> {
  return wishes.deleteNulls ? withoutNulls(node) : node;
}

/** Whether two trees agree in everything a text can say: also in the order of keys (where it has one), duplicates, and what is an alias. */
export function identical(a: Tree<unknown>, b: Tree<unknown>): boolean {
  if (a.kind === "scalar") return b.kind === "scalar" && a.identity === b.identity;
  if (a.kind === "alias") return b.kind === "alias" && a.name === b.name;
  if (a.kind === "list") return b.kind === "list" && a.tag === b.tag && every(a.items, b.items, identical);
  if (b.kind !== "map" || a.tag !== b.tag) return false;
  return every(inOrder(a), inOrder(b), (x, y) => x.key === y.key && identical(x.value, y.value));
}

function inOrder({ entries, unordered }: MapNode<unknown>): readonly Entry<unknown>[] {
  return unordered ? entries.toSorted((a, b) => Number(a.key > b.key) - Number(a.key < b.key)) : entries;
}
