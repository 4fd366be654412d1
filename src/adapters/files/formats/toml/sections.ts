import { aboveRemarks, insertBlock } from "../blocks/lines.ts";
import { type Edit, indentation, nextLine } from "../edits.ts";
import type { Operation } from "../plan.ts";
import type { Entry, MapNode } from "../tree.ts";
import type { TomlFacts, TomlTree } from "./facts.ts";
import { hasHeader, printLine, printSections, type TomlStyle } from "./print.ts";

/** The file that is edited. */
export interface Target {
  readonly text: string;
  readonly root: TomlTree;
}

/** Whether a new value becomes a line of its table; else it gets a header of its own. */
export function belongsInside(into: MapNode<TomlFacts>, value: TomlTree): boolean {
  return into.facts.inside || into.facts.style === "dotted" || !hasHeader(value);
}

/** Edits for everything that gets a new header. */
export function sectionEdits(target: Target, operation: Operation<TomlFacts>): Edit[] {
  if (operation.op === "insert") return insertSections(target, operation.into, operation.entries);
  if (operation.op !== "append" || operation.into.facts.style !== "tables") return [];
  const { into, items } = operation;
  const last = into.items.at(-1);
  const lines = printSections(into.facts.path, { ...into, items }, styleOf(target, last));
  return [block(target, last ? nextLine(target.text, last.facts.extent) : target.text.length, lines)];
}

function insertSections(target: Target, into: MapNode<TomlFacts>, entries: readonly Entry<TomlFacts>[]): Edit[] {
  const { text } = target;
  const { path, style, extent } = into.facts;
  const at = style === "root" ? text.length : nextLine(text, extent);
  const sections = entries.filter(({ value }) => !belongsInside(into, value));
  const printed = sections.map(({ rawKey, value }) =>
    block(target, at, printSections(path === "" ? rawKey : `${path}.${rawKey}`, value, styleOf(target, into))),
  );
  const own = entries.filter((entry) => !sections.includes(entry));
  return style === "implicit" && own.length > 0 ? [openSection(target, into, own), ...printed] : printed;
}

/** A table that only tables below it have named so far gets a header above theirs. */
function openSection(target: Target, into: MapNode<TomlFacts>, entries: readonly Entry<TomlFacts>[]): Edit {
  const style = styleOf(target, into);
  const lines = [`[${into.facts.path}]`, ...entries.map((entry) => printLine(entry, "", style))];
  return block(target, aboveRemarks(target.text, into.start), lines);
}

function block({ text, root }: Target, at: number, lines: readonly string[]): Edit {
  return insertBlock(text, at, root.facts.headers, lines);
}

/** How a table's lines are written, or the file's, where it has none. */
export function styleOf({ text, root }: Target, like: TomlTree | undefined): TomlStyle {
  const { last, lastStart, separator } = like?.facts ?? root.facts;
  const plain = (separator ?? anySeparator(root) ?? " = ").replaceAll(/[ \t]+/g, " ");
  return { indent: last === undefined ? "" : indentation(text, lastStart), separator: plain };
}

/** How the file writes its first key, whichever table that is in. */
function anySeparator(node: TomlTree): string | undefined {
  if (node.kind === "map") {
    const own = node.facts.style === "inline" ? undefined : node.facts.separator;
    return own ?? node.entries.map(({ value }) => anySeparator(value)).find((found) => found !== undefined);
  }
  return node.kind === "list" ? node.items.map(anySeparator).find((found) => found !== undefined) : undefined;
}
