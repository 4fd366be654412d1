import { quote } from "../values/quote.ts";

/** The words of the language. All others are functions. */
export const KEYWORDS = [
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "nil",
  "range",
  "template",
  "with",
] as const;
export type Keyword = (typeof KEYWORDS)[number];

export type TokenKind =
  | Keyword
  | "text"
  | "open"
  | "close"
  | "space"
  | "assign"
  | "declare"
  | "pipe"
  | "string"
  | "rawString"
  | "char"
  | "number"
  | "complex"
  | "bool"
  | "variable"
  | "dot"
  | "field"
  | "identifier"
  | "leftParen"
  | "rightParen"
  | "punctuation"
  | "eof"
  | "error";

export interface Token {
  readonly kind: TokenKind;
  /** As in the source; for `error`, what is wrong. */
  readonly text: string;
  /** Offset in the source, UTF-16 units. */
  readonly at: number;
}

const SHOWN = 10;

/** A token in an error message, as Go shows it. */
export function show(token: Token): string {
  if (token.kind === "eof") return "EOF";
  if (token.kind === "error") return token.text;
  if (token.kind === "dot" || (KEYWORDS as readonly string[]).includes(token.kind)) return `<${token.text}>`;
  const points = [...token.text];
  return points.length > SHOWN ? `${quote(points.slice(0, SHOWN).join(""))}...` : quote(token.text);
}
