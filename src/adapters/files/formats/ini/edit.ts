import type { BlockFacts, BlockTree } from "../blocks/block.ts";
import { type BlockPrinter, blockEdits } from "../blocks/edits.ts";
import { headersOf, insertBlock, insertIntoBlock, type LineStyle, lineStyle } from "../blocks/lines.ts";
import { type Edit, lineEnd, position, skipBlanksBack } from "../edits.ts";
import { ambiguous, unsupported } from "../refusals.ts";
import { type Entry, effective, type MapNode, type ScalarNode, type Tree } from "../tree.ts";
import type { IniDialect } from "./dialects.ts";

type Scalar = ScalarNode<BlockFacts>;

/** Edits in the file's own style. */
export function iniEdits(dialect: IniDialect) {
  const line = (entry: Entry<BlockFacts>, { indent, separator }: LineStyle) =>
    `${indent}${entry.rawKey}${separator}${spelled(dialect, scalarOf(entry.value), "")}`;
  const lines = (
    text: string,
    root: MapNode<BlockFacts>,
    entries: readonly Entry<BlockFacts>[],
    block: Parameters<typeof lineStyle>[2],
  ) => entries.map((entry) => line(entry, lineStyle(text, root, block, scalarOf(entry.value).facts)));
  const printer: BlockPrinter = {
    replace: (text, at, value) => replace(dialect, text, at, value),
    insertItems: (text, root, block, entries) => {
      const blocks = block.facts.blocks;
      const last = blocks.at(-1);
      if (!last) return [];
      const next = root.facts.blocks[root.facts.blocks.indexOf(last) + 1];
      const printed = lines(text, root, entries, { name: last.name, blocks });
      const edit = insertIntoBlock(text, last, next, printed);
      if (!dialect.continues || !printed.some((one) => wouldGoOn(text, edit.end, one))) return [edit];
      throw unsupported(
        `the indented line behind the section's last key (${position(text, edit.end)}) would become part of a new one`,
      );
    },
    insertBlocks: (text, root, entries) =>
      entries.map((entry) => {
        const inside = entry.value.kind === "map" ? entry.value.entries : [];
        const printed = lines(text, root, inside, { name: entry.key, blocks: [] });
        return insertBlock(text, text.length, headersOf(root.facts.blocks), [entry.rawKey, ...printed]);
      }),
  };
  return blockEdits(printer);
}

/** Whether the text at an offset is a line that stands deeper than the one that comes before it. */
function wouldGoOn(text: string, offset: number, line: string): boolean {
  const [, blanks = ""] = /^(?:[ \t]*(?:[#;].*)?\r?\n)*([ \t]*)[^\s#;]/.exec(text.slice(offset)) ?? [];
  return blanks.length > line.length - line.trimStart().length;
}

function scalarOf(node: Tree<BlockFacts>): Scalar {
  if (node.kind !== "scalar") throw unsupported("a section in a section");
  return node;
}

function replace(dialect: IniDialect, text: string, at: Scalar, value: Scalar): Edit {
  const raw = text.slice(at.start, at.end);
  const old = dialect.value(text, at.start, skipBlanksBack(text, lineEnd(text, at.start), at.start));
  if (old.doubt !== undefined) throw ambiguous(`the value at ${position(text, at.start)}: ${old.doubt}`, PUT_RIGHT);
  if (/\n[ \t]*[#;]/.test(raw))
    throw ambiguous(`there is a remark in the value at ${position(text, at.start)}`, PUT_RIGHT);
  const printed = spelled(dialect, value, raw);
  if (/^[^\r\n]/.test(raw)) return { start: at.start, end: at.end, text: printed };
  return { start: at.start, end: at.end, text: gap(at, value) + printed };
}

const PUT_RIGHT = "put the value on a line of its own without the remark, and sync again";

/** What has to stand before a value where there was none: `key =` gets a blank, a key alone a separator. */
function gap({ facts: { separator } }: Scalar, value: Scalar): string {
  if (separator === "") return value.facts.separator;
  return /^[ \t].*[=:]$/.test(separator) ? " " : "";
}

/** The first spelling that reads back as the value. */
function spelled(dialect: IniDialect, value: Scalar, old: string): string {
  const fits = (source: string) => {
    const read = dialect.value(source, 0, source.length);
    return (
      read.text === value.text && read.end === source.length && source.trim() === source && !read.doubt && !read.broken
    );
  };
  return dialect.spell(value.text, old).find(fits) ?? value.raw;
}

/** Where two spellings of a key may be one to the program that reads it, nobody can say which is meant. */
export function meetKeys(root: BlockTree, want: BlockTree, where: (offset: number) => string): BlockTree {
  if (root.kind !== "map" || want.kind !== "map") return want;
  const blocks = effective(root);
  for (const { key: name, value } of want.entries) {
    const old = blocks.get(name)?.value;
    if (old?.kind !== "map" || value.kind !== "map") continue;
    const known = effective(old);
    for (const { key } of value.entries) {
      if (known.has(key)) continue;
      const twin = old.entries.find((entry) => entry.key.toLowerCase() === key.toLowerCase());
      if (!twin) continue;
      throw ambiguous(
        `the key "${key}" stands in the file as "${twin.key}" at ${where(twin.start)}`,
        "spell the key in the template as in the file",
      );
    }
  }
  return want;
}
