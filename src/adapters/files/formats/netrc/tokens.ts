import { lineEnd } from "../edits.ts";
import type { Whose } from "../format.ts";
import { unparsable } from "../refusals.ts";

/** A word of a netrc file. Offsets are UTF-16 units of the source. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const QUOTED = /"((?:[^"\\\n]|\\[^\n])*)"/y;
const PLAIN = /\S+/y;

/** Reads words; remarks are skipped where a keyword is expected only, since a password may begin with `#`. */
export class Tokens {
  readonly #text: string;
  readonly #whose: Whose;
  #at = 0;

  constructor(text: string, whose: Whose) {
    this.#text = text;
    this.#whose = whose;
  }

  keyword(): Token | undefined {
    this.#skipSpace();
    while (this.#text[this.#at] === "#") {
      this.#at = lineEnd(this.#text, this.#at);
      this.#skipSpace();
    }
    return this.#at < this.#text.length ? this.#plain() : undefined;
  }

  /** What follows a keyword: in quotes, with `\` before quotes and backslashes, or up to the next white space. */
  value(keyword: Token): Token {
    this.#skipSpace();
    if (this.#at >= this.#text.length) throw this.broken(keyword, `"${keyword.text}" without what it names`);
    if (this.#text[this.#at] !== '"') return this.#plain();
    const start = this.#at;
    QUOTED.lastIndex = start;
    const inside = QUOTED.exec(this.#text)?.[1];
    if (inside === undefined) throw this.broken({ start }, "a quote that is not closed on its line");
    this.#at = QUOTED.lastIndex;
    return { start, end: this.#at, text: inside.replaceAll(/\\(.)/g, "$1") };
  }

  /** Behind a macro: its lines end with a blank one. */
  skipMacro(): void {
    const blank = /\n[ \t]*\r?(?=\n)/g;
    blank.lastIndex = this.#at;
    this.#at = blank.exec(this.#text) ? blank.lastIndex : this.#text.length;
  }

  broken({ start }: { readonly start: number }, what: string): Error {
    return unparsable(this.#text, this.#whose, "netrc", start, what);
  }

  #plain(): Token {
    PLAIN.lastIndex = this.#at;
    const text = PLAIN.exec(this.#text)?.[0] ?? "";
    const start = this.#at;
    this.#at += text.length;
    return { start, end: this.#at, text };
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
}
