import { type Edit, indentation, lineEnd, lineStart, nextLine, skipBlanks } from "./edits.ts";

/** What stands between brackets, in JSON and in YAML's flow style. */
export interface Bracketed {
  /** From the opening bracket to behind the closing one. */
  readonly start: number;
  readonly end: number;
  readonly items: readonly { readonly start: number; readonly end: number }[];
}

/** How the surrounding text is written. */
export interface BracketStyle {
  /** Skips one comment that begins at the offset; the offset itself where there is none. */
  readonly skipComment: (text: string, offset: number) => number;
  readonly eol: string;
  /** One step of indentation. */
  readonly unit: string;
  /** Between two elements on one line: `, ` or `,`. */
  readonly comma: string;
  /** Whether an empty pair of brackets grows over several lines. */
  readonly multiline: boolean;
}

/** Prints one new element for a line that begins with `indent`; undefined: everything on one line. */
export type PrintItem = (indent: string | undefined) => string;

/** Edits that put new elements behind the last one. */
export function insertItems(text: string, at: Bracketed, added: readonly PrintItem[], style: BracketStyle): Edit[] {
  const first = at.items[0];
  if (!first) return fillEmpty(text, at, added, style);
  const last = at.items.at(-1) ?? first;
  const comma = findComma(text, last.end, at.end - 1, style);
  if (!text.slice(at.start, first.start).includes("\n")) {
    return appendInline(last.end, comma, added, ownComma(text, at) ?? style.comma);
  }
  const indent = indentation(text, first.start);
  const lines = added.map((print) => style.eol + indent + print(indent)).join(",");
  const behind = endOfRemarks(text, comma === undefined ? last.end : comma + 1, style);
  if (comma !== undefined) return [insertion(behind, `${lines},`)];
  return [insertion(last.end, ","), insertion(behind, lines)];
}

function appendInline(end: number, comma: number | undefined, added: readonly PrintItem[], between: string): Edit[] {
  const items = added.map((print) => print(undefined)).join(between);
  if (comma === undefined) return [insertion(end, between + items)];
  return [insertion(comma + 1, `${between.slice(1)}${items},`)];
}

/** How the first two elements are parted. */
function ownComma(text: string, { items: [first, second] }: Bracketed): string | undefined {
  const between = first && second && text.slice(first.end, second.start);
  return between !== undefined && /^, ?$/.test(between) ? between : undefined;
}

function fillEmpty(text: string, at: Bracketed, added: readonly PrintItem[], style: BracketStyle): Edit[] {
  const close = at.end - 1;
  const base = indentation(text, at.start);
  const remarksEnd = lastRemark(text, at.start + 1, close, style);
  if (remarksEnd === undefined && !style.multiline) {
    return [{ start: at.start + 1, end: close, text: added.map((print) => print(undefined)).join(style.comma) }];
  }
  const indent = base + style.unit;
  const lines = added.map((print) => style.eol + indent + print(indent)).join(",");
  if (remarksEnd === undefined) return [{ start: at.start + 1, end: close, text: lines + style.eol + base }];
  const broken = text.slice(remarksEnd, close).includes("\n");
  return [insertion(remarksEnd, broken ? lines : lines + style.eol + base)];
}

/** Edits that take elements away, with a comma each; comments around them stay. */
export function removeItems(text: string, at: Bracketed, gone: ReadonlySet<object>, style: BracketStyle): Edit[] {
  const close = at.end - 1;
  const edits: Edit[] = [];
  let survivor: Bracketed["items"][number] | undefined;
  let trailing = false;
  for (const item of at.items) {
    const comma = findComma(text, item.end, close, style);
    trailing = comma !== undefined;
    // Between the last one that stays and the bracket there stands what stood there before.
    const isBehind = survivor !== undefined && comma === undefined;
    if (gone.has(item)) edits.push(...removeItem(text, item, comma, isBehind ? { ...at, end: item.end + 1 } : at));
    else survivor = item;
  }
  const last = at.items.at(-1);
  if (!survivor || trailing || survivor === last) return edits;
  const comma = findComma(text, survivor.end, close, style);
  if (comma === undefined) return edits;
  const behind = skipBlanks(text, comma + 1);
  const next = at.items[at.items.indexOf(survivor) + 1];
  return [...edits, { start: comma, end: behind === next?.start ? behind : comma + 1, text: "" }];
}

function removeItem(text: string, item: Bracketed["items"][number], comma: number | undefined, at: Bracketed): Edit[] {
  const adjacent = comma !== undefined && text.slice(item.end, comma).trim() === "";
  const end = adjacent ? comma + 1 : item.end;
  const aside = comma === undefined || adjacent ? [] : [{ start: comma, end: comma + 1, text: "" }];
  return [{ ...wholeLines(text, item.start, end, at), text: "" }, ...aside];
}

/** Widens a range to its lines when nothing else stands on them, else to the blanks behind it. */
function wholeLines(text: string, start: number, end: number, at: Bracketed): { start: number; end: number } {
  const from = lineStart(text, start);
  const alone = from > at.start && text.slice(from, start).trim() === "";
  const behind = skipBlanks(text, end);
  if (alone && behind === lineEnd(text, end)) return { start: from, end: nextLine(text, end) };
  return { start, end: Math.min(behind, at.end - 1) };
}

/** The comma behind an element, if it stands there before `limit`. */
function findComma(text: string, offset: number, limit: number, style: BracketStyle): number | undefined {
  let at = offset;
  while (at < limit) {
    if (text[at] === ",") return at;
    const next = style.skipComment(text, at);
    at = next > at ? next : at + 1;
  }
  return undefined;
}

/** Behind the comments that follow on the same line, or the offset itself. */
function endOfRemarks(text: string, offset: number, style: BracketStyle): number {
  const at = skipBlanks(text, offset);
  const next = style.skipComment(text, at);
  return next > at ? endOfRemarks(text, next, style) : offset;
}

function lastRemark(text: string, offset: number, limit: number, style: BracketStyle): number | undefined {
  let found: number | undefined;
  for (let at = offset; at < limit; ) {
    const next = style.skipComment(text, at);
    if (next > at) found = next;
    at = next > at ? next : at + 1;
  }
  return found;
}

function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}
