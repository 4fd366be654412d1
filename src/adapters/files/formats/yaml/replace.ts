import {
  type Edit,
  lineEnd,
  lineStart,
  nextLine,
  position,
  replaceLines,
  skipBlanks,
  skipBlanksBack,
} from "../edits.ts";
import { unsupported } from "../refusals.ts";
import { behindLine, styleAt } from "./block.ts";
import type { YamlTree } from "./facts.ts";
import { type Printed, printBlock, printFlow, type YamlStyle } from "./print.ts";

/** The two parts of a value's source: beside its key, and on lines of its own. */
interface Parts {
  readonly inline: { readonly start: number; readonly end: number };
  readonly body: { readonly start: number; readonly end: number };
}

/** Edits that put another value in a value's place. Its anchor stays, its tag goes. */
export function replaceValue(text: string, at: YamlTree, value: YamlTree, style: YamlStyle): Edit[] {
  if (at.facts.inFlow) return replaceInFlow(text, at, value);
  if (at.facts.outerColumn < 0) return [replaceRoot(text, at, value, style)];
  const parts = partsOf(text, at);
  const between = nextLine(text, parts.inline.end) < parts.body.start;
  const own = between ? { ...style, noBlockText: true } : styleAt(text, parts.body.end, style);
  const printed = reprint(at, value, own);
  const body = replaceLines(text, parts.body.start, parts.body.end, printed.body, style.eol);
  const edits = [replaceInline(text, at, parts.inline, printed.head)];
  return body.start === body.end && body.text === "" ? edits : [...edits, body];
}

function replaceRoot(text: string, at: YamlTree, value: YamlTree, style: YamlStyle): Edit {
  const { head, body } = reprint(at, value, style);
  const lines = head === "" ? body : [anchorBehindTag(at) + head, ...body];
  const ended = text[at.end - 1] === "\n" ? style.eol : "";
  return { start: tagStart(at) ?? at.start, end: at.end, text: lines.join(style.eol) + ended };
}

function replaceInFlow(text: string, at: YamlTree, value: YamlTree): Edit[] {
  const printed = printFlow(value, { inFlow: true, old: at.facts.style });
  const start = tagStart(at) ?? at.start;
  const anchor = anchorBehindTag(at);
  if (at.facts.style !== "empty") return [{ start, end: at.end, text: anchor + printed }];
  const lead = at.facts.after === undefined ? ": " : " ";
  const blanks = text[at.start] === " " && text[at.start + 1] !== "#" ? 1 : 0;
  return [{ start: at.start, end: at.start + blanks, text: lead + printed + (blanks ? " " : "") }];
}

function reprint(at: YamlTree, value: YamlTree, style: YamlStyle): Printed {
  const { facts } = at;
  if (facts.style === "flow" && value.kind !== "scalar") return { head: printFlow(value, { inFlow: false }), body: [] };
  const sameList = at.kind === "list" && value.kind === "list" && facts.style === "block";
  const own = sameList ? { ...style, dashes: facts.column - facts.outerColumn } : style;
  return printBlock(value, facts.outerColumn, own, facts.style);
}

function partsOf(text: string, at: YamlTree): Parts {
  const { facts } = at;
  const start = tagStart(at) ?? at.start;
  if (facts.style === "block") return blockParts(text, at);
  if (facts.style === "block-scalar") {
    const header = /^[|>][-+\d]*/.exec(text.slice(at.start, lineEnd(text, at.start)))?.[0] ?? "";
    const body = nextLine(text, at.start);
    return { inline: { start, end: at.start + header.length }, body: { start: body, end: Math.max(body, at.end) } };
  }
  if (facts.style === "empty" && facts.after === undefined) {
    throw unsupported(`the key at ${position(text, at.start)} has no colon`);
  }
  const body = nextLine(text, at.end);
  return { inline: { start, end: at.end }, body: { start: body, end: body } };
}

function blockParts(text: string, at: YamlTree): Parts {
  const { after, properties } = at.facts;
  const from = lineStart(text, at.start);
  const end = properties.at(-1)?.end ?? after ?? from;
  if (end > from || text.slice(from, at.start).trim() !== "") {
    throw unsupported(`the value at ${position(text, at.start)} begins beside its list's dash`);
  }
  const start = tagStart(at) ?? end;
  return { inline: { start, end }, body: { start: from, end: behindLine(text, at.end) } };
}

function replaceInline(text: string, at: YamlTree, range: Parts["inline"], head: string): Edit {
  const lead = anchorBehindTag(at) + head;
  const occupied = range.end > range.start;
  if (lead === "") return { start: skipBlanksBack(text, range.start, at.facts.after), end: range.end, text: "" };
  if (occupied || at.facts.after === undefined) return { ...range, text: lead };
  const behind = skipBlanks(text, range.end);
  return { start: range.start, end: behind === lineEnd(text, range.end) ? behind : range.end, text: ` ${lead}` };
}

/** Where the replacement has to begin so that the old tag goes. */
function tagStart(at: YamlTree): number | undefined {
  const tagged = at.facts.properties.some((property) => property.kind === "tag");
  return tagged ? at.facts.properties[0]?.start : undefined;
}

/** The anchor, where it would go with the tag. */
function anchorBehindTag(at: YamlTree): string {
  if (tagStart(at) === undefined) return "";
  const anchor = at.facts.properties.find((property) => property.kind === "anchor");
  return anchor ? `${anchor.text} ` : "";
}
