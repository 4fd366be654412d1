import { offsetAt } from "./lines.ts";
import type { Scalar } from "./tree.ts";

/**
 * Where a place in a scalar's value (line and column from 1) stands in the file: an offset into `text`. Exact for block
 * literals and for what stands on one line; a place in folded white space is moved to the next visible character.
 */
export function placeInFile(text: string, scalar: Scalar, line: number, column: number): number {
  const at = offsetAt(scalar.text, line, column);
  if (scalar.style === "literal") return placeInLiteral(text, scalar, line, column);
  return placeByVisible(text, scalar, at);
}

/** A literal's lines stand in the file as they are, only indented. */
function placeInLiteral(text: string, scalar: Scalar, line: number, column: number): number {
  const valueLine = scalar.text.split("\n")[line - 1] ?? "";
  let start = scalar.start;
  for (let passed = 0; passed < line; passed++) {
    const next = text.indexOf("\n", start);
    if (next === -1 || next >= scalar.end) return scalar.end;
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  const fileLine = text.slice(start, end === -1 ? text.length : end).replace(/\r$/, "");
  return start + fileLine.length - valueLine.length + Math.min(column - 1, valueLine.length);
}

/** Folding and escapes change white space and spelling, but never the order of what is visible: counting leads there. */
function placeByVisible(text: string, scalar: Scalar, at: number): number {
  let left = visibleCount(scalar.text.slice(0, at));
  let last = scalar.start;
  for (const { char, offset, end } of characters(text, scalar)) {
    if (!isVisible(char)) continue;
    if (left === 0) return offset;
    left--;
    last = end;
  }
  return last;
}

function visibleCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) if (isVisible(text[index] ?? "")) count++;
  return count;
}

function isVisible(char: string): boolean {
  return char !== "" && !/\s/.test(char);
}

interface Character {
  /** One UTF-16 unit of the value. */
  readonly char: string;
  readonly offset: number;
  readonly end: number;
}

/** The value's characters in the order of the file, with white space as it stands there. */
function* characters(text: string, scalar: Scalar): Generator<Character> {
  const quoted = scalar.style === "single" || scalar.style === "double";
  let offset = scalar.style === "folded" ? firstLine(text, scalar) : scalar.start + (quoted ? 1 : 0);
  const end = quoted ? scalar.end - 1 : scalar.end;
  while (offset < end) {
    const { value, length } = spelled(text, offset, scalar.style);
    for (let index = 0; index < value.length; index++) {
      yield { char: value[index] ?? "", offset, end: offset + length };
    }
    offset += length;
  }
}

/** After a folded block's header (`>-`, a comment). */
function firstLine(text: string, scalar: Scalar): number {
  const newline = text.indexOf("\n", scalar.start);
  return newline === -1 ? scalar.end : newline + 1;
}

function spelled(text: string, offset: number, style: Scalar["style"]): { value: string; length: number } {
  const char = text[offset] ?? "";
  if (style === "single" && char === "'") return { value: "'", length: 2 };
  if (style === "double" && char === "\\") return escaped(text, offset);
  return { value: char, length: 1 };
}

/** Escapes of a double-quoted scalar: https://yaml.org/spec/1.2.2/#57-escaped-characters */
function escaped(text: string, offset: number): { value: string; length: number } {
  const letter = text[offset + 1] ?? "";
  const digits = { x: 2, u: 4, U: 8 }[letter];
  if (digits !== undefined) {
    const code = Number.parseInt(text.slice(offset + 2, offset + 2 + digits), 16);
    return { value: code <= 0x10ffff ? String.fromCodePoint(code) : "", length: 2 + digits };
  }
  return { value: /["\\/]/.test(letter) ? letter : (controls[letter] ?? " "), length: 2 };
}

/** The escapes that mean something which is not white space. */
const controls: Readonly<Record<string, string>> = { "0": "\0", a: "\x07", b: "\b", e: "\x1b", N: "\x85" };
