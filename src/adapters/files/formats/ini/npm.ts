import { skipBlanksBack } from "../edits.ts";
import type { IniValue } from "./value.ts";

/** npm's `ini`: JSON in quotes over the whole rest of the line, else text up to an unescaped `;` or `#`. */
export function npmValue(text: string, offset: number, lineEnd: number): IniValue {
  const rest = text.slice(offset, lineEnd);
  const quote = rest[0];
  if (rest.length > 1 && (quote === '"' || quote === "'") && rest.endsWith(quote)) {
    return { text: unquoted(rest), end: lineEnd };
  }
  const length = /^(?:\\.|[^\\;#])*\\?/.exec(rest)?.[0].length ?? 0;
  const end = skipBlanksBack(text, offset + length, offset);
  const value = text.slice(offset, end).replaceAll(/\\([\\;#])/g, "$1");
  return offset + length < lineEnd ? { text: value, end, remark: true } : { text: value, end };
}

function unquoted(source: string): string {
  const json = source.startsWith("'") ? source.slice(1, -1) : source;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : json;
  } catch {
    return json;
  }
}
