import { Fault, type TemplateErrorCode } from "../errors.ts";
import type { Source } from "./source.ts";
import { show, type Token, type TokenKind } from "./tokens.ts";

/** The first thing that keeps the parser from going on. */
export class Unparsable extends Fault {
  readonly at: number;

  constructor(at: number, message: string, code: TemplateErrorCode = "template.syntax") {
    super(code, message);
    this.at = at;
  }
}

/** Tokens with free look-ahead. */
export class TokenStream {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #next = 0;
  /** Where the action being parsed began; for "unclosed action" far below. */
  actionAt: number | undefined;

  constructor(source: Source, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  /** The next token, and past it. The last one (`eof` or `error`) is given again and again. */
  next(): Token {
    const token = this.peek();
    if (this.#next < this.#tokens.length - 1) this.#next++;
    return token;
  }

  peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "eof", text: "", at: 0 };
  }

  nextNonSpace(): Token {
    this.#skipSpace();
    return this.next();
  }

  peekNonSpace(): Token {
    this.#skipSpace();
    return this.peek();
  }

  /** Where the stream stands; {@link reset} goes back there. */
  mark(): number {
    return this.#next;
  }

  reset(mark: number): void {
    this.#next = mark;
  }

  expect(kinds: readonly TokenKind[], context: string): Token {
    const token = this.nextNonSpace();
    if (!kinds.includes(token.kind)) throw this.unexpected(token, context);
    return token;
  }

  unexpected(token: Token, context: string): Unparsable {
    if (token.kind !== "error") return new Unparsable(token.at, `unexpected ${show(token)} in ${context}`);
    return new Unparsable(token.at, token.text + this.#startedAt(token));
  }

  #startedAt(token: Token): string {
    if (this.actionAt === undefined) return "";
    const line = this.#source.line(this.actionAt);
    if (line === this.#source.line(token.at)) return "";
    const started = ` started at ${this.#source.name}:${line}`;
    return token.text.endsWith(" action") ? started : ` in action${started}`;
  }

  #skipSpace(): void {
    while (this.peek().kind === "space") this.#next++;
  }
}
