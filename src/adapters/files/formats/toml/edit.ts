import { aboveRemarks, insertBlock, insertOnTop } from "../blocks/lines.ts";
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
import { hasHeader, printInline, printLine, printPair, printSections, type TomlStyle } from "./print.ts";

type Table = MapNode<TomlFacts>;
type Entries = readonly Entry<TomlFacts>[];

/** The file that is edited. */
interface Target {
  readonly text: string;
  readonly root: TomlTree;
}

/** Edits that carry out a plan in the file's own style. New keys of the root come first: behind a header they are not its. */
export function tomlEdits(text: string, root: TomlTree, operations: readonly Operation<TomlFacts>[]): Edit[] {
  const isTop = (operation: Operation<TomlFacts>) => operation.op === "insert" && operation.into === root;
  const top = operations.filter(isTop);
  const ordered = [
    ...top.map((operation) => only(operation, (value) => !hasHeader(value))),
    ...operations.filter((operation) => !isTop(operation)),
    ...top.map((operation) => only(operation, hasHeader)),
  ];
  return ordered.flatMap((operation) => edit({ text, root }, operation));
}

function only(operation: Operation<TomlFacts>, keep: (value: TomlTree) => boolean): Operation<TomlFacts> {
  if (operation.op !== "insert") return operation;
  return { ...operation, entries: operation.entries.filter(({ value }) => keep(value)) };
}

function edit(target: Target, operation: Operation<TomlFacts>): Edit[] {
  const { text } = target;
  if (operation.op === "replace") return [replace(text, operation.at, operation.value)];
  if (operation.op === "insert") return insert(target, operation.into, operation.entries);
  if (operation.op === "remove") return remove(text, operation.from, operation.entries);
  const { into, items } = operation;
  if (into.facts.style !== "tables") {
    return insertItems(
      text,
      into,
      items.map((item) => () => printInline(item)),
      brackets(text),
    );
  }
  const last = into.items.at(-1);
  const at = last ? nextLine(text, last.facts.extent) : text.length;
  const lines = printSections(into.facts.path, { ...into, items }, styleOf(text, last, target.root));
  return [insertBlock(text, at, headers(target), lines)];
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

function insert(target: Target, into: Table, entries: Entries): Edit[] {
  const { text } = target;
  const { facts } = into;
  if (facts.inside) return insertInside(text, into, entries);
  const sections = facts.style === "dotted" ? [] : entries.filter(({ value }) => hasHeader(value));
  const own = entries.filter((entry) => !sections.includes(entry));
  const at = facts.style === "root" ? text.length : nextLine(text, facts.extent);
  const style = styleOf(text, into, target.root);
  const blocks = sections.map(({ rawKey, value }) => {
    const path = facts.path === "" ? rawKey : `${facts.path}.${rawKey}`;
    return insertBlock(text, at, headers(target), printSections(path, value, style));
  });
  return own.length === 0 ? blocks : [insertLines(target, into, own, style), ...blocks];
}

function insertInside(text: string, into: Table, entries: Entries): Edit[] {
  if (into.facts.style !== "inline") {
    throw unsupported(`the dotted key at ${position(text, into.start)} stands in braces`);
  }
  const items = entries.map((entry) => () => printPair(entry));
  return insertItems(text, { start: into.start, end: into.end, items: into.entries }, items, brackets(text));
}

function insertLines(target: Target, into: Table, entries: Entries, style: TomlStyle): Edit {
  const { text } = target;
  const { facts } = into;
  const printed = entries.map((entry) => printLine(entry, facts.prefix, style));
  if (facts.style === "implicit") {
    return insertBlock(text, aboveRemarks(text, into.start), headers(target), [`[${facts.path}]`, ...printed]);
  }
  if (facts.last === undefined) return insertOnTop(text, headers(target)[0], printed);
  const at = nextLine(text, facts.last);
  return replaceLines(text, at, at, printed, lineEnding(text));
}

function headers({ root }: Target): readonly number[] {
  return root.facts.headers;
}

function styleOf(text: string, like: TomlTree | undefined, root: TomlTree): TomlStyle {
  const { last, lastStart, separator } = like?.facts ?? root.facts;
  const plain = (separator ?? anySeparator(root) ?? " = ").replaceAll(/[ \t]+/g, " ");
  return { indent: last === undefined ? "" : indentation(text, lastStart), separator: plain };
}

/** How the file writes its first key, whichever table that is in. */
function anySeparator(node: TomlTree): string | undefined {
  if (node.kind === "map") {
    const own = node.facts.style === "inline" ? undefined : node.facts.separator;
    return own ?? node.entries.map(({ value }) => anySeparator(value)).find((found) => found !== undefined);
  }
  return node.kind === "list" ? node.items.map(anySeparator).find((found) => found !== undefined) : undefined;
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
  return entries.map(({ start, end, value }) => {
    if (hasHeader(value)) throw unsupported(`the table at ${position(text, start)} would be removed whole`);
    const behind = skipBlanks(text, end);
    const remark = behind < lineEnd(text, end);
    return remark
      ? { start, end: behind, text: "" }
      : replaceLines(text, lineStart(text, start), nextLine(text, end), [], lineEnding(text));
  });
}
