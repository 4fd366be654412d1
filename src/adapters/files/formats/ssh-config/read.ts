import { type Block, type BlockFacts, blockTree, type Item, remainder } from "../blocks/block.ts";
import { lineEnd, nextLine, skipBlanks, skipBlanksBack } from "../edits.ts";
import type { Whose } from "../format.ts";
import { refuseControls, unparsable, unsafe } from "../refusals.ts";
import type { Reading } from "../structured.ts";
import { type Arguments, splitArguments } from "./arguments.ts";
import { isCommand, keyOf, takesList } from "./keywords.ts";

/** One line that is neither blank nor a remark. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly keyword: string;
  readonly keyEnd: number;
  readonly valueStart: number;
}

type OpenBlock = Block & { readonly items: Item[] };

/** Reads an ssh_config(5) file: blocks are `Host …` and `Match …`, the first of a key's values counts. */
export function readSshConfig(text: string, whose: Whose): Reading<BlockFacts> {
  refuseControls(text, whose);
  const top: OpenBlock = { name: "", start: 0, headEnd: 0, items: [] };
  const blocks = [top];
  for (const line of linesOf(text, whose)) {
    if (line.keyword === "host" || line.keyword === "match") blocks.push(header(text, line, whose));
    else blocks.at(-1)?.items.push(item(text, line, whose));
  }
  if (blocks.length === 1 && top.items.length === 0) return { root: undefined, rest: "" };
  const present = whose === "rendered" && top.items.length === 0 ? blocks.slice(1) : blocks;
  return { root: blockTree(text, present, whose, { counts: "first", unordered: true }), rest: remainder(text, blocks) };
}

/** The lines that say something. Throws `files.…-unparsable` at one without a keyword or a value. */
export function* linesOf(text: string, whose: Whose): Generator<Line> {
  for (let at = 0; at < text.length; at = nextLine(text, at)) {
    const start = skipBlanks(text, at);
    const end = skipBlanksBack(text, lineEnd(text, at), start);
    if (start >= end || text[start] === "#") continue;
    const [head, keyword] = /^([A-Za-z]\w*)(?:[ \t]*=[ \t]*|[ \t]+|$)/.exec(text.slice(start, end)) ?? [];
    if (head === undefined || keyword === undefined) throw broken(text, whose, start, "a line without a keyword");
    const valueStart = start + head.length;
    if (valueStart >= end) throw broken(text, whose, start, "a keyword without a value");
    yield { start, end, keyword: keyword.toLowerCase(), keyEnd: start + keyword.length, valueStart };
  }
}

function header(text: string, line: Line, whose: Whose): OpenBlock {
  const { words, end } = argumentsOf(text, line, whose);
  const name = line.keyword === "host" ? "Host" : "Match";
  return { name: [name, ...words.map(canonical)].join(" "), start: line.start, headEnd: end, items: [] };
}

function item(text: string, line: Line, whose: Whose): Item {
  const { start, keyEnd, valueStart, keyword } = line;
  if (isCommand(keyword)) {
    return { key: keyword, start, keyEnd, valueStart, end: line.end, text: text.slice(valueStart, line.end) };
  }
  const { words, end } = argumentsOf(text, line, whose);
  const joined = whose === "rendered" && !takesList(keyword) && words.length > 1;
  const meant = joined ? [text.slice(valueStart, end)] : words;
  const value = meant.map(canonical).join(" ");
  return { key: keyOf(keyword, meant[0] ?? ""), start, keyEnd, valueStart, end, text: value };
}

/** Words as one text that splits into the same again. */
function canonical(word: string): string {
  return /^[^\s"'#\\]+$/.test(word) ? word : JSON.stringify(word);
}

function argumentsOf(text: string, { valueStart, end }: Line, whose: Whose): Arguments {
  const found = splitArguments(text, valueStart, end);
  if (found.open) throw broken(text, whose, valueStart, "a quote that is not closed");
  if (found.words.length === 0) throw broken(text, whose, valueStart, "a keyword without a value");
  if (found.remark && whose === "rendered") {
    throw unsafe(text, valueStart, "a # in the value begins a remark; put the value in quotes");
  }
  return found;
}

/** A line's arguments, without their quotes. */
export function wordsIn(text: string, { valueStart, end }: Line): readonly string[] {
  return splitArguments(text, valueStart, end).words;
}

/** The words behind {@link canonical}. */
export function wordsOf(value: string): readonly string[] {
  const words = value.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? String(JSON.parse(word)) : word));
}

function broken(text: string, whose: Whose, offset: number, what: string): Error {
  return unparsable(text, whose, "ssh_config", offset, what);
}
