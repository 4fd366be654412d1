import type { Entry, ScalarNode } from "../tree.ts";
import type { TomlFacts, TomlTree } from "./facts.ts";

type TomlEntry = Entry<TomlFacts>;

/** A value behind a `=`: tables in braces, everything on one line but texts of several lines. */
export function printInline(value: TomlTree, old?: TomlTree): string {
  if (value.kind === "alias") return printInline(value.target, old);
  if (value.kind === "scalar") return scalar(value, old);
  if (value.kind === "list") return `[${value.items.map((item) => printInline(item)).join(", ")}]`;
  if (value.entries.length === 0) return "{}";
  return `{ ${value.entries.map(printPair).join(", ")} }`;
}

/** `key = value`, as it stands in braces. */
export function printPair(entry: TomlEntry): string {
  return `${entry.rawKey} = ${printInline(entry.value)}`;
}

/** A text in the quotes that stood there, else as the template spells it. */
function scalar({ isString, text, raw }: ScalarNode<TomlFacts>, old: TomlTree | undefined): string {
  const quotes = old?.kind === "scalar" && old.isString ? (/^(?:"""|'''|"|')/.exec(old.raw)?.[0] ?? "") : "";
  if (!isString || quotes === "") return raw;
  if (quotes === "'" && !UNPRINTABLE.test(text) && !text.includes("'")) return `'${text}'`;
  return quotes === '"' && !raw.startsWith('"""') && !raw.startsWith("'''") ? basicString(text) : raw;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNPRINTABLE = /[\0-\x08\x0a-\x1f\x7f]/;

/** JSON's string literals are TOML's basic strings, but for DEL. */
function basicString(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}

/** Whether the template wrote a value with a header of its own. */
export function hasHeader({ kind, facts }: TomlTree): boolean {
  return (kind === "map" && facts.style !== "inline") || (kind === "list" && facts.style === "tables");
}

/** How lines of keys are written. */
export interface TomlStyle {
  readonly indent: string;
  readonly separator: string;
}

export function printLine(entry: TomlEntry, prefix: string, { indent, separator }: TomlStyle): string {
  return `${indent}${prefix}${entry.rawKey}${separator}${printInline(entry.value)}`;
}

/** The lines of new sections for a table or an array of tables, and for all below it. */
export function printSections(path: string, value: TomlTree, style: TomlStyle): string[] {
  if (value.kind === "list")
    return value.items.flatMap((item, i) => [...gap(i), ...section(`[[${path}]]`, path, item, style)]);
  return section(`[${path}]`, path, value, style);
}

function section(header: string, path: string, value: TomlTree, style: TomlStyle): string[] {
  const entries = value.kind === "map" ? value.entries : [];
  const own = entries.filter((entry) => !hasHeader(entry.value));
  const below = entries.filter((entry) => hasHeader(entry.value));
  const nested = below.map((entry) => printSections(`${path}.${entry.rawKey}`, entry.value, style));
  const bare = own.length === 0 && nested.length > 0 && header.startsWith("[") && !header.startsWith("[[");
  const lines = [header, ...own.map((entry) => printLine(entry, "", style))];
  return (bare ? nested : [lines, ...nested]).flatMap((part, i) => [...gap(i), ...part]);
}

function gap(position: number): string[] {
  return position > 0 ? [""] : [];
}
