import { widthOf } from "./width.ts";

/** Below this nothing is gained by wrapping: the terminal does it. */
const NARROWEST = 10;

/** Joins parts into lines no wider than `width`; a part stays whole, a line breaks between parts. */
export function wrap(parts: readonly string[], width: number, separator: string): string[] {
  if (width < NARROWEST) return [parts.join(separator)];
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : last + separator + part;
    if (last === undefined || widthOf(joined) > width) lines.push(part);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}
