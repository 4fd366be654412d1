import type { IniValue } from "./value.ts";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b" };
const TOKEN = /\\\r?\n|\\.|[";#\n]|[ \t\r]+|[^\\";#\s]+|./sy;

/** git-config(1), "Values": quotes anywhere, `\` before `"`, `\`, `n`, `t`, `b` or the line's end, remarks outside quotes. */
export function gitValue(text: string, offset: number): IniValue {
  let [value, kept, end, quoted, remark] = ["", 0, offset, false, false];
  TOKEN.lastIndex = offset;
  for (let at = offset; at < text.length && !remark; at = TOKEN.lastIndex) {
    const token = TOKEN.exec(text)?.[0] ?? "\n";
    if (token === "\n") break;
    remark = !quoted && /^[;#]/.test(token);
    quoted = quoted !== (token === '"');
    value += meaning(token);
    if (remark || (!quoted && /^[ \t\r]/.test(token))) continue;
    kept = value.length;
    end = TOKEN.lastIndex;
  }
  const broken = quoted ? "a quote that is not closed" : end === text.length && opensLine(text.slice(offset));
  return { text: value.slice(0, kept), end, ...(remark && { remark }), ...(broken && { broken }) };
}

/** What is appended would be part of the value. */
function opensLine(value: string): string | undefined {
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(value) ? "a value that goes on behind the end of the file" : undefined;
}

function meaning(token: string): string {
  if (token === '"') return "";
  if (!token.startsWith("\\")) return token;
  return token.endsWith("\n") ? "" : (ESCAPES[token.slice(1)] ?? token.slice(1));
}
