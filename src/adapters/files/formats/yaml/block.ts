import { type Edit, lineEnd, lineStart, nextLine, position, replaceLines, skipBlanks } from "../edits.ts";
import { unsupported } from "../refusals.ts";
import { childrenOf, type Entry, type ListNode, type MapNode } from "../tree.ts";
import type { YamlFacts, YamlTree } from "./facts.ts";
import type { YamlStyle } from "./print.ts";

/** The beginning of the first line behind a block value; a block scalar's range already ends there. */
export function behindLine(text: string, end: number): number {
  return text[end - 1] === "\n" ? end : nextLine(text, end);
}

/** The style for lines that go to `offset`: an indented comment behind them must not become part of a block text. */
export function styleAt(text: string, offset: number, style: YamlStyle): YamlStyle {
  return isIndentedComment(text, offset) ? { ...style, noBlockText: true } : style;
}

function isIndentedComment(text: string, offset: number): boolean {
  return /^(?:[ \t]*\r?\n)*[ \t]+#/.test(text.slice(offset));
}

type PrintLines = (style: YamlStyle) => readonly string[];

/** Puts lines behind the line on which a block collection ends. */
export function insertLines(text: string, into: YamlTree, print: PrintLines, style: YamlStyle): Edit[] {
  const last = deepestLast(into);
  if (style.open && into.end === text.length && isOpenBlock(last)) {
    throw unsupported(`the block text at ${position(text, last.start)} ends the file without a line break`);
  }
  const at = behindLine(text, into.end);
  return [replaceLines(text, at, at, print(styleAt(text, at, style)), style.eol)];
}

/** A block scalar whose value a line break behind it would change. */
function isOpenBlock(node: YamlTree): boolean {
  return node.kind === "scalar" && node.facts.style === "block-scalar" && !/^[|>]\d?-/.test(node.raw);
}

function deepestLast(node: YamlTree): YamlTree {
  const child = childrenOf(node).at(-1);
  return child ? deepestLast(child) : node;
}

/** Takes entries out of a block map; comments of their own lines stay where they are. */
export function removeEntries(
  text: string,
  map: MapNode<YamlFacts>,
  gone: ReadonlySet<Entry<YamlFacts>>,
  style: YamlStyle,
): Edit[] {
  const survivors = map.entries.filter((entry) => !gone.has(entry));
  for (const [i, entry] of map.entries.entries()) if (gone.has(entry)) refuseSwallowed(text, entry, map.entries[i - 1]);
  if (survivors.length === 0) return emptied(text, map, style);
  const leading = map.entries.findIndex((entry) => !gone.has(entry));
  const first = map.entries[0];
  const besideDash = first && text.slice(lineStart(text, first.start), first.start).trim() !== "";
  const skip = besideDash ? leading : 0;
  const edits = map.entries.flatMap((entry, i) => {
    if (i < skip || !gone.has(entry)) return [];
    const above = map.entries[i - 1];
    return [removeLines(text, entry, style, above && isOpenBlock(deepestLast(above.value)))];
  });
  const head = map.entries[skip - 1];
  const next = map.entries[skip];
  if (!first || !head || !next) return edits;
  const below = map.entries.slice(1, skip);
  const isWhole = below.every((entry, i) => text.slice(map.entries[i]?.end, entry.start).trim() === "");
  if (isWhole) return [removeBesideDash(text, first.start, head.end, next.start), ...edits];
  const beside = { start: first.start, end: skipBlanks(text, first.end), text: "" };
  return [beside, ...below.map((entry) => removeLines(text, entry, style)), ...edits];
}

/** A comment behind what goes would become part of a block text before it. */
function refuseSwallowed(text: string, entry: Entry<YamlFacts>, before: Entry<YamlFacts> | undefined): void {
  const behind = behindLine(text, entry.end);
  if (!before || deepestLast(before.value).facts.style !== "block-scalar" || !isIndentedComment(text, behind)) return;
  throw unsupported(
    `the comment at ${position(text, behind)} would become part of the block text before "${entry.key}"`,
  );
}

/** What stood beside a list's dash: the next key moves up to it, unless comments stand in between. */
function removeBesideDash(text: string, start: number, end: number, next: number): Edit {
  const free = text.slice(end, next).trim() === "";
  return { start, end: free ? next : skipBlanks(text, end), text: "" };
}

/** `belowText`: the line break above ends a block text, and is part of it. */
function removeLines(
  text: string,
  entry: { readonly start: number; readonly end: number },
  style: YamlStyle,
  belowText = false,
): Edit {
  const from = lineStart(text, entry.start);
  const behind = skipBlanks(text, entry.end);
  const remark = text[entry.end - 1] !== "\n" && behind < lineEnd(text, entry.end);
  if (remark) return { start: entry.start, end: behind, text: "" };
  if (belowText) return { start: from, end: behindLine(text, entry.end), text: "" };
  return replaceLines(text, from, behindLine(text, entry.end), [], style.eol);
}

/** Takes elements out of a block list; one without elements can only be written in brackets. */
export function takeElements(
  text: string,
  list: ListNode<YamlFacts>,
  gone: readonly YamlTree[],
  style: YamlStyle,
): Edit[] {
  const edits = gone.flatMap((item) => takeElement(text, item, style));
  const { after, properties } = list.facts;
  const head = properties.at(-1)?.end ?? after;
  if (gone.length < list.items.length || head === undefined) return edits;
  return [{ start: head, end: head, text: " []" }, ...edits];
}

/** Its dash goes with it; a comment behind the dash or the element stays. */
function takeElement(text: string, item: YamlTree, style: YamlStyle): Edit[] {
  const dash = (item.facts.after ?? item.start) - 1;
  if (text[dash] !== "-" || text.slice(lineStart(text, dash), dash).trim() !== "") {
    throw unsupported(`the list's element at ${position(text, item.start)} shares its lines with something else`);
  }
  if (text.slice(dash + 1, item.start).trim() === "") return [removeLines(text, { start: dash, end: item.end }, style)];
  return [{ start: dash, end: skipBlanks(text, dash + 1), text: "" }, removeLines(text, item, style)];
}

/** A block map without entries can only be written in brackets; comments between the entries stay. */
function emptied(text: string, map: MapNode<YamlFacts>, style: YamlStyle): Edit[] {
  const { after, properties } = map.facts;
  const head = properties.at(-1)?.end ?? after;
  const from = lineStart(text, map.start);
  const ownLines = text.slice(from, map.start).trim() === "";
  if (head !== undefined && ownLines && head < from) {
    return [{ start: head, end: head, text: " {}" }, ...map.entries.map((entry) => removeLines(text, entry, style))];
  }
  const [first, ...others] = map.entries;
  if (!first) return [];
  const ended = text[first.end - 1] === "\n" ? style.eol : "";
  const brackets = { start: first.start, end: first.end, text: `{}${ended}` };
  return [brackets, ...others.map((entry) => removeLines(text, entry, style))];
}
