import { DotvaultError } from "../../../../errors.ts";
import { type Edit, lineEnd, lineStart, nextLine, replaceLines, skipBlanks, skipBlanksBack } from "../edits.ts";
import type { Operation } from "../plan.ts";
import type { Entry, MapNode, ScalarNode } from "../tree.ts";
import type { BlockFacts, BlockTree } from "./block.ts";
import { isBlank } from "./lines.ts";

type BlockMap = MapNode<BlockFacts>;
type BlockScalar = ScalarNode<BlockFacts>;

/** What a format of blocks brings to have its changes written. */
export interface BlockPrinter {
  /** A value in the place of an old one, in the old one's style. */
  replace(text: string, at: BlockScalar, value: BlockScalar): Edit;
  /** New keys for a block that is there. */
  insertItems(text: string, root: BlockMap, block: BlockMap, entries: readonly Entry<BlockFacts>[]): Edit[];
  /** New blocks. */
  insertBlocks(text: string, root: BlockMap, entries: readonly Entry<BlockFacts>[]): Edit[];
}

/** Edits that carry out a plan. Blocks hold plain values only, so lists never come up. */
export function blockEdits(printer: BlockPrinter) {
  return (text: string, root: BlockTree, operations: readonly Operation<BlockFacts>[]): Edit[] =>
    operations.flatMap((operation) => edit(printer, text, root, operation));
}

function edit(printer: BlockPrinter, text: string, root: BlockTree, operation: Operation<BlockFacts>): Edit[] {
  if (root.kind !== "map") throw impossible();
  if (operation.op === "insert") {
    const { into, entries } = operation;
    return into === root ? printer.insertBlocks(text, root, entries) : printer.insertItems(text, root, into, entries);
  }
  if (operation.op === "remove") return operation.entries.flatMap((entry) => removeEntry(text, entry));
  if (operation.op !== "replace" || operation.at.kind !== "scalar" || operation.value.kind !== "scalar") {
    throw impossible();
  }
  return [printer.replace(text, operation.at, operation.value)];
}

/** Takes away a key, or a block's header and keys; remarks stay. */
function removeEntry(text: string, { start, end, value }: Entry<BlockFacts>): Edit[] {
  if (value.kind !== "map") return [removeRange(text, start, end)];
  return value.facts.blocks.flatMap((block) => {
    const pieces = [
      ...(block.headEnd > block.start ? [{ start: block.start, end: block.headEnd }] : []),
      ...block.items,
    ];
    const whole = wholeLines(text, pieces);
    return whole ? [removeBlock(text, whole)] : pieces.map((piece) => removeRange(text, piece.start, piece.end));
  });
}

type Range = { readonly start: number; readonly end: number };

/** The lines of a block in which nothing else stands. */
function wholeLines(text: string, pieces: readonly Range[]): Range | undefined {
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (!first || !last) return undefined;
  const range = { start: lineStart(text, first.start), end: nextLine(text, last.end) };
  const ends = [range.start, ...pieces.map(({ end }) => end)];
  const starts = [...pieces.map(({ start }) => start), range.end];
  return ends.every((end, i) => text.slice(end, starts[i]).trim() === "") ? range : undefined;
}

/** Of the blank lines before and behind it one goes, too; blank lines at the end of the file may be the user's. */
function removeBlock(text: string, { start, end }: Range): Edit {
  const above = lineStart(text, Math.max(0, start - 1));
  const isParted = start > 0 && isBlank(text, above);
  const behind = end === text.length ? !text.endsWith("\n") : isBlank(text, end);
  if (isParted && behind) return replaceLines(text, above, end, [], "");
  if (start === 0 && end < text.length && isBlank(text, end)) return replaceLines(text, 0, nextLine(text, end), [], "");
  return replaceLines(text, start, end, [], "");
}

/** The whole lines where nothing else stands on them, else the range and the blanks behind it. */
function removeRange(text: string, start: number, end: number): Edit {
  const from = lineStart(text, start);
  const behind = skipBlanks(text, end);
  const isLast = behind === lineEnd(text, end);
  const alone = text.slice(from, start).trim() === "" && isLast;
  if (alone) return replaceLines(text, from, nextLine(text, end), [], "");
  return { start: isLast ? skipBlanksBack(text, start) : start, end: behind, text: "" };
}

function impossible(): DotvaultError {
  return new DotvaultError("files.guard", "a change that this format has no place for");
}
