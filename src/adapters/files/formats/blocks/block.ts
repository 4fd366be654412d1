import { position, skipBlanksBack } from "../edits.ts";
import type { Whose } from "../format.ts";
import { ambiguous } from "../refusals.ts";
import type { Entry, MapNode, ScalarNode, Tree } from "../tree.ts";

/** A key with its value. Offsets are UTF-16 units of the source. */
export interface Item {
  readonly key: string;
  readonly start: number;
  readonly keyEnd: number;
  /** Range of the value's source; empty where none is written. */
  readonly valueStart: number;
  readonly end: number;
  /** What the value means; equal for equal values. */
  readonly text: string;
}

/** A section, machine or host with its keys. What stands before the first one is a block with the name "". */
export interface Block {
  readonly name: string;
  readonly start: number;
  /** Behind its header; `start` where it has none. */
  readonly headEnd: number;
  readonly items: readonly Item[];
}

/** What edits need to know besides: of a map the places where its block stands, of a value how its key was written. */
export interface BlockFacts {
  readonly blocks: readonly Block[];
  readonly indent: string;
  readonly separator: string;
}

export type BlockTree = Tree<BlockFacts>;

export interface BlockRules {
  /** Which of a repeated key's values counts for the programs that read the format. */
  readonly counts: "first" | "last";
  readonly unordered?: true;
}

const NO_FACTS: BlockFacts = { blocks: [], indent: "", separator: "" };

/** A map of blocks, each a map of values; blocks of one name are one map. */
export function blockTree(text: string, blocks: readonly Block[], whose: Whose, rules: BlockRules): BlockTree {
  const byName = Map.groupBy(blocks, ({ name }) => name);
  const entries = [...byName].map(([name, same]) => blockEntry(text, name, same, whose, rules));
  const order = rules.unordered ? { unordered: rules.unordered } : {};
  return { kind: "map", start: 0, end: text.length, facts: { ...NO_FACTS, blocks }, entries, ...order };
}

function blockEntry(
  text: string,
  name: string,
  blocks: readonly Block[],
  whose: Whose,
  rules: BlockRules,
): Entry<BlockFacts> {
  const [first, last] = [blocks[0], blocks.at(-1)];
  const start = first?.start ?? 0;
  const end = last?.items.at(-1)?.end ?? last?.headEnd ?? start;
  const items = blocks.flatMap((block) => block.items);
  if (whose === "rendered") refuseTwins(text, items);
  const order = rules.unordered ? { unordered: rules.unordered } : {};
  const value: MapNode<BlockFacts> = {
    kind: "map",
    start,
    end,
    facts: { ...NO_FACTS, blocks },
    entries: rules.counts === "first" ? firstOfEach(items).map(toEntry(text)) : items.map(toEntry(text)),
    ...order,
  };
  return { key: name, rawKey: text.slice(start, first?.headEnd), start, keyEnd: first?.headEnd ?? start, end, value };
}

/** Where the first of a repeated key counts, the others are nobody's but the user's. */
function firstOfEach<T extends { readonly key: string }>(items: readonly T[]): T[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const count = seen.get(item.key) ?? 0;
    seen.set(item.key, count + 1);
    return count === 0 ? item : { ...item, key: `\0${item.key}\0${count}` };
  });
}

/** A tree from which keys were taken: what stood behind the first of a repeated key may count by now. */
export function firstCountsAgain(root: BlockTree): BlockTree {
  if (root.kind !== "map") return root;
  const entries = root.entries.map((entry) => {
    if (entry.value.kind !== "map") return entry;
    const inner = entry.value.entries.map((item) => ({ ...item, key: item.key.replace(/^\0(.*)\0\d+$/s, "$1") }));
    return { ...entry, value: { ...entry.value, entries: firstOfEach(inner) } };
  });
  return { ...root, entries };
}

function toEntry(text: string): (item: Item) => Entry<BlockFacts> {
  return (item) => {
    const { key, start, keyEnd, end } = item;
    return { key, rawKey: text.slice(start, keyEnd), start, keyEnd, end, value: scalar(text, item) };
  };
}

function scalar(text: string, { start, keyEnd, valueStart, end, text: value }: Item): ScalarNode<BlockFacts> {
  const indent = text.slice(skipBlanksBack(text, start), start);
  return {
    kind: "scalar",
    start: valueStart,
    end,
    facts: { blocks: [], indent, separator: text.slice(keyEnd, valueStart) },
    identity: `s:${value}`,
    text: value,
    isString: true,
    raw: text.slice(valueStart, end),
  };
}

function refuseTwins(text: string, items: readonly Item[]): void {
  const seen = new Map<string, Item>();
  for (const item of items) {
    const twin = seen.get(item.key);
    if (twin) {
      const places = `${position(text, twin.start)} and ${position(text, item.start)}`;
      throw ambiguous(`the template's output has one key twice: ${places}`, "let the template render each key once");
    }
    seen.set(item.key, item);
  }
}

/** All that is neither a block's header nor a key with its value, without white space: it must outlive every change. */
export function remainder(text: string, blocks: readonly Block[]): string {
  const taken = blocks.flatMap(({ start, headEnd, items }) => [{ start, end: headEnd }, ...items]);
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of taken.sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, start));
    at = Math.max(at, end);
  }
  pieces.push(text.slice(at));
  return pieces.join(" ").replaceAll(/\s+/g, " ").trim();
}
