import { skipBlanks } from "../edits.ts";

/** The arguments of a line. Offsets are UTF-16 units of the source. */
export interface Arguments {
  readonly words: readonly string[];
  /** Behind the last one. */
  readonly end: number;
  readonly remark: boolean;
  /** A quote is not closed. */
  readonly open: boolean;
}

const WORD = /[ \t]*((?:"(?:\\["\\]|[^"])*"|'(?:\\['\\]|[^'])*'|\\["'\\ ]|[^\s"'])+)/y;
const PART = /"((?:\\["\\]|[^"])*)"|'((?:\\['\\]|[^'])*)'|\\(["'\\ ])|([^\s"'])/g;

/** Splits as OpenSSH does (misc.c, argv_split): both quotes, `\` before quotes, blanks and itself, `#` ends the line. */
export function splitArguments(text: string, offset: number, lineEnd: number): Arguments {
  const line = text.slice(offset, lineEnd);
  const words: string[] = [];
  let end = 0;
  for (;;) {
    const next = skipBlanks(line, end);
    const remark = line[next] === "#";
    if (next >= line.length || remark) return { words, end: offset + end, remark, open: false };
    WORD.lastIndex = end;
    const word = WORD.exec(line)?.[1];
    if (word === undefined) return { words, end: offset + end, remark, open: true };
    words.push(/["'\\]/.test(word) ? word.replaceAll(PART, meaning) : word);
    end = WORD.lastIndex;
  }
}

function meaning(_: string, double?: string, single?: string, escaped?: string, plain?: string): string {
  if (double !== undefined) return double.replaceAll(/\\(["\\])/g, "$1");
  if (single !== undefined) return single.replaceAll(/\\(['\\])/g, "$1");
  return escaped ?? plain ?? "";
}

/** A word as every OpenSSH reads it, in quotes where it must be; undefined where older ones could not. */
export function spellArgument(word: string, quoted: boolean): string | undefined {
  if (/["\n\r\0]/.test(word)) return undefined;
  const plain = !quoted && /^[^\s#'=][^\s']*$/.test(word);
  const source = plain ? word : `"${word}"`;
  const [back, ...more] = splitArguments(source, 0, source.length).words;
  return back === word && more.length === 0 ? source : undefined;
}
