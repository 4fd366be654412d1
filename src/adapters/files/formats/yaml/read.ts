import {
  type Alias,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { lineStart, position } from "../edits.ts";
import type { Whose } from "../format.ts";
import { unparsable, unsupported } from "../refusals.ts";
import type { Reading } from "../structured.ts";
import type { Entry } from "../tree.ts";
import type { YamlFacts, YamlTree } from "./facts.ts";
import { emptyNode, propertiesOf, type Slot } from "./slot.ts";
import { foreignTag, identity, inherited, lastAliases, rangeOf } from "./values.ts";

type Doc = Document.Parsed;

/** Reads the first document of a YAML text (1.2, or 1.1 where a directive says so); the others are its rest. */
export function readYaml(text: string, whose: Whose): Reading<YamlFacts> {
  const parsed = parseAllDocuments(text, {
    keepSourceTokens: true,
    uniqueKeys: false,
    prettyErrors: false,
    intAsBigInt: true,
  });
  const documents: Doc[] = "empty" in parsed ? [] : parsed;
  const error = documents.flatMap((document) => document.errors)[0];
  if (error) throw unparsable(text, whose, "YAML", error.pos[0], error.code.toLowerCase().replaceAll("_", " "));
  const [document, second] = documents;
  if (!document) return { root: undefined, rest: "" };
  if (second && whose === "rendered") {
    throw unparsable(text, whose, "YAML", second.range[0], "more than one document");
  }
  const reader = new Reader(text, document, whose);
  const root = reader.root();
  const rest = second ? text.slice(document.range[2]).trimStart() : "";
  if (root.facts.style !== "empty") return { root, rest };
  if (second) throw unsupported(`the first of the file's documents is empty (${position(text, root.start)})`);
  return { root: undefined, rest: "" };
}

/** One document on its way into a tree. */
class Reader {
  readonly #text: string;
  readonly #document: Doc;
  readonly #whose: Whose;
  readonly #anchors = new Map<string, YamlTree>();
  readonly #aliases: ReadonlyMap<Node, number>;

  constructor(text: string, document: Doc, whose: Whose) {
    this.#text = text;
    this.#document = document;
    this.#whose = whose;
    this.#aliases = lastAliases(document);
  }

  root(): YamlTree {
    return this.#node(this.#document.contents, { outerColumn: -1, inFlow: false, after: undefined, tokens: [], at: 0 });
  }

  #node(node: Node | null, slot: Slot): YamlTree {
    if (node === null) return emptyNode(slot);
    const tree = this.#convert(node, slot);
    const anchor = isAlias(node) ? undefined : (node as Scalar).anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, tree);
    return tree;
  }

  #convert(node: Node, slot: Slot): YamlTree {
    if (isAlias(node)) return this.#alias(node, slot);
    if (isMap(node)) return this.#map(node, slot);
    if (isCollection(node)) return this.#list(node as YAMLSeq, slot);
    return this.#scalar(node as Scalar, slot);
  }

  #alias(node: Alias, slot: Slot): YamlTree {
    const [start, end] = rangeOf(node);
    if (this.#whose === "rendered")
      throw unsupported(`the template's output has an alias (${position(this.#text, start)})`);
    const target = this.#anchors.get(node.source);
    if (!target) throw unparsable(this.#text, this.#whose, "YAML", start, "alias without its anchor");
    return { kind: "alias", name: node.source, target, start, end, facts: this.#facts(node, slot, "alias") };
  }

  #map(node: YAMLMap, slot: Slot): YamlTree {
    const start = rangeOf(node)[0];
    const facts = this.#facts(node, slot, node.flow ? "flow" : "block");
    const entries = node.items.map((pair) => this.#entry(pair, facts));
    const end = node.flow ? rangeOf(node)[1] : (entries.at(-1)?.end ?? start);
    const inherits = inherited(entries);
    const tag = this.#tag(node, start);
    return { kind: "map", start, end, facts, entries, ...(tag && { tag }), ...(inherits && { inherits }) };
  }

  #entry(pair: Pair, map: YamlFacts): Entry<YamlFacts> {
    const key = pair.key as Node;
    const [keyStart, keyEnd] = rangeOf(key);
    const tokens = (pair as { srcToken?: CST.CollectionItem }).srcToken;
    const prefix = (tokens?.start ?? []).filter((token) => PREFIXES.has(token.type));
    const colon = tokens?.sep?.find((token) => token.type === "map-value-ind");
    const value = this.#node(pair.value as Node | null, {
      outerColumn: map.column,
      inFlow: map.style === "flow",
      after: colon && colon.offset + 1,
      tokens: tokens?.sep ?? [],
      at: keyEnd,
    });
    const rawKey = this.#text.slice(keyStart, keyEnd);
    const start = prefix[0]?.offset ?? keyStart;
    return { key: this.#keyText(key, rawKey), rawKey, start, keyEnd, end: Math.max(value.end, keyEnd), value };
  }

  /** Maps as keys, aliases as keys: nobody's but the user's, told apart by their spelling. */
  #keyText(key: Node, raw: string): string {
    if (isScalar(key)) return key.value === null ? raw : String(typeof key.value === "string" ? key.value : key.source);
    if (this.#whose === "rendered") throw unsupported("the template's output has a map or list as a key");
    return `\0${raw}`;
  }

  #list(node: YAMLSeq, slot: Slot): YamlTree {
    const start = rangeOf(node)[0];
    const facts = this.#facts(node, slot, node.flow ? "flow" : "block");
    const tokens = (node.srcToken as CST.BlockSequence | CST.FlowCollection | undefined)?.items ?? [];
    const items = node.items.map((item, i) => {
      if (isPair(item)) throw unsupported(`a pair without braces in a list (${position(this.#text, start)})`);
      const before = tokens[i]?.start ?? [];
      const dash = before.find((token) => token.type === "seq-item-ind");
      return this.#node(item as Node, {
        outerColumn: facts.column,
        inFlow: facts.style === "flow",
        after: dash && dash.offset + 1,
        tokens: before,
        at: (dash?.offset ?? start) + 1,
      });
    });
    const end = node.flow ? rangeOf(node)[1] : (items.at(-1)?.end ?? start);
    const tag = this.#tag(node, start);
    return { kind: "list", start, end, facts, items, ...(tag && { tag }) };
  }

  #tag(node: { tag?: string }, start: number): string | undefined {
    const tag = foreignTag(node);
    if (tag === undefined || this.#whose === "target") return tag;
    throw unsupported(`the template's output has a tag on a map or list (${position(this.#text, start)})`);
  }

  #scalar(node: Scalar, slot: Slot): YamlTree {
    const [from, to] = rangeOf(node);
    const raw = this.#text.slice(from, to);
    const start = raw === "" ? (propertiesOf(slot.tokens).at(-1)?.end ?? slot.after ?? from) : from;
    const end = raw === "" ? start : to;
    const isString = typeof node.value === "string";
    const style = raw === "" ? "empty" : (STYLES[node.type ?? "PLAIN"] ?? "plain");
    const text = isString ? String(node.value) : (node.source ?? raw);
    const facts = this.#facts(node, slot, style);
    return { kind: "scalar", start, end, facts, identity: identity(node), text, isString, raw };
  }

  #facts(node: Node, slot: Slot, style: YamlFacts["style"]): YamlFacts {
    const start = rangeOf(node)[0];
    return {
      style,
      inFlow: slot.inFlow,
      outerColumn: slot.outerColumn,
      column: start - lineStart(this.#text, start),
      after: slot.after,
      properties: propertiesOf(slot.tokens),
      sharedAt: this.#aliases.get(node),
    };
  }
}

const PREFIXES: ReadonlySet<string> = new Set(["explicit-key-ind", "anchor", "tag"]);
const STYLES: Readonly<Record<string, YamlFacts["style"]>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "block-scalar",
  BLOCK_FOLDED: "block-scalar",
};
