import { Fault, type TemplateErrorCode } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { quote } from "../values/quote.ts";
import { BadLiteral, parseNumber, unquote, unquoteCharacter } from "./literals.ts";
import type { CommandNode, NumberNode, Operand, PipeNode, VariableNode } from "./nodes.ts";
import { spell } from "./spell.ts";
import { type TokenStream, Unparsable } from "./stream.ts";
import type { Token, TokenKind } from "./tokens.ts";

/** A mistake that does not keep the parser from reading on. */
export interface Note {
  readonly at: number;
  readonly code: TemplateErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What is known while one template (the source itself, a `define`, a `block`) is parsed. */
export interface Scope {
  readonly name: string;
  /** Variables in scope, innermost last; with their `$`. */
  readonly variables: string[];
  rangeDepth: number;
}

/** What pipelines and blocks share during one parse. */
export interface Parse {
  readonly stream: TokenStream;
  readonly notes: Note[];
  readonly isFunction: (name: string) => boolean;
  scope: Scope;
  depth: number;
}

const OPERANDS: readonly TokenKind[] = [
  "bool",
  "char",
  "complex",
  "dot",
  "field",
  "identifier",
  "number",
  "nil",
  "rawString",
  "string",
  "variable",
  "leftParen",
];
const INERT: readonly Operand["type"][] = ["bool", "dot", "nil", "number", "string"];

/** Runs one level deeper; the limit keeps the parser's own stack bounded. */
export function deeper<T>(parse: Parse, at: number, body: () => T): T {
  if (++parse.depth > LIMITS.nesting) {
    throw new Unparsable(at, `nested deeper than ${LIMITS.nesting} levels`, "template.limit");
  }
  const result = body();
  parse.depth--;
  return result;
}

/** `declarations? command ('|' command)*`, past its closing token. */
export function parsePipe(parse: Parse, context: string, end: TokenKind): PipeNode {
  const { at } = parse.stream.peekNonSpace();
  const head = parseDeclarations(parse, context);
  const commands: CommandNode[] = [];
  for (;;) {
    const token = parse.stream.peekNonSpace();
    if (token.kind === end) break;
    if (!OPERANDS.includes(token.kind)) throw parse.stream.unexpected(token, context);
    commands.push(parseCommand(parse));
  }
  const close = parse.stream.next();
  checkCommands(commands, close, context);
  return { type: "pipe", at, ...head, commands };
}

function checkCommands(commands: readonly CommandNode[], close: Token, context: string): void {
  if (commands.length === 0) throw new Unparsable(close.at, `missing value for ${context}`);
  commands.forEach((command, index) => {
    if (index === 0 || !INERT.includes(command.args[0].type)) return;
    throw new Unparsable(command.at, `non executable command in pipeline stage ${index + 1}`);
  });
}

function parseDeclarations(parse: Parse, context: string): { assign: boolean; declared: VariableNode[] } {
  const declared: VariableNode[] = [];
  while (parse.stream.peekNonSpace().kind === "variable") {
    const mark = parse.stream.mark();
    const token = parse.stream.next();
    const sign = parse.stream.peekNonSpace();
    const listed = sign.kind === "punctuation" && sign.text === ",";
    if (!listed && sign.kind !== "assign" && sign.kind !== "declare") {
      parse.stream.reset(mark);
      break;
    }
    parse.stream.next();
    declared.push({ type: "variable", at: token.at, name: token.text, fields: [] });
    parse.scope.variables.push(token.text);
    if (!listed) return { assign: sign.kind === "assign", declared };
    checkListed(parse, context, declared.length);
  }
  return { assign: false, declared };
}

/** After `$i,` only a second variable of a range may follow. */
function checkListed(parse: Parse, context: string, count: number): void {
  const next = parse.stream.peekNonSpace();
  if (context !== "range" || count > 1) throw new Unparsable(next.at, `too many declarations in ${context}`);
  if (!["variable", "close", "rightParen"].includes(next.kind)) {
    throw new Unparsable(next.at, "range can only initialize variables");
  }
}

/** `operand (space operand)*`, past a pipe sign but not past the end. */
function parseCommand(parse: Parse): CommandNode {
  const { at } = parse.stream.peekNonSpace();
  const args: Operand[] = [];
  for (;;) {
    const operand = parseOperand(parse);
    if (operand !== undefined) args.push(operand);
    const token = parse.stream.peek();
    if (token.kind === "close" || token.kind === "rightParen") break;
    parse.stream.next();
    if (token.kind === "pipe") break;
    if (token.kind !== "space") throw parse.stream.unexpected(token, "operand");
  }
  const [first, ...rest] = args;
  if (first === undefined) throw new Unparsable(at, "empty command");
  return { type: "command", at, args: [first, ...rest] };
}

/** `term .Field*` */
function parseOperand(parse: Parse): Operand | undefined {
  const term = parseTerm(parse);
  const { at, kind } = parse.stream.peek();
  if (term === undefined || kind !== "field") return term;
  const fields: string[] = [];
  while (parse.stream.peek().kind === "field") fields.push(parse.stream.next().text.slice(1));
  if (term.type === "field") return { type: "field", at, names: [...term.names, ...fields] };
  if (term.type === "variable") return { ...term, at, fields };
  if (INERT.includes(term.type)) throw new Unparsable(at, `unexpected . after term ${quote(spell(term))}`);
  return { type: "chain", at, base: term, fields };
}

function parseTerm(parse: Parse): Operand | undefined {
  const token = parse.stream.peekNonSpace();
  if (!OPERANDS.includes(token.kind)) return undefined;
  parse.stream.next();
  const { at, text } = token;
  switch (token.kind) {
    case "identifier":
      return identifier(parse, token);
    case "variable":
      return variable(parse, token);
    case "field":
      return { type: "field", at, names: [text.slice(1)] };
    case "dot":
      return { type: "dot", at };
    case "nil":
      return { type: "nil", at };
    case "bool":
      return { type: "bool", at, value: text === "true" };
    case "leftParen":
      return deeper(parse, at, () => parsePipe(parse, "parenthesized pipeline", "rightParen"));
    case "string":
    case "rawString":
      return { type: "string", at, quoted: text, value: readString(token) };
    default:
      return number(token);
  }
}

function identifier(parse: Parse, { at, text }: Token): Operand {
  if (!parse.isFunction(text)) {
    parse.notes.push({ at, code: "template.unknown-function", message: `function ${quote(text)} not defined` });
  }
  return { type: "identifier", at, name: text };
}

function variable(parse: Parse, { at, text }: Token): VariableNode {
  if (!parse.scope.variables.includes(text)) {
    parse.notes.push({ at, code: "template.unknown-variable", message: `undefined variable ${quote(text)}` });
  }
  return { type: "variable", at, name: text, fields: [] };
}

function number(token: Token): NumberNode {
  const value = literal(token, () => {
    if (token.kind === "char") return unquoteCharacter(token.text);
    return parseNumber(token.text);
  });
  return { type: "number", at: token.at, text: token.text, value };
}

/** The text of a string token. */
export function readString(token: Token): string {
  return literal(token, () => unquote(token.text));
}

function literal<T>(token: Token, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadLiteral) throw new Unparsable(token.at, error.message);
    throw error instanceof Fault ? error : new Error("unreachable", { cause: error });
  }
}
