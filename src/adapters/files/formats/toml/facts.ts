import type { Tree } from "../tree.ts";

/** What an edit has to know of a TOML node besides its place. */
export interface TomlFacts {
  /**
   * Tables have a header (`section`), only headers below them (`implicit`), dotted keys (`dotted`) or braces (`inline`);
   * lists have brackets (`inline`) or double headers (`tables`).
   */
  readonly style: "root" | "section" | "implicit" | "dotted" | "inline" | "tables" | "value";
  /** Its name in a header, as it is spelled. */
  readonly path: string;
  /** What stands before its keys in their lines: `a.b.` for a dotted table. */
  readonly prefix: string;
  /** Where its last own line ends; undefined where it has none. */
  readonly last: number | undefined;
  /** Where that line begins, behind its indentation. */
  readonly lastStart: number;
  /** Where the last line of it and of all below it ends. */
  readonly extent: number;
  /** Between its last key and its value. */
  readonly separator: string | undefined;
  /** Braces or brackets are around it. */
  readonly inside: boolean;
  /** Where the headers of the file begin; of the root only. */
  readonly headers: readonly number[];
}

export type TomlTree = Tree<TomlFacts>;
