import type { Entry, ScalarNode } from "../tree.ts";
import type { YamlFacts, YamlTree } from "./facts.ts";

/** How the file is written. Columns and widths in characters. */
export interface YamlStyle {
  readonly eol: string;
  /** Width of one step of indentation. */
  readonly unit: number;
  /** Columns between a key and the dashes of its list: 0 where they stand under the key. */
  readonly dashes: number;
  /** The file's last line has no line break, and keeps having none: what needs one at its end is written in quotes. */
  readonly open: boolean;
  /** Block text would swallow a comment that stands near: text of several lines is written in quotes. */
  readonly noBlockText?: boolean;
}

/** Where a scalar goes: the style that stood there before (if any), and whether brackets are around it. */
export interface Place {
  readonly old?: YamlFacts["style"];
  readonly inFlow: boolean;
  /** The brackets hold JSON: everything is quoted. */
  readonly json?: boolean;
}

/** A value on a key's line, and the lines below it. */
export interface Printed {
  readonly head: string;
  readonly body: readonly string[];
}

/** Prints a value under a key or a dash, whose lines begin at `column`. */
export function printBlock(value: YamlTree, column: number, style: YamlStyle, old?: YamlFacts["style"]): Printed {
  if (value.kind === "alias") return printBlock(value.target, column, style, old);
  const place: Place = { inFlow: false, ...(old && { old }) };
  if (value.kind === "scalar") {
    return literal(value, Math.max(column, 0) + style.unit, place, style) ?? onLine(scalar(value, place));
  }
  if (isEmpty(value)) return onLine(value.kind === "map" ? "{}" : "[]");
  const inner = column < 0 ? 0 : column + (value.kind === "map" ? style.unit : style.dashes);
  return {
    head: "",
    body: value.kind === "map" ? mapLines(value.entries, inner, style) : listLines(value.items, inner, style),
  };
}

/** The lines of map entries whose keys stand at `column`. */
export function mapLines(
  entries: readonly Entry<YamlFacts>[],
  column: number,
  style: YamlStyle,
  quoted = false,
): string[] {
  return entries.flatMap((entry) => {
    const { head, body } = printBlock(entry.value, column, style);
    return [`${" ".repeat(column)}${key(entry, { inFlow: false, json: quoted })}:${head && ` ${head}`}`, ...body];
  });
}

/** The lines of list items whose dashes stand at `column`. */
export function listLines(items: readonly YamlTree[], column: number, style: YamlStyle): string[] {
  return items.flatMap((item) => {
    const compact: YamlStyle = { ...style, unit: 2, dashes: 2 };
    const { head, body } = isBlock(item) ? printBlock(item, column, compact) : printBlock(item, column, style);
    const pad = " ".repeat(column);
    if (head) return [`${pad}- ${head}`, ...body];
    const lines = item.kind === "map" ? mapLines(item.entries, column + 2, style) : body;
    return lines.map((line, i) => (i === 0 ? `${pad}- ${line.slice(column + 2)}` : line));
  });
}

/** A value on one line, in brackets where it is a collection. */
export function printFlow(value: YamlTree, place: Place): string {
  if (value.kind === "alias") return printFlow(value.target, place);
  if (value.kind === "scalar") return scalar(value, place);
  const inside: Place = { inFlow: true, ...(place.json && { json: true }) };
  if (value.kind === "list") return `[${value.items.map((item) => printFlow(item, inside)).join(", ")}]`;
  return `{${value.entries.map((entry) => flowEntry(entry, inside)).join(", ")}}`;
}

export function flowEntry(entry: Entry<YamlFacts>, place: Place): string {
  return `${key(entry, place)}: ${printFlow(entry.value, place)}`;
}

function isEmpty(node: YamlTree): boolean {
  return (node.kind === "map" && node.entries.length === 0) || (node.kind === "list" && node.items.length === 0);
}

function isBlock(node: YamlTree): boolean {
  return (node.kind === "map" || node.kind === "list") && !isEmpty(node);
}

function onLine(head: string): Printed {
  return { head, body: [] };
}

/** A string of several lines as a literal block; undefined where it is none, or would not read back the same. */
function literal(value: ScalarNode<YamlFacts>, column: number, place: Place, style: YamlStyle): Printed | undefined {
  const { text } = value;
  if (!value.isString || !text.includes("\n") || place.old === "single" || place.old === "double") return undefined;
  if (UNPRINTABLE.test(text.replaceAll("\n", "")) || /^[ \t\n]|\n\n$|[ \t](\n|$)/.test(text)) return undefined;
  const ended = text.endsWith("\n");
  if (style.noBlockText || (ended && style.open)) return undefined;
  const lines = (ended ? text.slice(0, -1) : text).split("\n");
  return { head: ended ? "|" : "|-", body: lines.map((line) => (line === "" ? "" : " ".repeat(column) + line)) };
}

function scalar(value: ScalarNode<YamlFacts>, place: Place): string {
  const tag = value.facts.properties.find((property) => property.kind === "tag")?.text;
  if (!value.isString || tag?.startsWith("!!") === false) {
    const raw = value.raw === "" ? "null" : value.raw;
    return tag === undefined || tag === "!" ? raw : `${tag} ${raw}`;
  }
  return quoted(value, tag !== undefined, place);
}

/** A string in the spelling that stood there, else in the template's own, else in the plainest that is safe. */
function quoted({ text, raw, facts }: ScalarNode<YamlFacts>, tagged: boolean, place: Place): string {
  if (place.json || place.old === "double") return doubleQuoted(text);
  if (place.old === "single" && !UNPRINTABLE.test(text)) return `'${text.replaceAll("'", "''")}'`;
  if (isPlainSafe(text) && (place.old === "plain" || facts.style === "block-scalar")) return text;
  const asWritten = !tagged && facts.style !== "block-scalar" && !raw.includes("\n");
  if (asWritten && !(place.inFlow && facts.style === "plain" && !isPlainSafe(text))) return raw;
  return isPlainSafe(text) ? text : doubleQuoted(text);
}

function key({ key: text, rawKey }: Entry<YamlFacts>, place: Place): string {
  if (place.json) return doubleQuoted(text);
  const written = /^["'&!]/.test(rawKey) || rawKey.includes("\n");
  if (isPlainSafe(text)) return text;
  return written || (place.inFlow && !/^[\w./-]+$/.test(rawKey)) ? doubleQuoted(text) : rawKey;
}

/** Control characters, line breaks of any kind, and what YAML 1.2 §5.1 calls non-printable. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNPRINTABLE = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/;

/** JSON's string literals are YAML's double-quoted ones; what YAML can't print is escaped as well. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const RESERVED = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

/** Text that every reader, of YAML 1.1 and 1.2, takes as a string without quotes, also inside brackets. */
export function isPlainSafe(text: string): boolean {
  return /^[A-Za-z_/](?:[\w./@+=~-]| (?=[\w/])|:(?=[\w/]))*$/.test(text) && !RESERVED.test(text);
}
