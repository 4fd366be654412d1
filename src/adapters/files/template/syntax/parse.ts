import { quote } from "../values/quote.ts";
import { tokenize } from "./lexer.ts";
import type { BranchNode, CallNode, ListNode, Statement } from "./nodes.ts";
import { deeper, type Note, type Parse, parsePipe, readString, type Scope } from "./parse-pipe.ts";
import type { Source } from "./source.ts";
import { TokenStream, Unparsable } from "./stream.ts";
import type { Token } from "./tokens.ts";

/** What ends a list of statements. */
interface Terminator {
  readonly kind: "end" | "else";
  readonly at: number;
}

interface BlockParse extends Parse {
  readonly trees: Map<string, ListNode>;
  readonly calls: CallNode[];
}

export interface Parsed {
  readonly trees: ReadonlyMap<string, ListNode>;
  /** In the order in which they were found; a syntax error, if there is one, is the last. */
  readonly notes: readonly Note[];
}

/** Reads a whole source: the template itself under its name, and what it defines. */
export function parse(source: Source, isFunction: (name: string) => boolean): Parsed {
  const stream = new TokenStream(source, tokenize(source.text));
  const state: BlockParse = {
    stream,
    notes: [],
    isFunction,
    scope: newScope(source.name),
    depth: 0,
    trees: new Map(),
    calls: [],
  };
  try {
    parseSource(state);
    checkCalls(state);
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error;
    state.notes.push(error);
  }
  return { trees: state.trees, notes: state.notes };
}

function newScope(name: string): Scope {
  return { name, variables: ["$"], rangeDepth: 0 };
}

function parseSource(state: BlockParse): void {
  const { stream } = state;
  const at = stream.peek().at;
  const nodes: Statement[] = [];
  while (stream.peek().kind !== "eof") {
    const mark = stream.mark();
    if (stream.next().kind === "open" && stream.nextNonSpace().kind === "define") {
      parseDefinition(state);
      continue;
    }
    stream.reset(mark);
    const found = parseStatement(state);
    if (isTerminator(found)) throw new Unparsable(found.at, `unexpected {{${found.kind}}}`);
    nodes.push(found);
  }
  addTree(state, state.scope.name, { type: "list", at, nodes }, stream.peek().at);
}

function parseDefinition(state: BlockParse): void {
  const context = "define clause";
  const name = readString(state.stream.expect(["string", "rawString"], context));
  state.stream.expect(["close"], context);
  parseTree(state, name, context);
}

/** The body of a `define` or `block`: a template of its own, with no variables but its `$`. */
function parseTree(state: BlockParse, name: string, context: string): void {
  const outer = state.scope;
  state.scope = newScope(name);
  const { list, end } = parseList(state);
  if (end.kind !== "end") throw new Unparsable(end.at, `unexpected {{else}} in ${context}`);
  addTree(state, name, list, end.at);
  state.scope = outer;
}

/** Of two templates of one name, one must be empty. */
function addTree(state: BlockParse, name: string, tree: ListNode, at: number): void {
  const before = state.trees.get(name);
  if (before === undefined || isEmpty(before)) {
    state.trees.set(name, tree);
  } else if (!isEmpty(tree)) {
    throw new Unparsable(at, `template: multiple definition of template ${quote(name)}`);
  }
}

function isEmpty(tree: ListNode): boolean {
  return tree.nodes.every((node) => node.type === "text" && node.text.trim() === "");
}

function checkCalls(state: BlockParse): void {
  for (const { name, at } of state.calls) {
    if (state.trees.has(name)) continue;
    state.notes.push({ at, code: "template.unknown-template", message: `template ${quote(name)} not defined` });
  }
}

function parseList(state: BlockParse): { list: ListNode; end: Terminator } {
  const { stream } = state;
  const at = stream.peekNonSpace().at;
  return deeper(state, at, () => {
    const nodes: Statement[] = [];
    while (stream.peekNonSpace().kind !== "eof") {
      const found = parseStatement(state);
      if (isTerminator(found)) return { list: { type: "list" as const, at, nodes }, end: found };
      nodes.push(found);
    }
    throw new Unparsable(stream.peek().at, "unexpected EOF");
  });
}

function isTerminator(found: Statement | Terminator): found is Terminator {
  return "kind" in found;
}

function parseStatement(state: BlockParse): Statement | Terminator {
  const token = state.stream.nextNonSpace();
  if (token.kind === "text") return { type: "text", at: token.at, text: token.text };
  if (token.kind !== "open") throw state.stream.unexpected(token, "input");
  state.stream.actionAt = token.at;
  const found = parseAction(state);
  state.stream.actionAt = undefined;
  return found;
}

function parseAction(state: BlockParse): Statement | Terminator {
  const mark = state.stream.mark();
  const token = state.stream.nextNonSpace();
  switch (token.kind) {
    case "block":
      return parseBlock(state);
    case "break":
    case "continue":
      return parseJump(state, token.kind, token.at);
    case "else":
      return parseElse(state);
    case "end":
      return { kind: "end", at: state.stream.expect(["close"], "end").at };
    case "if":
    case "range":
    case "with":
      return parseBranch(state, token.kind);
    case "template":
      return parseCall(state);
    default: {
      state.stream.reset(mark);
      const { at } = state.stream.peekNonSpace();
      return { type: "action", at, pipe: parsePipe(state, "command", "close") };
    }
  }
}

function parseJump(state: BlockParse, type: "break" | "continue", at: number): Statement {
  const token = state.stream.nextNonSpace();
  if (token.kind !== "close") throw state.stream.unexpected(token, `{{${type}}}`);
  if (state.scope.rangeDepth === 0) throw new Unparsable(at, `{{${type}}} outside {{range}}`);
  return { type, at };
}

/** An `if` or `with` that follows is left for the branch that this belongs to. */
function parseElse(state: BlockParse): Terminator {
  const token = state.stream.peekNonSpace();
  if (token.kind === "if" || token.kind === "with") return { kind: "else", at: token.at };
  return { kind: "else", at: state.stream.expect(["close"], "else").at };
}

function parseBranch(state: BlockParse, type: BranchNode["type"]): BranchNode {
  const { variables } = state.scope;
  const mark = variables.length;
  const pipe = parsePipe(state, type, "close");
  if (type === "range") state.scope.rangeDepth++;
  const { list, end } = parseList(state);
  if (type === "range") state.scope.rangeDepth--;
  const branch = { type, at: pipe.at, pipe, list };
  const whole = end.kind === "end" ? branch : { ...branch, otherwise: parseOtherwise(state, type, end.at) };
  variables.length = mark;
  return whole;
}

/** After `{{else`: a chained `if` or `with` takes the one `{{end}}` for both. */
function parseOtherwise(state: BlockParse, type: BranchNode["type"], at: number): ListNode {
  if (type !== "range" && state.stream.peek().kind === type) {
    state.stream.next();
    return deeper(state, at, () => ({ type: "list", at, nodes: [parseBranch(state, type)] }));
  }
  const { list, end } = parseList(state);
  if (end.kind !== "end") throw new Unparsable(end.at, "expected end; found {{else}}");
  return list;
}

function parseBlock(state: BlockParse): CallNode {
  const context = "block clause";
  const token = state.stream.nextNonSpace();
  const name = templateName(state, token, context);
  const pipe = parsePipe(state, context, "close");
  parseTree(state, name, context);
  return { type: "template", at: token.at, name, pipe };
}

function parseCall(state: BlockParse): CallNode {
  const context = "template clause";
  const token = state.stream.nextNonSpace();
  const call: CallNode = { type: "template", at: token.at, name: templateName(state, token, context) };
  const bare = state.stream.peekNonSpace().kind === "close";
  if (bare) state.stream.next();
  const node = bare ? call : { ...call, pipe: parsePipe(state, context, "close") };
  state.calls.push(node);
  return node;
}

function templateName(state: BlockParse, token: Token, context: string): string {
  if (token.kind === "string" || token.kind === "rawString") return readString(token);
  throw state.stream.unexpected(token, context);
}
