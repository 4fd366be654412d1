import type { CST } from "yaml";
import { NULL } from "../tree.ts";
import type { YamlFacts, YamlTree } from "./facts.ts";

type Tokens = readonly CST.SourceToken[];

/** What surrounds a node: its holder's column, the indicator before it, the tokens in between. */
export interface Slot {
  readonly outerColumn: number;
  readonly inFlow: boolean;
  readonly after: number | undefined;
  readonly tokens: Tokens;
  /** Where an absent value would stand. */
  readonly at: number;
}

/** A value that is not there: null, where it would stand. */
export function emptyNode(slot: Slot): YamlTree {
  const at = slot.after ?? slot.at;
  const { outerColumn, inFlow, after } = slot;
  const facts: YamlFacts = {
    style: "empty",
    inFlow,
    outerColumn,
    column: 0,
    after,
    properties: [],
    sharedAt: undefined,
  };
  return { kind: "scalar", start: at, end: at, facts, identity: NULL, text: "", isString: false, raw: "" };
}

/** The anchor and the tag among the tokens before a value. */
export function propertiesOf(tokens: Tokens): YamlFacts["properties"] {
  return tokens.flatMap((token) => {
    const kind = token.type;
    if (kind !== "anchor" && kind !== "tag") return [];
    return [{ kind, start: token.offset, end: token.offset + token.source.length, text: token.source }];
  });
}
