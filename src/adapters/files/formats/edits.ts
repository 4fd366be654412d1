import { DotvaultError } from "../../../errors.ts";

/** Replaces `[start, end)` of a text; an insertion where both are equal. Offsets are UTF-16 units of the old text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Applies edits that don't overlap; several at one place go in the order given. Two that only take something away may
 * overlap: of two neighbours each may take the line break between them.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = 0;
  let before: Edit | undefined;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    const isFree = edit.start >= at || (edit.text === "" && before?.text === "");
    if (!isFree) throw new DotvaultError("files.guard", "two changes meet at one place of the file");
    pieces.push(text.slice(at, edit.start), edit.text);
    at = Math.max(at, edit.end);
    before = edit;
  }
  return pieces.join("") + text.slice(at);
}

/** Line and column, both from 1, as editors count them: `line 3, column 7`. */
export function position(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return `line ${before.split("\n").length}, column ${offset - lineStart + 1}`;
}

/** The line ending of a text: that of its first line. */
export function lineEnding(text: string): "\n" | "\r\n" {
  const at = text.indexOf("\n");
  return at > 0 && text[at - 1] === "\r" ? "\r\n" : "\n";
}

export function lineStart(text: string, offset: number): number {
  // A negative offset would count as 0, and find a line break there.
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** Where the line ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  if (at < 0) return text.length;
  return at > offset && text[at - 1] === "\r" ? at - 1 : at;
}

/** The beginning of the next line, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at < 0 ? text.length : at + 1;
}

/** The white space that a line begins with. */
export function indentation(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), lineEnd(text, offset)))?.[0] ?? "";
}

/** First offset from `offset` on that holds no space and no tab. */
export function skipBlanks(text: string, offset: number): number {
  let at = offset;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** Last offset down to `floor` that has no space and no tab before it. */
export function skipBlanksBack(text: string, offset: number, floor = 0): number {
  let at = offset;
  while (at > floor && (text[at - 1] === " " || text[at - 1] === "\t")) at--;
  return at;
}

/** Replaces the whole lines `[from, to)` by others, and leaves a missing last line break missing. */
export function replaceLines(text: string, from: number, to: number, lines: readonly string[], eol: string): Edit {
  const open = to === text.length && text.length > 0 && !text.endsWith("\n");
  if (!open) return { start: from, end: to, text: lines.map((line) => line + eol).join("") };
  if (from === to) return { start: from, end: to, text: lines.map((line) => eol + line).join("") };
  if (lines.length > 0) return { start: from, end: to, text: lines.join(eol) };
  return { start: from === 0 ? 0 : lineEnd(text, lineStart(text, from - 1)), end: to, text: "" };
}
