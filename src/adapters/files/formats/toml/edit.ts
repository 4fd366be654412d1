import { insertOnTop } from "../blocks/lines.ts";
import { type BracketStyle, insertItems, removeItems } from "../brackets.ts";
import {
  type Edit,
  indentation,
  lineEnd,
  lineEnding,
  lineStart,
  nextLine,
  position,
  replaceLines,
  skipBlanks,
} from "../edits.ts";
import type { Operation } from "../plan.ts";
import { unsupported } from "../refusals.ts";
import type { Entry, MapNode } from "../tree.ts";
import type { TomlFacts, TomlTree } from "./facts.ts";
import { hasHeader, printInline, printLine, printPair } from "./print.ts";
import { belongsInside, sectionEdits, styleOf, type Target } from "./sections.ts";

type Table = MapNode<TomlFacts>;
type Entries = readonly Entry<TomlFacts>[];

/**
 * Edits that carry out a plan in the file's own style. Where several go to one place, lines come before sections: behind
 * a header they would belong to it.
 */
export function tomlEdits(text: string, root: TomlTree, operations: readonly Operation<TomlFacts>[]): Edit[] {
  const target = { text, root };
  return [
    ...operations.flatMap((operation) => lineEdits(target, operation)),
    ...operations.flatMap((operation) => sectionEdits(target, operation)),
  ];
}

function lineEdits(target: Target, operation: Operation<TomlFacts>): Edit[] {
  const { text } = target;
  if (operation.op === "replace") return [replace(text, operation.at, operation.value)];
  if (operation.op === "remove") return remove(text, operation.from, operation.entries);
  if (operation.op === "insert") return insertLines(target, operation.into, operation.entries);
  if (operation.op === "take") return take(text, operation.from, operation.items);
  const { into, items } = operation;
  const added = items.map((item) => () => printInline(item));
  return into.facts.style === "tables" ? [] : insertItems(text, into, added, brackets(text));
}

function replace(text: string, at: TomlTree, value: TomlTree): Edit {
  if (at.kind === "scalar" || at.facts.style === "inline") {
    return { start: at.start, end: at.end, text: lines(text, at, value) ?? printInline(value, at) };
  }
  const what = at.kind === "list" ? "the array of tables" : "the table";
  throw unsupported(`${what} at ${position(text, at.start)} would be replaced whole`);
}

/** A list over several lines stays one over several lines. */
function lines(text: string, at: TomlTree, value: TomlTree): string | undefined {
  const several = at.kind === "list" && text.slice(at.start, at.items[0]?.start).includes("\n");
  if (!several || value.kind !== "list" || value.items.length === 0) return undefined;
  const [eol, outer] = [lineEnding(text), indentation(text, at.start)];
  const inner = indentation(text, at.items[0]?.start ?? at.start);
  return `[${value.items.map((item) => `${eol}${inner}${printInline(item)},`).join("")}${eol}${outer}]`;
}

function insertInside(text: string, into: Table, entries: Entries): Edit[] {
  if (into.facts.style !== "inline") {
    throw unsupported(`the dotted key at ${position(text, into.start)} stands in braces`);
  }
  const items = entries.map((entry) => () => printPair(entry));
  return insertItems(text, { start: into.start, end: into.end, items: into.entries }, items, brackets(text));
}

function insertLines(target: Target, into: Table, entries: Entries): Edit[] {
  const { text, root } = target;
  const { facts } = into;
  if (facts.inside) return insertInside(text, into, entries);
  const own = entries.filter(({ value }) => belongsInside(into, value));
  if (own.length === 0 || facts.style === "implicit") return [];
  const style = styleOf(target, into);
  const printed = own.map((entry) => printLine(entry, facts.prefix, style));
  if (facts.last === undefined) return [insertOnTop(text, root.facts.headers[0], printed)];
  const at = nextLine(text, facts.last);
  return [replaceLines(text, at, at, printed, lineEnding(text))];
}

function brackets(text: string): BracketStyle {
  return { skipComment, eol: lineEnding(text), unit: "  ", comma: ", ", multiline: false };
}

function skipComment(text: string, offset: number): number {
  return text[offset] === "#" ? lineEnd(text, offset) : offset;
}

function remove(text: string, from: Table, entries: Entries): Edit[] {
  if (from.facts.style === "inline") {
    const { start, end, entries: items } = from;
    return removeItems(text, { start, end, items }, new Set(entries), brackets(text));
  }
  return entries.flatMap((entry) => removeEntry(text, entry));
}

/** A table goes line by line, its header first; what its lines leave behind was never ours. */
function removeEntry(text: string, { start, end, value }: Entry<TomlFacts>): Edit[] {
  if (!hasHeader(value)) return [removeLine(text, start, end)];
  const tables = value.kind === "list" ? value.items : [value];
  return tables.flatMap((table) => removeTable(text, table));
}

function removeTable(text: string, table: TomlTree): Edit[] {
  const header = table.facts.style === "section" ? [removeLine(text, table.start, headerEnd(text, table.start))] : [];
  const entries = table.kind === "map" ? table.entries : [];
  return [...header, ...entries.flatMap((entry) => removeEntry(text, entry))];
}

/** Behind the bracket that closes a header; a remark may follow. */
function headerEnd(text: string, start: number): number {
  const line = text.slice(start, lineEnd(text, start));
  return start + (/^\[\[?(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\]"'])*\]\]?/.exec(line)?.[0].length ?? line.length);
}

function take(text: string, from: TomlTree, items: readonly TomlTree[]): Edit[] {
  if (from.facts.style === "tables") return items.flatMap((item) => removeTable(text, item));
  const { start, end } = from;
  const all = from.kind === "list" ? from.items : [];
  return removeItems(text, { start, end, items: all }, new Set(items), brackets(text));
}

function removeLine(text: string, start: number, end: number): Edit {
  const behind = skipBlanks(text, end);
  const remark = behind < lineEnd(text, end);
  return remark
    ? { start, end: behind, text: "" }
    : replaceLines(text, lineStart(text, start), nextLine(text, end), [], lineEnding(text));
}
