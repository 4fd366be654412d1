import { isPrintable, quote } from "../values/quote.ts";
import { KEYWORDS, type Token, type TokenKind } from "./tokens.ts";

const OPEN = "{{";
const CLOSE = "}}";
const TRIM = "-";
const SPACE = /[ \t\r\n]/;
const WORD = /[\p{L}\p{Nd}_]/u;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;
const SIMPLE: Readonly<Record<string, TokenKind>> = { "=": "assign", "|": "pipe" };

/**
 * Cuts a template into tokens; the last one is `eof`, or `error` with what is wrong. Comments are dropped and trim
 * markers have done their work.
 */
export function tokenize(text: string): Token[] {
  return new Lexer(text).run();
}

class LexicalError extends Error {}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #pos = 0;
  #start = 0;
  #parens = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    try {
      while (this.#scanText()) this.#scanAction();
      this.#emit("eof");
    } catch (error) {
      if (!(error instanceof LexicalError)) throw error;
      this.#tokens.push({ kind: "error", text: error.message, at: this.#start });
    }
    return this.#tokens;
  }

  /** Emits the text up to the next action and steps into it; false at the end. Comments count as nothing. */
  #scanText(): boolean {
    for (;;) {
      const open = this.#text.indexOf(OPEN, this.#pos);
      const end = open < 0 ? this.#text.length : open;
      const inside = end + OPEN.length;
      const trims = open >= 0 && this.#text[inside] === TRIM && this.#isSpace(inside + 1);
      const written = this.#text.slice(this.#pos, end);
      const kept = trims ? written.replace(/[ \t\r\n]+$/, "") : written;
      if (kept !== "") this.#tokens.push({ kind: "text", text: kept, at: this.#pos });
      this.#jump(end);
      if (open < 0) return false;
      const first = inside + (trims ? 2 : 0);
      if (!this.#text.startsWith("/*", first)) {
        this.#tokens.push({ kind: "open", text: OPEN, at: open });
        this.#jump(first);
        return true;
      }
      this.#jump(first);
      this.#skipComment();
    }
  }

  #skipComment(): void {
    const end = this.#text.indexOf("*/", this.#pos + 2);
    if (end < 0) throw new LexicalError("unclosed comment");
    this.#pos = end + 2;
    const close = this.#closing();
    if (close === undefined) throw new LexicalError("comment ends before closing delimiter");
    this.#close(close);
  }

  /** Everything up to and with the closing delimiter. */
  #scanAction(): void {
    this.#parens = 0;
    for (;;) {
      const close = this.#closing();
      if (close !== undefined) {
        if (this.#parens > 0) throw new LexicalError("unclosed left paren");
        const at = this.#pos + (close === "trim" ? 2 : 0);
        this.#tokens.push({ kind: "close", text: CLOSE, at });
        this.#close(close);
        return;
      }
      this.#scanToken();
    }
  }

  #scanToken(): void {
    const character = this.#peek();
    if (character === "") throw new LexicalError("unclosed action");
    if (SPACE.test(character)) {
      this.#scanSpace();
      return;
    }
    if (character === "." && !/\d/.test(this.#text[this.#pos + 1] ?? "")) {
      this.#scanName("field", "dot");
      return;
    }
    if (/[+\-.0-9]/.test(character)) {
      this.#scanNumber();
      return;
    }
    if (WORD.test(character)) {
      this.#scanWord();
      return;
    }
    this.#pos += character.length;
    this.#scanSign(character);
  }

  /** The first character has been taken. */
  #scanSign(character: string): void {
    const simple = SIMPLE[character];
    if (simple !== undefined) {
      this.#emit(simple);
      return;
    }
    if (character === ":") {
      this.#scanDeclare();
      return;
    }
    if (character === '"') {
      this.#scanQuoted('"', "string", "unterminated quoted string");
      return;
    }
    if (character === "'") {
      this.#scanQuoted("'", "char", "unterminated character constant");
      return;
    }
    if (character === "`") {
      this.#scanRaw();
      return;
    }
    if (character === "$") {
      this.#pos -= 1;
      this.#scanName("variable", "variable");
      return;
    }
    if (character === "(" || character === ")") {
      this.#scanParen(character);
      return;
    }
    if (/^[!-~]$/.test(character)) {
      this.#emit("punctuation");
      return;
    }
    throw new LexicalError(`unrecognized character in action: ${unicode(character)}`);
  }

  #scanDeclare(): void {
    if (this.#text[this.#pos] !== "=") throw new LexicalError("expected :=");
    this.#pos++;
    this.#emit("declare");
  }

  #scanParen(character: string): void {
    this.#parens += character === "(" ? 1 : -1;
    if (this.#parens < 0) throw new LexicalError("unexpected right paren");
    this.#emit(character === "(" ? "leftParen" : "rightParen");
  }

  /** A run of spaces; one that belongs to a trimming close is left for it. */
  #scanSpace(): void {
    while (this.#isSpace(this.#pos)) this.#pos++;
    this.#pos--;
    if (this.#closing() !== "trim") this.#pos++;
    if (this.#pos > this.#start) this.#emit("space");
  }

  #scanQuoted(mark: string, kind: TokenKind, unterminated: string): void {
    for (;;) {
      const character = this.#text[this.#pos++];
      if (character === mark) {
        this.#emit(kind);
        return;
      }
      const next = character === "\\" ? this.#text[this.#pos++] : character;
      if (next === undefined || next === "\n") throw new LexicalError(unterminated);
    }
  }

  #scanRaw(): void {
    const end = this.#text.indexOf("`", this.#pos);
    if (end < 0) throw new LexicalError("unterminated raw quoted string");
    this.#pos = end + 1;
    this.#emit("rawString");
  }

  #scanNumber(): void {
    this.#takeNumber();
    if (!/[+-]/.test(this.#peek())) {
      this.#emit("number");
      return;
    }
    this.#takeNumber();
    if (this.#text[this.#pos - 1] !== "i") throw this.#badNumber();
    this.#emit("complex");
  }

  #takeNumber(): void {
    NUMBER.lastIndex = this.#pos;
    this.#pos += NUMBER.exec(this.#text)?.[0].length ?? 0;
    const next = this.#peek();
    if (!WORD.test(next)) return;
    this.#pos += next.length;
    throw this.#badNumber();
  }

  #badNumber(): LexicalError {
    return new LexicalError(`bad number syntax: ${quote(this.#text.slice(this.#start, this.#pos))}`);
  }

  #scanWord(): void {
    this.#takeWord();
    const word = this.#text.slice(this.#start, this.#pos);
    if ((KEYWORDS as readonly string[]).includes(word)) this.#emit(word as TokenKind);
    else this.#emit(word === "true" || word === "false" ? "bool" : "identifier");
  }

  /** `.name` or `$name`; alone, the mark is a token of its own. */
  #scanName(kind: TokenKind, alone: TokenKind): void {
    this.#pos++;
    if (this.#atTerminator()) {
      this.#emit(alone);
      return;
    }
    this.#takeWord();
    this.#emit(kind);
  }

  #takeWord(): void {
    while (WORD.test(this.#peek())) this.#pos += this.#peek().length;
    if (!this.#atTerminator()) throw new LexicalError(`bad character ${unicode(this.#peek())}`);
  }

  #atTerminator(): boolean {
    const next = this.#peek();
    return next === "" || /[ \t\r\n.,|:()]/.test(next) || this.#text.startsWith(CLOSE, this.#pos);
  }

  #closing(): "trim" | "plain" | undefined {
    const marked = this.#isSpace(this.#pos) && this.#text[this.#pos + 1] === TRIM;
    if (marked && this.#text.startsWith(CLOSE, this.#pos + 2)) return "trim";
    return this.#text.startsWith(CLOSE, this.#pos) ? "plain" : undefined;
  }

  #close(how: "trim" | "plain"): void {
    this.#pos += CLOSE.length + (how === "trim" ? 2 : 0);
    while (how === "trim" && this.#isSpace(this.#pos)) this.#pos++;
    this.#start = this.#pos;
  }

  #emit(kind: TokenKind): void {
    this.#tokens.push({ kind, text: this.#text.slice(this.#start, this.#pos), at: this.#start });
    this.#start = this.#pos;
  }

  #jump(to: number): void {
    this.#pos = to;
    this.#start = to;
  }

  /** The next character (a whole code point), empty at the end. */
  #peek(): string {
    const code = this.#text.codePointAt(this.#pos);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #isSpace(at: number): boolean {
    return SPACE.test(this.#text[at] ?? "");
  }
}

function unicode(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return isPrintable(character) ? `U+${hex} '${character}'` : `U+${hex}`;
}
