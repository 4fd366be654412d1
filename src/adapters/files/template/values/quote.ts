/** What a double-quoted or single-quoted Go literal looks like (strconv.Quote and its relatives). */

const SHORT: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const ASCII = /^[\x20-\x7e]$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a raw string must not hold
const NOT_RAW = /[`\x00-\x08\x0a-\x1f\x7f\ufeff]/;

/** Whether a character (one code point) is shown as it is: letters, marks, numbers, punctuation, symbols, the ASCII space. */
export function isPrintable(character: string): boolean {
  return PRINTABLE.test(character);
}

/** `"a\tb"`. With `ascii`, everything else is escaped too. */
export function quote(text: string, ascii = false): string {
  return quoteWith(text, '"', ascii);
}

/** `'a'`, for a code point. */
export function quoteCharacter(codePoint: number, ascii = false): string {
  const valid = codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
  return quoteWith(String.fromCodePoint(valid ? codePoint : 0xfffd), "'", ascii);
}

/** Whether the text can stand between backquotes on one line. */
export function canBackquote(text: string): boolean {
  return !NOT_RAW.test(text);
}

function quoteWith(text: string, mark: string, ascii: boolean): string {
  let out = mark;
  for (const character of text.toWellFormed()) out += escaped(character, mark, ascii);
  return out + mark;
}

function escaped(character: string, mark: string, ascii: boolean): string {
  if (character === mark) return `\\${mark}`;
  const short = SHORT[character];
  if (short !== undefined) return short;
  if ((ascii ? ASCII : PRINTABLE).test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
