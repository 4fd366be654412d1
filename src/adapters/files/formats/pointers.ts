import { elementId } from "./elements.ts";
import { effective, type MapNode, type Tree } from "./tree.ts";

/** A value in a text: what it means, and the line (from 1) that it begins on. */
export interface Placed {
  /** Equal for equal values, however they are spelled. */
  readonly identity: string;
  readonly line: number;
}

/** RFC 6901 §3. */
export function escaped(segment: string): string {
  return segment.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The names of a JSON pointer (RFC 6901 §4), outermost first. */
export function segmentsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What lies below a node under one name of a pointer: a map's key, or the element that `serverId=acme` names. */
export function below<F>(node: Tree<F>, segment: string): Tree<F> | undefined {
  const real = node.kind === "alias" ? node.target : node;
  if (real.kind === "map") return effective(real as MapNode<F>).get(segment)?.value;
  return real.kind === "list" ? real.items.find((item) => isElement(item, segment)) : undefined;
}

export function isElement(item: Tree<unknown>, segment: string): boolean {
  const at = segment.indexOf("=");
  return at > 0 && elementId(item, segment.slice(0, at))?.text === segment.slice(at + 1);
}

/** The node that a pointer names; undefined where there is none. */
export function lookUp<F>(root: Tree<F>, pointer: string): Tree<F> | undefined {
  let node: Tree<F> | undefined = root;
  for (const segment of segmentsOf(pointer)) node = node && below(node, segment);
  return node;
}

/**
 * Whether a managed pointer that leads here means the whole of it. An empty map or list that was rendered changes nothing
 * where there is one already, and that may hold what is others'.
 */
export function isWhole(node: Tree<unknown>, mergeKey: string | undefined): boolean {
  if (node.kind === "map") return node.entries.length === 0;
  const isKeyed = (item: Tree<unknown>) => mergeKey !== undefined && elementId(item, mergeKey) !== undefined;
  return node.kind !== "list" || !node.items.some(isKeyed);
}

/** One text for equal values, of whatever kind. */
export function identityOf(node: Tree<unknown>): string {
  if (node.kind === "alias") return identityOf(node.target);
  if (node.kind === "scalar") return node.identity;
  if (node.kind === "list") return JSON.stringify(node.items.map(identityOf));
  const entries = [...effective(node)].map(([key, { value }]) => [key, identityOf(value)]);
  return JSON.stringify(entries.sort(([a = ""], [b = ""]) => Number(a > b) - Number(a < b)));
}
