import { type BracketStyle, insertItems, removeItems } from "../brackets.ts";
import { type Edit, indentation, lineEnding } from "../edits.ts";
import type { Operation } from "../plan.ts";
import { childrenOf, type Entry } from "../tree.ts";
import type { JsonTree } from "./read.ts";

interface JsonStyle extends BracketStyle {
  /** Between key and value: `: ` or `:`. */
  readonly colon: string;
}

/** Edits that carry out a plan in the file's own style. */
export function jsonEdits(text: string, root: JsonTree, operations: readonly Operation<null>[]): Edit[] {
  const style = detectStyle(text, root);
  return operations.flatMap((operation) => edit(text, operation, style));
}

function edit(text: string, operation: Operation<null>, style: JsonStyle): Edit[] {
  if (operation.op === "replace") {
    const { at, value } = operation;
    return [{ start: at.start, end: at.end, text: print(value, valueIndent(text, at, style), style) }];
  }
  if (operation.op === "append") {
    const added = operation.items.map((item) => (indent: string | undefined) => print(item, indent, style));
    return insertItems(text, operation.into, added, style);
  }
  if (operation.op === "take") {
    const { start, end, items } = operation.from;
    return removeItems(text, { start, end, items }, new Set(operation.items), style);
  }
  if (operation.op === "remove") {
    const { start, end, entries } = operation.from;
    return removeItems(text, { start, end, items: entries }, new Set(operation.entries), style);
  }
  const { start, end, entries } = operation.into;
  const added = operation.entries.map((entry) => (indent: string | undefined) => printEntry(entry, indent, style));
  return insertItems(text, { start, end, items: entries }, added, style);
}

/** A list or map that stands on one line is replaced by one on one line. */
function valueIndent(text: string, at: JsonTree, style: JsonStyle): string | undefined {
  const oneLine = (at.kind === "list" || at.kind === "map") && !text.slice(at.start, at.end).includes("\n");
  const empty = (at.kind === "list" && at.items.length === 0) || (at.kind === "map" && at.entries.length === 0);
  return !style.multiline || (oneLine && !empty) ? undefined : indentation(text, at.start);
}

function print(node: JsonTree, indent: string | undefined, style: JsonStyle): string {
  if (node.kind === "scalar") return node.raw;
  if (node.kind === "alias") return print(node.target, indent, style);
  const inner = indent === undefined ? undefined : indent + style.unit;
  const items =
    node.kind === "map"
      ? node.entries.map((entry) => printEntry(entry, inner, style))
      : node.items.map((item) => print(item, inner, style));
  const [open, close] = node.kind === "map" ? "{}" : "[]";
  if (items.length === 0) return `${open}${close}`;
  if (inner === undefined) return `${open}${items.join(style.comma)}${close}`;
  return `${open}${items.map((item) => style.eol + inner + item).join(",")}${style.eol}${indent}${close}`;
}

function printEntry(entry: Entry<null>, indent: string | undefined, style: JsonStyle): string {
  return `${entry.rawKey}${style.colon}${print(entry.value, indent, style)}`;
}

function detectStyle(text: string, root: JsonTree): JsonStyle {
  const colon = find(root, (node) => (node.kind === "map" ? colonOf(text, node.entries[0]) : undefined)) ?? ": ";
  return {
    skipComment,
    eol: lineEnding(text),
    unit: find(root, (node) => unitOf(text, node)) ?? "  ",
    comma: colon.endsWith(" ") ? ", " : ",",
    multiline: text.slice(root.start, root.end).includes("\n") || root.end - root.start <= 2,
    colon,
  };
}

/** The first answer that a node gives, outermost first. */
function find<T>(node: JsonTree, ask: (node: JsonTree) => T | undefined): T | undefined {
  const answer = ask(node);
  if (answer !== undefined) return answer;
  for (const child of childrenOf(node)) {
    const found = find(child, ask);
    if (found !== undefined) return found;
  }
  return undefined;
}

function itemsOf(node: JsonTree): readonly { readonly start: number; readonly end: number }[] {
  if (node.kind === "list") return node.items;
  return node.kind === "map" ? node.entries : [];
}

/** `: ` without the blanks that align values in columns. */
function colonOf(text: string, entry: Entry<null> | undefined): string | undefined {
  const between = entry && text.slice(entry.keyEnd, entry.value.start);
  return between !== undefined && /^ ?: ?$/.test(between) ? between : undefined;
}

function unitOf(text: string, node: JsonTree): string | undefined {
  const first = itemsOf(node)[0];
  if (!first || !text.slice(node.start, first.start).includes("\n")) return undefined;
  const outer = indentation(text, node.start);
  const inner = indentation(text, first.start);
  return inner.startsWith(outer) && inner.length > outer.length ? inner.slice(outer.length) : undefined;
}

/** Line and block comments, as JSON with comments has them. */
function skipComment(text: string, offset: number): number {
  if (text[offset] !== "/") return offset;
  if (text[offset + 1] === "*") return text.indexOf("*/", offset + 2) + 2;
  const end = text.indexOf("\n", offset);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}
