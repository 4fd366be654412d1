import type { BranchNode, CommandNode, ListNode, Operand, PipeNode, Statement, Trees } from "./syntax/nodes.ts";

/** What a value is, as far as can be told without data: the whole document, or something else. */
type Shape = "document" | "other";

/** What a template reads of its data. */
export interface Reads {
  /** Top-level fields that it names, sorted. */
  readonly fields: readonly string[];
  /** Whether it may read all of them: it prints, ranges over or hands on the whole document. */
  readonly all: boolean;
}

/** Follows the document through dots, variables and template calls; errs on the side of naming too much. */
export function findReads(trees: Trees, main: string): Reads {
  const reader = new Reader(trees);
  reader.template(main, "document");
  return { fields: [...reader.fields].sort(), all: reader.all };
}

class Reader {
  readonly fields = new Set<string>();
  all = false;
  readonly #trees: Trees;
  readonly #seen = new Set<string>();
  #variables = new Map<string, Shape>();

  constructor(trees: Trees) {
    this.#trees = trees;
  }

  template(name: string, dot: Shape): void {
    const key = `${dot} ${name}`;
    const tree = this.#trees.get(name);
    if (tree === undefined || this.#seen.has(key)) return;
    this.#seen.add(key);
    const outer = this.#variables;
    this.#variables = new Map([["$", dot]]);
    this.#list(tree, dot);
    this.#variables = outer;
  }

  #list(list: ListNode, dot: Shape): void {
    for (const node of list.nodes) this.#statement(node, dot);
  }

  #statement(node: Statement, dot: Shape): void {
    if (node.type === "action") {
      const shape = this.#pipe(node.pipe, dot);
      if (node.pipe.declared.length === 0) this.#uses(shape);
    } else if (node.type === "template") {
      this.template(node.name, node.pipe === undefined ? "other" : this.#pipe(node.pipe, dot));
    } else if (node.type === "if" || node.type === "with" || node.type === "range") {
      this.#branch(node, dot);
    }
  }

  #branch(node: BranchNode, dot: Shape): void {
    const shape = this.#pipe(node.pipe, dot);
    if (node.type === "range") this.#uses(shape);
    const inside: Readonly<Record<BranchNode["type"], Shape>> = { if: dot, with: shape, range: "other" };
    this.#list(node.list, inside[node.type]);
    if (node.otherwise !== undefined) this.#list(node.otherwise, dot);
  }

  #pipe(pipe: PipeNode, dot: Shape): Shape {
    let shape: Shape | undefined;
    for (const command of pipe.commands) shape = this.#command(command, dot, shape);
    const result = shape ?? "other";
    for (const { name } of pipe.declared) this.#declare(name, result);
    return result;
  }

  /** A variable that was the document once may be it again: assignments run in an order that is not known here. */
  #declare(name: string, shape: Shape): void {
    if (this.#variables.get(name) !== "document") this.#variables.set(name, shape);
  }

  #command(command: CommandNode, dot: Shape, piped: Shape | undefined): Shape {
    const [first, ...rest] = command.args;
    if (first.type !== "identifier") return this.#operand(first, dot);
    const [item, key] = rest;
    const indexed = first.name === "index" && item !== undefined && this.#operand(item, dot) === "document";
    if (indexed && key?.type === "string") {
      this.fields.add(key.value);
      for (const arg of rest.slice(2)) this.#uses(this.#operand(arg, dot));
      return "other";
    }
    for (const arg of rest) this.#uses(this.#operand(arg, dot));
    if (piped !== undefined) this.#uses(piped);
    return "other";
  }

  #operand(node: Operand, dot: Shape): Shape {
    switch (node.type) {
      case "dot":
        return dot;
      case "field":
        return this.#field(dot, node.names);
      case "variable":
        return this.#field(this.#variables.get(node.name) ?? "other", node.fields);
      case "chain":
        return this.#field(this.#operand(node.base, dot), node.fields);
      case "pipe":
        return this.#pipe(node, dot);
      default:
        return "other";
    }
  }

  #field(from: Shape, names: readonly string[]): Shape {
    const [first] = names;
    if (first === undefined) return from;
    if (from === "document") this.fields.add(first);
    return "other";
  }

  /** Someone sees the value itself: if it is the document, that is every field. */
  #uses(shape: Shape): void {
    if (shape === "document") this.all = true;
  }
}
