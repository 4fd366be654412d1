import type { Block, BlockFacts, BlockTree, Item } from "../blocks/block.ts";
import { type BlockPrinter, blockEdits } from "../blocks/edits.ts";
import { headersOf, insertBlock } from "../blocks/lines.ts";
import { type Edit, lineEnd, lineEnding, lineStart, nextLine, replaceLines, skipBlanks } from "../edits.ts";
import { ambiguous } from "../refusals.ts";
import { type Entry, effective, type MapNode, type Tree } from "../tree.ts";
import { scanNetrc, withLogin, withoutLogin } from "./read.ts";

type Entries = readonly Entry<BlockFacts>[];

const printer: BlockPrinter = {
  replace: (_, at, value) => ({ start: at.start, end: at.end, text: spelled(value.text, at.raw) }),
  insertItems: (text, _, block, entries) =>
    block.facts.blocks.slice(0, 1).map((machine) => addTo(text, machine, entries)),
  insertBlocks: (text, root, entries) => {
    const { defaultAt, endsInMacro } = scanNetrc(text, "target");
    const example = root.facts.blocks.findLast(({ items }) => items.length > 0);
    const indent = example && ownLine(text, example);
    const machines = entries.map((entry) => printed(entry, indent));
    if (defaultAt !== undefined && text.slice(lineStart(text, defaultAt), defaultAt).trim() !== "") {
      return machines.map((lines) => ({ start: defaultAt, end: defaultAt, text: `${lines.join(" ")} ` }));
    }
    const at = defaultAt === undefined ? text.length : lineStart(text, defaultAt);
    return machines.map((lines, i) =>
      insertBlock(text, at, headersOf(root.facts.blocks), lines, endsInMacro && i === 0),
    );
  },
};

/** Edits in the file's own style: a machine on one line, or its fields on lines of their own. */
export const netrcEdits = blockEdits(printer);

function addTo(text: string, machine: Block, entries: Entries): Edit {
  const end = machine.items.at(-1)?.end ?? machine.headEnd;
  const indent = ownLine(text, machine);
  const behind = skipBlanks(text, end);
  const free = behind === lineEnd(text, end) || text[behind] === "#";
  if (indent === undefined || !free)
    return { start: end, end, text: entries.map((entry) => ` ${field(entry)}`).join("") };
  const at = nextLine(text, end);
  return replaceLines(
    text,
    at,
    at,
    entries.map((entry) => indent + field(entry)),
    lineEnding(text),
  );
}

/** What stands before the machine's last field when it has a line of its own. */
function ownLine(text: string, { items }: Block): string | undefined {
  const start = items.at(-1)?.start;
  if (start === undefined) return undefined;
  const before = text.slice(lineStart(text, start), start);
  return before.trim() === "" ? before : undefined;
}

function printed({ rawKey, value }: Entry<BlockFacts>, indent: string | undefined): string[] {
  const fields = value.kind === "map" ? value.entries.map(field) : [];
  return indent === undefined ? [[rawKey, ...fields].join(" ")] : [rawKey, ...fields.map((line) => indent + line)];
}

function field({ rawKey, value }: Entry<BlockFacts>): string {
  return `${rawKey} ${value.kind === "scalar" ? spelled(value.text, value.raw) : ""}`;
}

/** In quotes where it must be, or where it was; curl and Python agree on `\"` and `\\` in quotes, and on nothing else. */
function spelled(value: string, old: string): string {
  const plain = /^[^\s"\\#][^\s"\\]*$/.test(value) && !old.startsWith('"');
  return plain ? value : `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Finds the machine that is meant where the file has several of one name: the one with the rendered login. */
export function meetMachines(root: BlockTree, want: BlockTree, where: (offset: number) => string): BlockTree {
  if (root.kind !== "map" || want.kind !== "map") return want;
  const names = [...effective(root).keys()];
  refuseTwinFields(root, want, where);
  const entries = want.entries.map((entry) => {
    const twins = root.entries.filter(({ key }) => key.startsWith(withLogin(entry.key, "")));
    if (names.includes(entry.key) || twins.length === 0) return entry;
    const key = withLogin(entry.key, loginOf(entry.value));
    const same = twins.find((twin) => twin.key === key);
    if (loginOf(entry.value) !== undefined && (same?.value.facts.blocks.length ?? 1) === 1) return { ...entry, key };
    const places = twins.flatMap(({ value }) => value.facts.blocks.map(({ start }) => where(start))).join(" and ");
    throw ambiguous(`the machine "${entry.key}" stands in the file more than once: ${places}`, ONE_OF_THEM);
  });
  return { ...want, entries };
}

/** A tree from which values were taken: machines are told apart by what is left of them. */
export function renameMachines(root: BlockTree): BlockTree {
  if (root.kind !== "map") return root;
  const same = Map.groupBy(root.entries, ({ key }) => withoutLogin(key));
  const entries = root.entries.map((entry) => {
    const name = withoutLogin(entry.key);
    const isOne = same.get(name)?.length === 1 && entry.value.facts.blocks.length === 1;
    return { ...entry, key: isOne ? name : withLogin(name, loginOf(entry.value)) };
  });
  return { ...root, entries };
}

/** Of two logins of one machine some programs take the first, curl and Python the last. */
function refuseTwinFields(
  root: MapNode<BlockFacts>,
  want: MapNode<BlockFacts>,
  where: (offset: number) => string,
): void {
  for (const { key: name, value } of want.entries) {
    const items =
      effective(root)
        .get(name)
        ?.value.facts.blocks.flatMap((block) => block.items) ?? [];
    for (const [key, wanted] of value.kind === "map" ? effective(value) : []) {
      const twins = items.filter((item) => item.key === key);
      const isMeant = ({ text }: Item) => wanted.value.kind === "scalar" && text === wanted.value.text;
      if (twins.length < 2 || twins.every(isMeant)) continue;
      const places = twins.map(({ start }) => where(start)).join(" and ");
      throw ambiguous(`the machine "${name}" has more than one ${key}: ${places}`, "remove the one that is not meant");
    }
  }
}

const ONE_OF_THEM = "remove one of them, or let the template name the login of the one that is meant";

function loginOf(node: Tree<BlockFacts>): string | undefined {
  const login = node.kind === "map" ? effective(node).get("login")?.value : undefined;
  return login?.kind === "scalar" ? login.text : undefined;
}
