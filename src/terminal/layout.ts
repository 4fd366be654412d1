import { widthOf } from "./width.ts";

/** Below this nothing is gained by wrapping: the terminal does it. */
const NARROWEST = 10;

/** Joins parts into lines no wider than `width`, which may be without end; a part stays whole, a line breaks between parts. */
export function wrap(parts: readonly string[], width: number, separator: string): string[] {
  if (width < NARROWEST) return [parts.join(separator)];
  if (width === Number.POSITIVE_INFINITY && parts.length > 0) return [parts.join(separator)];
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : last + separator + part;
    if (last === undefined || widthOf(joined) > width) lines.push(part);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

/** One line for a terminal of this width: what does not fit goes on below it, further in. Colours are put on afterwards. */
export function folded(line: string, columns: number): string[] {
  const [indent = ""] = /^ */.exec(line) ?? [];
  const [first = "", ...rest] = wrap(line.slice(indent.length).split(" "), columns - indent.length - 2, " ");
  return [`${indent}${first}`, ...rest.map((more) => `${indent}  ${more}`)];
}

/** What is to stay in one line, a command say: its spaces are not broken at. {@link spaced} makes them plain again. */
export function unbroken(text: string): string {
  return text.replaceAll(" ", NO_BREAK);
}

export function spaced(text: string): string {
  return text.replaceAll(NO_BREAK, " ");
}

const NO_BREAK = "\u00a0";
