import { type Document, isAlias, type Node, type Scalar, visit } from "yaml";
import { DotvaultError } from "../../../../errors.ts";
import { decimalIdentity, type Entry, effective, NULL } from "../tree.ts";
import type { YamlFacts, YamlTree } from "./facts.ts";

/** For every node that an alias refers to: where the last of them stands. */
export function lastAliases(document: Document.Parsed): Map<Node, number> {
  const anchored = new Map<string, Node>();
  const found = new Map<Node, number>();
  visit(document, {
    Node: (_, node) => {
      const anchor = isAlias(node) ? undefined : (node as Scalar).anchor;
      if (anchor !== undefined) anchored.set(anchor, node as Node);
      const target = isAlias(node) ? anchored.get(node.source) : undefined;
      if (target) found.set(target, rangeOf(node as Node)[0]);
    },
  });
  return found;
}

/** Keys that `<<` brings in and no entry of the map's own overrides. */
export function inherited(entries: readonly Entry<YamlFacts>[]): ReadonlySet<string> | undefined {
  const merges = entries.filter((entry) => entry.key === "<<");
  if (merges.length === 0) return undefined;
  const keys = new Set(merges.flatMap((entry) => mergeSources(entry.value).flatMap(keysOf)));
  return keys;
}

function mergeSources(value: YamlTree): readonly YamlTree[] {
  return value.kind === "list" ? value.items : [value];
}

function keysOf(node: YamlTree): string[] {
  const map = node.kind === "alias" ? node.target : node;
  return map.kind === "map" ? [...effective(map).keys(), ...(map.inherits ?? [])] : [];
}

/** See `ScalarNode.identity`. */
export function identity(node: Scalar): string {
  const tag = foreignTag(node);
  const { value } = node;
  const source = node.source ?? "";
  if (tag !== undefined) return `${tag} ${source}`;
  if (typeof value === "string") return `s:${value}`;
  if (value === null || value === undefined) return NULL;
  if (typeof value === "bigint") return decimalIdentity(value.toString()) ?? `n:${value}`;
  if (typeof value === "number") return decimalIdentity(source) ?? `n:${value}`;
  return typeof value === "boolean" ? String(value) : `x:${source}`;
}

/** A tag that the core schema does not know: part of what the value means. */
export function foreignTag(node: { tag?: string }): string | undefined {
  return node.tag === undefined || node.tag.startsWith("tag:yaml.org,2002:") ? undefined : node.tag;
}

/** Source range of a node without what follows it. */
export function rangeOf(node: Node): readonly [number, number] {
  const range = node.range;
  if (!range) throw new DotvaultError("files.guard", "a YAML node without a place");
  return [range[0], range[1]];
}
