import { DotvaultError } from "../../../../errors.ts";
import type { Block, BlockFacts } from "../blocks/block.ts";
import { type BlockPrinter, blockEdits } from "../blocks/edits.ts";
import { aboveRemarks, headersOf, insertBlock, insertIntoBlock, lineStyle } from "../blocks/lines.ts";
import type { Entry, MapNode, Tree } from "../tree.ts";
import { spellArgument } from "./arguments.ts";
import { isCommand } from "./keywords.ts";
import { wordsOf } from "./read.ts";

type Entries = readonly Entry<BlockFacts>[];
type Place = { readonly name: string; readonly blocks: readonly Block[] };

const printer: BlockPrinter = {
  replace: (text, at, value) => {
    const keyword = keywordBefore(text, at.start);
    return { start: at.start, end: at.end, text: spelled(keyword, value.text, at.raw) };
  },
  insertItems: (text, root, block, entries) => {
    const blocks = block.facts.blocks;
    const first = blocks.find(({ items }) => items.length > 0) ?? blocks[0];
    if (!first) return [];
    const next = root.facts.blocks[root.facts.blocks.indexOf(first) + 1];
    return [insertIntoBlock(text, first, next, lines(text, root, entries, { name: first.name, blocks: [first] }))];
  },
  insertBlocks: (text, root, entries) =>
    entries.map((entry) => {
      const inside = entry.value.kind === "map" ? entry.value.entries : [];
      const printed = lines(text, root, inside, { name: entry.key, blocks: [] });
      const at = placeFor(text, entry.key, root.facts.blocks);
      return insertBlock(text, at, headersOf(root.facts.blocks), [entry.rawKey, ...printed]);
    }),
};

/** Edits in the file's own style. */
export const sshConfigEdits = blockEdits(printer);

function lines(text: string, root: MapNode<BlockFacts>, entries: Entries, place: Place): string[] {
  return entries.map(({ rawKey, value }) => {
    const { indent, separator } = lineStyle(text, root, place, factsOf(value));
    return `${indent}${rawKey}${separator}${spelled(rawKey.toLowerCase(), textOf(value), "")}`;
  });
}

/**
 * Where a new block goes: the first value found counts, so that one for certain hosts stands before those that may match
 * the same hosts, and one for all at the end.
 */
function placeFor(text: string, name: string, blocks: readonly Block[]): number {
  const patterns = wordsOf(name).slice(1);
  const own = breadth(name);
  const rival = blocks.find(({ name: other, start, headEnd }) => {
    if (headEnd === start) return false;
    return breadth(other) > own || (own === 0 && wordsOf(other).some((word) => patterns.includes(word)));
  });
  return rival ? aboveRemarks(text, rival.start) : text.length;
}

/** 0 for hosts by name, 1 for those that a pattern or a condition matches, 2 for all. */
function breadth(name: string): 0 | 1 | 2 {
  if (name === "Host *" || /^Match all$/i.test(name)) return 2;
  return name.startsWith("Match ") || /[*?!]/.test(name) ? 1 : 0;
}

function keywordBefore(text: string, offset: number): string {
  return /(\w+)[ \t=]*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[1]?.toLowerCase() ?? "";
}

function spelled(keyword: string, value: string, old: string): string {
  if (isCommand(keyword)) return value;
  const words = wordsOf(value);
  const quoted = words.length === 1 && old.startsWith('"');
  const printed = words.map((word) => spellArgument(word, quoted));
  if (printed.includes(undefined)) {
    throw new DotvaultError(
      "files.unsafe-value",
      `a value of ${keyword} has a quote in it, which not every ssh can read`,
      {
        hint: "ssh_config has no way to write it; use another value",
      },
    );
  }
  return printed.join(" ");
}

function factsOf(node: Tree<BlockFacts>): BlockFacts {
  return node.facts;
}

function textOf(node: Tree<BlockFacts>): string {
  return node.kind === "scalar" ? node.text : "";
}
