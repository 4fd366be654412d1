import { position } from "../edits.ts";
import { foreign, type Operation } from "../plan.ts";
import { childrenOf } from "../tree.ts";
import type { YamlFacts, YamlTree } from "./facts.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Refuses changes inside a value that aliases share, and the loss of an anchor that aliases outside still need. */
export function refuseShared(text: string, root: YamlTree, operations: readonly Operation<YamlFacts>[]): void {
  const shared = sharedNodes(root);
  if (shared.length === 0) return;
  for (const operation of operations) {
    const clash = shared.find((node) => touches(operation, node));
    if (!clash) continue;
    throw foreign(
      `the value at ${position(text, clash.start)} is also used at ${position(text, clash.facts.sharedAt ?? 0)} through its anchor`,
    );
  }
}

function sharedNodes(node: YamlTree): YamlTree[] {
  const own = node.facts.sharedAt === undefined ? [] : [node];
  return [...own, ...childrenOf(node).flatMap(sharedNodes)];
}

function touches(operation: Operation<YamlFacts>, shared: YamlTree): boolean {
  if (operation.op === "insert" || operation.op === "append") return contains(shared, operation.into);
  if (operation.op === "replace") return contains(shared, operation.at) || loses(operation.at, shared);
  const gone: readonly Range[] = operation.op === "take" ? operation.items : operation.entries;
  return contains(shared, operation.from) || gone.some((range) => loses(range, shared));
}

function loses(gone: Range, shared: YamlTree): boolean {
  const aliasAt = shared.facts.sharedAt ?? 0;
  return contains(gone, shared) && !(gone.start <= aliasAt && aliasAt < gone.end);
}

function contains(outer: Range, inner: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
