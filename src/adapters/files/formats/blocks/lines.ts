import { type Edit, lineEnd, lineEnding, lineStart, nextLine, replaceLines } from "../edits.ts";
import type { Entry, MapNode } from "../tree.ts";
import type { Block, BlockFacts, Item } from "./block.ts";

/** How a key's line is written: `\tname = value`. */
export interface LineStyle {
  readonly indent: string;
  readonly separator: string;
}

/** Prints a key's line in a style. */
export type PrintLine = (entry: Entry<BlockFacts>, style: LineStyle) => string;

/** Puts lines behind a block's last key, or behind its header; those of the first block before the first header. */
export function insertIntoBlock(text: string, block: Block, next: Block | undefined, lines: readonly string[]): Edit {
  const eol = lineEnding(text);
  const last = block.items.at(-1)?.end ?? (block.headEnd > block.start ? block.headEnd : undefined);
  if (last === undefined) return insertOnTop(text, next?.start, lines);
  const at = nextLine(text, last);
  return replaceLines(text, at, at, lines, eol);
}

/** Above the first header and the remark that belongs to it, with a blank line in between. */
export function insertOnTop(text: string, header: number | undefined, lines: readonly string[]): Edit {
  const at = header === undefined ? text.length : aboveRemarks(text, header);
  return replaceLines(text, at, at, at === text.length ? lines : [...lines, ""], lineEnding(text));
}

/** The beginning of the line at `offset`, or of the remarks that stand directly above it. */
export function aboveRemarks(text: string, offset: number): number {
  let at = lineStart(text, offset);
  while (at > 0) {
    const before = lineStart(text, at - 1);
    if (!/^[ \t]*[#;]/.test(text.slice(before, at))) break;
    at = before;
  }
  return at;
}

/** Puts a new block's lines before the line at `at`, parted by blank lines where the file parts its blocks so, or must. */
export function insertBlock(
  text: string,
  at: number,
  headers: readonly number[],
  lines: readonly string[],
  must = false,
): Edit {
  const parted = must || partsBlocks(text, headers);
  const before = parted && at > 0 && !isBlank(text, lineStart(text, at - 1)) ? [""] : [];
  const after = parted && at < text.length && !isBlank(text, at) ? [""] : [];
  return replaceLines(text, at, at, [...before, ...lines, ...after], lineEnding(text));
}

/** Blank lines before headers; unless no header of several has one. */
function partsBlocks(text: string, headers: readonly number[]): boolean {
  const later = headers.slice(-20).filter((start) => lineStart(text, start) > 0);
  if (later.length === 0) return true;
  return later.some((start) => {
    const at = aboveRemarks(text, start);
    return at > 0 && isBlank(text, lineStart(text, at - 1));
  });
}

export function isBlank(text: string, offset: number): boolean {
  return text.slice(offset, lineEnd(text, offset)).trim() === "";
}

/** Where blocks with a header begin. */
export function headersOf(blocks: readonly Block[]): number[] {
  return blocks.filter(({ start, headEnd }) => headEnd > start).map(({ start }) => start);
}

/** The style of the block's own last key, else of the last one in a block of its kind, else the rendering's. */
export function lineStyle(
  text: string,
  root: MapNode<BlockFacts>,
  place: { readonly name: string; readonly blocks: readonly Block[] },
  own: LineStyle,
): LineStyle {
  const kin = root.facts.blocks.filter(({ name }) => (name === "") === (place.name === ""));
  const near = lastWithValue(place.blocks) ?? lastWithValue(kin);
  const example = near ?? lastWithValue(root.facts.blocks);
  // The line above: by a deeper line some programs understand that it goes on with the value before it.
  const above = place.blocks.findLast(({ items }) => items.length > 0)?.items.at(-1) ?? near;
  return {
    indent: above ? text.slice(lineStart(text, above.start), above.start) : own.indent,
    separator: example ? plainSeparator(text.slice(example.keyEnd, example.valueStart)) : own.separator,
  };
}

/** One blank where several align values in columns. */
function plainSeparator(separator: string): string {
  return separator.replace(/^[ \t]+/, " ").replace(/[ \t]+$/, " ");
}

function lastWithValue(blocks: readonly Block[]): Item | undefined {
  return blocks.findLast(({ items }) => items.some(hasValue))?.items.findLast(hasValue);
}

function hasValue({ end, valueStart, text }: Item): boolean {
  return end > valueStart && !text.startsWith("\n");
}
