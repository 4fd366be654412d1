import { type Bracketed, type BracketStyle, insertItems, removeItems } from "../brackets.ts";
import { type Edit, lineEnding } from "../edits.ts";
import type { Operation } from "../plan.ts";
import { childrenOf, type MapNode } from "../tree.ts";
import { insertLines, removeEntries, takeElements } from "./block.ts";
import type { YamlFacts, YamlTree } from "./facts.ts";
import { flowEntry, listLines, mapLines, type Place, printFlow, type YamlStyle } from "./print.ts";
import { replaceValue } from "./replace.ts";
import { refuseShared } from "./shared.ts";

/** Edits that carry out a plan in the file's own style. */
export function yamlEdits(text: string, root: YamlTree, operations: readonly Operation<YamlFacts>[]): Edit[] {
  refuseShared(text, root, operations);
  const style = detectStyle(text, root);
  return operations.flatMap((operation) => edit(text, operation, style));
}

function edit(text: string, operation: Operation<YamlFacts>, style: YamlStyle): Edit[] {
  if (operation.op === "replace") return replaceValue(text, operation.at, operation.value, style);
  if (operation.op === "append") {
    const { into, items } = operation;
    if (into.facts.style === "block")
      return insertLines(text, into, (own) => listLines(items, into.facts.column, own), style);
    const place = placeIn(into.items[0]?.facts.style === "double");
    return insertItems(
      text,
      into,
      items.map((item) => () => printFlow(item, place)),
      brackets(style),
    );
  }
  if (operation.op === "take") {
    const { from, items } = operation;
    if (from.facts.style === "block") return takeElements(text, from, items, style);
    return removeItems(text, from, new Set(items), brackets(style));
  }
  if (operation.op === "remove") {
    const { from, entries } = operation;
    if (from.facts.style === "block") return removeEntries(text, from, new Set(entries), style);
    return removeItems(text, bracketed(from), new Set(entries), brackets(style));
  }
  const { into, entries } = operation;
  const quoted = isJsonLike(into);
  if (into.facts.style === "block") {
    return insertLines(text, into, (own) => mapLines(entries, into.facts.column, own, quoted), style);
  }
  const place = placeIn(quoted);
  return insertItems(
    text,
    bracketed(into),
    entries.map((entry) => () => flowEntry(entry, place)),
    brackets(style),
  );
}

function placeIn(json: boolean): Place {
  return { inFlow: true, json };
}

function bracketed({ start, end, entries }: MapNode<YamlFacts>): Bracketed {
  return { start, end, items: entries };
}

function isJsonLike(map: MapNode<YamlFacts>): boolean {
  return map.entries.length > 0 && map.entries.every((entry) => entry.rawKey.startsWith('"'));
}

function brackets({ eol, unit }: YamlStyle): BracketStyle {
  return { skipComment, eol, unit: " ".repeat(unit), comma: ", ", multiline: false };
}

function skipComment(text: string, offset: number): number {
  if (text[offset] !== "#") return offset;
  const end = text.indexOf("\n", offset);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function detectStyle(text: string, root: YamlTree): YamlStyle {
  const unit = firstStep(root, "map") ?? 2;
  return { eol: lineEnding(text), unit, dashes: firstStep(root, "list") ?? unit, open: !text.endsWith("\n") };
}

/** Columns between a block map's keys and those of the first block map or list below one of them. */
function firstStep(node: YamlTree, kind: "map" | "list"): number | undefined {
  if (node.kind !== "map" && node.kind !== "list") return undefined;
  for (const child of childrenOf(node)) {
    const direct = node.kind === "map" && child.kind === kind && child.facts.style === "block";
    const found = direct ? child.facts.column - node.facts.column : firstStep(child, kind);
    if (found !== undefined) return found;
  }
  return undefined;
}
