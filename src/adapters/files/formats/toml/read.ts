import type { Whose } from "../format.ts";
import type { Reading } from "../structured.ts";
import type { Entry, ListNode, MapNode } from "../tree.ts";
import type { TomlFacts, TomlTree } from "./facts.ts";
import { type KeyPart, Scanner } from "./scanner.ts";

type Facts = { -readonly [K in keyof TomlFacts]: TomlFacts[K] };
/** A table that grows while the text is read. */
interface OpenTable extends MapNode<TomlFacts> {
  start: number;
  readonly facts: Facts;
  readonly entries: Entry<TomlFacts>[];
  readonly byKey: Map<string, TomlTree>;
}
interface OpenList extends ListNode<TomlFacts> {
  readonly items: OpenTable[];
}

/** Reads a TOML document. */
export function readToml(text: string, whose: Whose): Reading<TomlFacts> {
  return new TomlReader(new Scanner(text, whose)).document();
}

class TomlReader {
  readonly #scanner: Scanner;
  readonly #headers: number[] = [];
  readonly #root: OpenTable;
  /** The tables from the root down to the one that lines belong to. */
  #chain: readonly OpenTable[];

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#root = table(0, { style: "root" });
    this.#root.facts.headers = this.#headers;
    this.#chain = [this.#root];
  }

  document(): Reading<TomlFacts> {
    const scanner = this.#scanner;
    const remarks = scanner.space();
    while (scanner.peek() !== undefined) {
      if (scanner.peek() === "[") this.#header();
      else this.#line();
      scanner.blanks();
      if (!/^(?:#|\r?\n|$)/.test(scanner.text.slice(scanner.at, scanner.at + 2))) {
        throw scanner.broken("more text on the line than a key and a value");
      }
      remarks.push(...scanner.space());
    }
    const empty = this.#root.entries.length === 0;
    return { root: empty ? undefined : this.#root, rest: remarks.join("\n") };
  }

  #header(): void {
    const scanner = this.#scanner;
    const start = scanner.at;
    const close = scanner.take("[[") ? "]]" : "]";
    if (close === "]") scanner.take("[");
    const parts = scanner.key();
    if (!scanner.take(close)) throw scanner.broken("a table's name without its closing bracket", start);
    this.#headers.push(start);
    const parents = this.#walk(parts.slice(0, -1), start);
    const last = parts.at(-1);
    const parent = parents.at(-1);
    if (!last || !parent) return;
    const path = parts.map(({ raw }) => raw).join(".");
    const own = close === "]" ? this.#section(parent, last, path, start) : this.#element(parent, last, path, start);
    own.facts.last = scanner.at;
    own.facts.lastStart = start;
    this.#chain = [...parents, own];
    this.#grow(scanner.at);
  }

  /** The tables on the way to a header's last name; those that have no header yet are implicit. */
  #walk(parts: readonly KeyPart[], start: number): OpenTable[] {
    const chain = [this.#root];
    let path = "";
    for (const part of parts) {
      path += (path && ".") + part.raw;
      const parent = chain.at(-1) ?? this.#root;
      const known = parent.byKey.get(part.text);
      const next = known ? inner(known) : this.#add(parent, part, start, table(start, { style: "implicit", path }));
      if (!next || next.facts.style === "inline") throw this.#twice(start);
      chain.push(next);
    }
    return chain;
  }

  #section(parent: OpenTable, part: KeyPart, path: string, start: number): OpenTable {
    const known = parent.byKey.get(part.text) as OpenTable | undefined;
    if (!known) return this.#add(parent, part, start, table(start, { style: "section", path }));
    if (known.facts.style !== "implicit") throw this.#twice(start);
    known.facts.style = "section";
    return known;
  }

  #element(parent: OpenTable, part: KeyPart, path: string, start: number): OpenTable {
    const facts = { ...NO_FACTS, style: "tables" as const, path };
    const fresh: OpenList = { kind: "list", start, end: start, facts, items: [] };
    const list = parent.byKey.get(part.text) ?? this.#add(parent, part, start, fresh);
    if (list.kind !== "list" || list.facts.style !== "tables") throw this.#twice(start);
    const element = table(start, { style: "section", path });
    (list as OpenList).items.push(element);
    return element;
  }

  #line(): void {
    const own = this.#chain.at(-1) ?? this.#root;
    const start = this.#scanner.at;
    const dotted = this.#pair(own);
    const end = this.#scanner.at;
    this.#grow(end);
    for (const { facts } of [own, ...dotted]) Object.assign(facts, { last: end, lastStart: start, extent: end });
  }

  /** Reads a key and its value into a table; gives the tables that the key's dots name. */
  #pair(own: OpenTable): OpenTable[] {
    const scanner = this.#scanner;
    const start = scanner.at;
    const parts = scanner.key();
    const { keyEnd } = scanner;
    if (!scanner.take("=")) throw scanner.broken("a key without =");
    scanner.blanks();
    const separator = scanner.text.slice(keyEnd, scanner.at);
    const dotted = this.#dotted(own, parts.slice(0, -1), start);
    const holder = dotted.at(-1) ?? own;
    const value = this.#value();
    const last = parts.at(-1);
    if (!last || holder.byKey.has(last.text)) throw this.#twice(start);
    this.#add(holder, last, start, value, keyEnd);
    for (const each of [own, ...dotted]) each.facts.separator = separator;
    return dotted;
  }

  #dotted(own: OpenTable, parts: readonly KeyPart[], start: number): OpenTable[] {
    const found: OpenTable[] = [];
    for (const part of parts) {
      const parent = found.at(-1) ?? own;
      const known = parent.byKey.get(part.text);
      const { path, prefix, inside } = parent.facts;
      const facts = { path: path && `${path}.${part.raw}`, prefix: `${prefix}${part.raw}.`, inside };
      const at = { ...facts, path: facts.path || part.raw, style: "dotted" as const };
      const next = known ? inner(known) : this.#add(parent, part, start, table(start, at));
      if (next?.facts.style !== "dotted") throw this.#twice(start);
      found.push(next);
    }
    return found;
  }

  #value(): TomlTree {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (scanner.take("[")) return this.#list(start);
    if (scanner.take("{")) return this.#inlineTable(start);
    const scalar = scanner.scalar();
    const raw = scanner.text.slice(start, scanner.at);
    return { kind: "scalar", start, end: scanner.at, facts: NO_FACTS, raw, ...scalar };
  }

  #list(start: number): TomlTree {
    const scanner = this.#scanner;
    const items: TomlTree[] = [];
    scanner.space();
    while (!scanner.take("]")) {
      items.push(this.#value());
      this.#between("]", start);
    }
    return { kind: "list", start, end: scanner.at, facts: { ...NO_FACTS, style: "inline" }, items };
  }

  #inlineTable(start: number): TomlTree {
    const scanner = this.#scanner;
    const own = table(start, { style: "inline", inside: true });
    scanner.space();
    while (!scanner.take("}")) {
      this.#pair(own);
      this.#between("}", start);
    }
    return { ...own, end: scanner.at };
  }

  #between(close: string, start: number): void {
    const scanner = this.#scanner;
    scanner.space();
    const comma = scanner.take(",");
    scanner.space();
    if (!comma && scanner.peek() !== close) throw scanner.broken("a bracket that is not closed", start);
  }

  #add<T extends TomlTree>(parent: OpenTable, part: KeyPart, start: number, value: T, keyEnd = start): T {
    parent.byKey.set(part.text, value);
    parent.entries.push({ key: part.text, rawKey: part.raw, start, keyEnd, end: Math.max(value.end, keyEnd), value });
    return value;
  }

  #grow(end: number): void {
    for (const each of this.#chain) each.facts.extent = end;
  }

  #twice(offset: number): Error {
    return this.#scanner.broken("a key or table that is defined already", offset);
  }
}

const NO_FACTS: TomlFacts = {
  style: "value",
  path: "",
  prefix: "",
  last: undefined,
  lastStart: 0,
  extent: 0,
  separator: undefined,
  inside: false,
  headers: [],
};

function table(start: number, facts: Partial<TomlFacts>): OpenTable {
  const own = { ...NO_FACTS, extent: start, ...facts };
  return { kind: "map", start, end: start, facts: own, entries: [], byKey: new Map(), unordered: true };
}

/** The table that lines below a name belong to: of an array of tables the last one. */
function inner(node: TomlTree): OpenTable | undefined {
  if (node.kind === "map") return node as OpenTable;
  return node.kind === "list" && node.facts.style === "tables" ? (node as OpenList).items.at(-1) : undefined;
}
