import type { Tree } from "../tree.ts";

/** What an edit has to know of a YAML node besides its place. */
export interface YamlFacts {
  readonly style: "plain" | "single" | "double" | "block-scalar" | "flow" | "block" | "empty" | "alias";
  /** Inside a flow collection: no line breaks of our own, other quoting. */
  readonly inFlow: boolean;
  /** Column (from 0) of the map's keys or the list's dashes that hold it; -1 for the document itself. */
  readonly outerColumn: number;
  /** Column of its own keys or dashes, for block collections. */
  readonly column: number;
  /** Behind the `:` or `-` that it follows; undefined where there is none (a key alone). */
  readonly after: number | undefined;
  /** Its anchor and tag as they stand in the source, before the value. */
  readonly properties: readonly YamlProperty[];
  /** Where other places of the document refer to its anchor: the last alias. */
  readonly sharedAt: number | undefined;
}

export interface YamlProperty {
  readonly kind: "anchor" | "tag";
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type YamlTree = Tree<YamlFacts>;
