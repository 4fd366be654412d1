import { DotvaultError } from "../../../errors.ts";
import { type Keyed, keyed, type Matching } from "./elements.ts";
import {
  type Entry,
  effective,
  isNull,
  type ListNode,
  type MapNode,
  sameValue,
  type Tree,
  withoutNulls,
} from "./tree.ts";

/** What has to happen to the target. Values come from the rendering, places from the target. */
export type Operation<F> =
  | { readonly op: "replace"; readonly at: Tree<F>; readonly value: Tree<F> }
  | { readonly op: "insert"; readonly into: MapNode<F>; readonly entries: readonly Entry<F>[] }
  | { readonly op: "append"; readonly into: ListNode<F>; readonly items: readonly Tree<F>[] }
  | { readonly op: "remove"; readonly from: MapNode<F>; readonly entries: readonly Entry<F>[] }
  | { readonly op: "take"; readonly from: ListNode<F>; readonly items: readonly Tree<F>[] };

export interface Wishes extends Matching {
  readonly deleteNulls: boolean;
}

/** The keys that the rendering's nulls take away. Every duplicate goes: the one before it would come to life. */
export function planRemovals<F>(target: Tree<F>, rendered: Tree<F>, wishes: Wishes): Operation<F>[] {
  if (!wishes.deleteNulls) return [];
  if (target.kind === "list") return removeInElements(target, rendered, wishes);
  if (rendered.kind !== "map") return [];
  if (target.kind === "alias") return throughAlias(target, planRemovals(target.target, rendered, wishes), wishes);
  return target.kind === "map" ? removeInMap(target, rendered, wishes) : [];
}

function removeInMap<F>(target: MapNode<F>, rendered: MapNode<F>, wishes: Wishes): Operation<F>[] {
  const present = effective(target);
  const gone = new Set<string>();
  const below: Operation<F>[] = [];
  for (const [key, entry] of effective(rendered)) {
    if (isNull(entry.value)) {
      refuseInherited(target, key, wishes);
      gone.add(key);
      continue;
    }
    const old = present.get(key);
    if (old) below.push(...planRemovals(old.value, entry.value, wishes));
  }
  const entries = target.entries.filter((entry) => gone.has(entry.key));
  return entries.length === 0 ? below : [...below, { op: "remove", from: target, entries }];
}

function removeInElements<F>(target: ListNode<F>, rendered: Tree<F>, wishes: Wishes): Operation<F>[] {
  const match = keyed(target, rendered, wishes);
  return match ? match.pairs.flatMap(({ old, value }) => planRemovals(old, value, wishes)) : [];
}

/** The values that differ. Planned on a target whose removals are already done. */
export function planChanges<F>(target: Tree<F>, rendered: Tree<F>, wishes: Wishes): Operation<F>[] {
  const value = wishes.deleteNulls ? withoutNulls(rendered) : rendered;
  return change(target, value, wishes);
}

function change<F>(target: Tree<F>, value: Tree<F>, wishes: Wishes): Operation<F>[] {
  const real = target.kind === "alias" ? target.target : target;
  if (real.kind === "map" && value.kind === "map") {
    return throughAlias(target, changeMap(real, value, wishes), wishes);
  }
  const match = keyed(real, value, wishes);
  if (match) return throughAlias(target, changeElements(match, wishes), wishes);
  return sameValue(target, value) ? [] : [{ op: "replace", at: target, value }];
}

function changeMap<F>(target: MapNode<F>, value: MapNode<F>, wishes: Wishes): Operation<F>[] {
  const present = effective(target);
  const operations: Operation<F>[] = [];
  const added: Entry<F>[] = [];
  for (const [key, entry] of effective(value)) {
    const old = present.get(key);
    if (old) operations.push(...change(old.value, entry.value, wishes));
    else {
      if (entry.value.kind !== "scalar") refuseInherited(target, key, wishes);
      added.push(entry);
    }
  }
  if (added.length > 0) operations.push({ op: "insert", into: target, entries: added });
  return operations;
}

function changeElements<F>(match: Keyed<F>, wishes: Wishes): Operation<F>[] {
  const operations = match.pairs.flatMap(({ old, value }) => planChanges(old, value, wishes));
  const items = match.added.map((item) => (wishes.deleteNulls ? withoutNulls(item) : item));
  if (items.length > 0) operations.push({ op: "append", into: match.list, items });
  return operations;
}

function refuseInherited(map: MapNode<unknown>, key: string, wishes: Wishes): void {
  if (!map.inherits?.has(key)) return;
  throw foreign(`the key "${key}" of the map at ${wishes.where(map.start)} is inherited through <<`);
}

function throughAlias<F>(target: Tree<F>, operations: Operation<F>[], wishes: Wishes): Operation<F>[] {
  if (target.kind !== "alias" || operations.length === 0) return operations;
  throw foreign(`the value at ${wishes.where(target.start)} is the alias *${target.name}, other keys share it`);
}

/** A refusal because the change would reach keys that are not ours. */
export function foreign(what: string): DotvaultError {
  return new DotvaultError("files.would-touch-foreign", what, {
    hint: "write the value out at that place, without the alias, and sync again",
  });
}
