import type { Alias, Node, Pair, YAMLMap, YAMLSeq, Scalar as YamlScalar } from "yaml";
import { nearest } from "./nearest.ts";
import { type Findings, quote } from "./problems.ts";
import type { Entry, Mapping, Scalar, ScalarStyle, Sequence, Tree } from "./tree.ts";

const deepest = 100;
/** How many values aliases may stand for in all. Nobody's configuration needs a hundredth of it. */
const mostAliased = 100_000;

const styles: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};

/** What this file needs of the YAML library; handed in, because the library is loaded late. */
type Kinds = Pick<typeof import("yaml"), "isAlias" | "isMap" | "isScalar" | "isSeq">;

/** Makes a {@link Tree} of the library's nodes: resolves aliases and merge keys, finds duplicate keys. */
export class TreeBuilder {
  readonly #kinds: Kinds;
  readonly #findings: Findings;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  readonly #open = new Set<Node>();
  #aliased = 0;
  #tooMany = false;

  constructor(kinds: Kinds, findings: Findings) {
    this.#kinds = kinds;
    this.#findings = findings;
  }

  build(root: Node): Tree {
    return this.#tree(root, 0, false);
  }

  #tree(node: Node | null, at: number, inAlias: boolean, depth = 0): Tree {
    if (node === null) return nothing(at);
    const start = node.range?.[0] ?? at;
    if (this.#kinds.isAlias(node)) return this.#alias(node, start, depth);
    if (node.anchor !== undefined && !inAlias) this.#anchors.set(node.anchor, node);
    if (inAlias && ++this.#aliased > mostAliased) return this.#refuseExpansion(start);
    if (depth > deepest) return this.#refuseDepth(start);
    this.#open.add(node);
    const tree = this.#content(node, start, inAlias, depth);
    this.#open.delete(node);
    return tree;
  }

  #content(node: Node, start: number, inAlias: boolean, depth: number): Tree {
    if (this.#kinds.isMap(node)) return this.#mapping(node, start, inAlias, depth);
    if (this.#kinds.isSeq(node)) return this.#sequence(node, start, inAlias, depth);
    return this.#kinds.isScalar(node) ? scalar(node, start) : nothing(start);
  }

  #sequence(node: YAMLSeq, start: number, inAlias: boolean, depth: number): Sequence {
    const items = node.items.map((item) => this.#tree(asNode(item), start, inAlias, depth + 1));
    return { kind: "sequence", items, start };
  }

  #mapping(node: YAMLMap, start: number, inAlias: boolean, depth: number): Mapping {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const pair of node.items) {
      const key = this.#key(pair);
      if (key === undefined) continue;
      const value = this.#tree(asNode(pair.value), key.end, inAlias, depth + 1);
      if (key.text === "<<" && key.style === "plain") merged.push(value);
      else this.#enter(entries, key, value);
    }
    for (const tree of merged) this.#merge(entries, tree);
    return { kind: "mapping", entries, start };
  }

  /** Undefined for a key that is no text: the library has complained already. */
  #key(pair: Pair): Scalar | undefined {
    const key = asNode(pair.key);
    if (key === null || !this.#kinds.isScalar(key)) return undefined;
    if (key.anchor !== undefined) this.#anchors.set(key.anchor, key);
    return scalar(key, key.range?.[0] ?? 0);
  }

  #enter(entries: Map<string, Entry>, key: Scalar, value: Tree): void {
    const first = entries.get(key.text);
    if (first === undefined) {
      entries.set(key.text, { keyStart: key.start, value });
      return;
    }
    const line = this.#findings.line(first.keyStart);
    this.#findings.error("config.duplicate-key", key.start, {
      what: `duplicate key ${quote(key.text)} (it is on line ${line} already)`,
    });
  }

  /** https://yaml.org/type/merge.html: what is written here wins, then the earlier of what is merged. */
  #merge(entries: Map<string, Entry>, tree: Tree): void {
    for (const source of tree.kind === "sequence" ? tree.items : [tree]) {
      if (source.kind !== "mapping") {
        this.#findings.error("config.type", source.start, {
          what: "the merge key << takes a mapping or a list of them",
        });
        continue;
      }
      for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
    }
  }

  #alias(node: Alias, start: number, depth: number): Tree {
    const target = this.#targets.get(node) ?? this.#anchors.get(node.source);
    if (target === undefined) return this.#refuseAlias(node, start);
    this.#targets.set(node, target);
    if (this.#open.has(target)) {
      this.#findings.error("config.alias", start, { what: `the alias *${node.source} stands inside its own value` });
      return nothing(start);
    }
    return this.#tooMany ? nothing(start) : this.#tree(target, start, true, depth);
  }

  #refuseAlias(node: Alias, start: number): Tree {
    const name = nearest(node.source, this.#anchors.keys());
    this.#findings.error("config.alias", start, {
      what: `the alias *${node.source} has no anchor &${node.source} before it`,
      ...(name === undefined ? {} : { nearest: `*${name}` }),
    });
    return nothing(start);
  }

  #refuseExpansion(start: number): Tree {
    if (!this.#tooMany) {
      const what = `aliases stand for more than ${mostAliased.toLocaleString("en")} values`;
      this.#findings.error("config.alias", start, { what });
    }
    this.#tooMany = true;
    return nothing(start);
  }

  #refuseDepth(start: number): Tree {
    this.#findings.error("config.syntax", start, { what: `nested more than ${deepest} levels deep` });
    return nothing(start);
  }
}

function scalar(node: YamlScalar, start: number): Scalar {
  const end = node.range?.[1] ?? start;
  const { value } = node;
  const style = styles[node.type ?? ""] ?? "plain";
  if (value === null || typeof value === "boolean" || typeof value === "number") {
    return { kind: "scalar", value, text: node.source ?? String(value), style, start, end };
  }
  const text = String(value);
  return { kind: "scalar", value: text, text, style, start, end };
}

function nothing(at: number): Scalar {
  return { kind: "scalar", value: null, text: "", style: "plain", start: at, end: at };
}

/** In a parsed document every key and value is a node or absent; the library's types don't say so. */
function asNode(value: unknown): Node | null {
  return (value ?? null) as Node | null;
}
