import type { Whose } from "../format.ts";
import { unparsable } from "../refusals.ts";
import { bareIdentity, unescaped } from "./values.ts";

export interface KeyPart {
  readonly text: string;
  readonly raw: string;
}

export interface Scalar {
  readonly identity: string;
  readonly text: string;
  readonly isString: boolean;
}

const BARE_KEY = /[A-Za-z\d_-]+/y;
const BARE_VALUE = /\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+|[^\s,\]}#"'=]+/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: TOML forbids them
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;

/** Words of a TOML text (1.0, and what 1.1 adds): keys, strings, other values, remarks. */
export class Scanner {
  readonly text: string;
  readonly #whose: Whose;
  at = 0;

  constructor(text: string, whose: Whose) {
    this.text = text;
    this.#whose = whose;
    const bad = FORBIDDEN.exec(text);
    if (bad) throw this.broken("a control character", bad.index);
  }

  peek(): string | undefined {
    return this.text[this.at];
  }

  /** Takes the character if it is the next one. */
  take(char: string): boolean {
    const found = this.text.startsWith(char, this.at);
    if (found) this.at += char.length;
    return found;
  }

  blanks(): void {
    while (this.text[this.at] === " " || this.text[this.at] === "\t") this.at++;
  }

  /** Skips white space, line breaks and remarks; gives the remarks. */
  space(): string[] {
    const remarks: string[] = [];
    for (;;) {
      while (/[ \t\r\n]/.test(this.text[this.at] ?? "")) this.at++;
      if (this.text[this.at] !== "#") return remarks;
      const end = this.text.indexOf("\n", this.at);
      const from = this.at;
      this.at = end < 0 ? this.text.length : end;
      remarks.push(this.text.slice(from, this.at).trimEnd());
    }
  }

  /** `a . "b" . 'c'`, blanks before it and behind it skipped. */
  key(): KeyPart[] {
    const parts: KeyPart[] = [];
    do {
      this.blanks();
      parts.push(this.#keyPart());
      this.#keyEnd = this.at;
      this.blanks();
    } while (this.take("."));
    return parts;
  }

  /** Behind the last key, without the blanks that follow it. */
  get keyEnd(): number {
    return this.#keyEnd;
  }
  #keyEnd = 0;

  #keyPart(): KeyPart {
    const start = this.at;
    const quote = this.peek();
    if (quote === '"' || quote === "'") {
      const text = this.#line(quote);
      return { text, raw: this.text.slice(start, this.at) };
    }
    BARE_KEY.lastIndex = start;
    const raw = BARE_KEY.exec(this.text)?.[0];
    if (raw === undefined) throw this.broken("a key was expected");
    this.at += raw.length;
    return { text: raw, raw };
  }

  scalar(): Scalar {
    const quote = this.peek();
    if (quote === '"' || quote === "'") {
      const text = this.text.startsWith(quote.repeat(3), this.at) ? this.#lines(quote) : this.#line(quote);
      return { identity: `s:${text}`, text, isString: true };
    }
    BARE_VALUE.lastIndex = this.at;
    const raw = BARE_VALUE.exec(this.text)?.[0] ?? "";
    const identity = bareIdentity(raw);
    if (identity === undefined) throw this.broken("a value was expected; texts stand in quotes");
    this.at += raw.length;
    return { identity, text: raw, isString: false };
  }

  /** A string on one line. */
  #line(quote: string): string {
    const start = this.at;
    const inside = this.#until(start + 1, quote, quote);
    if (inside.includes("\n")) throw this.broken("a quote that is not closed on its line", start);
    return this.#meaning(inside, quote, start + 1);
  }

  /** A string of several lines; a line break right behind the quotes is none of it. */
  #lines(quote: string): string {
    const start = this.at;
    const inside = this.#until(start + 3, quote.repeat(3), quote);
    return this.#meaning(inside.replace(/^\r?\n/, "").replaceAll("\r\n", "\n"), quote, start);
  }

  /** What stands before the closing quotes, up to two of which may belong to it. */
  #until(from: number, close: string, quote: string): string {
    for (let at = from; at < this.text.length; at++) {
      if (quote === '"' && this.text[at] === "\\") at++;
      else if (this.text.startsWith(close, at)) {
        let end = at;
        while (close.length > 1 && end < at + 2 && this.text[end + close.length] === quote) end++;
        this.at = end + close.length;
        return this.text.slice(from, end);
      } else if (close.length === 1 && this.text[at] === "\n") break;
    }
    throw this.broken("a quote that is not closed", from - close.length);
  }

  #meaning(inside: string, quote: string, offset: number): string {
    if (quote === "'") return inside;
    const text = unescaped(inside);
    if (typeof text === "number") throw this.broken("a backslash that means nothing", offset);
    return text;
  }

  broken(what: string, offset = this.at): Error {
    return unparsable(this.text, this.#whose, "TOML", offset, what);
  }
}
