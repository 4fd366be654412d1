import type { Document, Node, YAMLError } from "yaml";
import type { Complaint } from "./problems.ts";

/** A syntax error in our words, at the place where a person has to look. */
export interface Fault {
  readonly offset: number;
  readonly complaint: Complaint;
}

type Visitor = Pick<typeof import("yaml"), "visit">;

/** The library reports something unclosed where it gave up, often at the end of the file; we say where it was opened. */
export function faultOf(library: Visitor, document: Document<Node, false>, error: YAMLError): Fault {
  const offset = error.pos[0];
  const open =
    error.code === "MISSING_CHAR" || error.code === "BAD_INDENT" ? opened(library, document, offset) : undefined;
  if (open !== undefined) return { offset: open.offset, complaint: { what: `this ${open.mark} is never closed` } };
  if (error.code === "NON_STRING_KEY") return { offset, complaint: { what: "a key must be text" } };
  const hint = hints[error.code];
  return { offset, complaint: { what: oneLine(error.message), ...(hint === undefined ? {} : { hint }) } };
}

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with spaces",
  BAD_INDENT: "keys of one mapping stand under each other",
  BLOCK_AS_IMPLICIT_KEY: "look at the indentation of this line and the next",
  MULTILINE_IMPLICIT_KEY: "is there a colon missing after a key",
};

/** The innermost quote or bracket that the offset is in. */
function opened(
  { visit }: Visitor,
  document: Document<Node, false>,
  offset: number,
): { offset: number; mark: string } | undefined {
  let found: { offset: number; mark: string } | undefined;
  visit(document.contents, {
    Node(_, node) {
      const [start, end] = node.range ?? [0, -1];
      const mark = markOf(node);
      if (mark !== undefined && start < offset && offset <= end) found = { offset: start, mark };
    },
  });
  return found;
}

function markOf(node: object): string | undefined {
  if ("type" in node && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE")) return "quote";
  return "flow" in node && node.flow === true ? "bracket" : undefined;
}

/** The library's sentence in our form: one line, lower case, no full stop. */
export function oneLine(message: string): string {
  const [line = ""] = message.split("\n");
  const visible = line.replace(/\p{C}/gu, "?").slice(0, 200).replace(/\.$/, "");
  return visible.charAt(0).toLowerCase() + visible.slice(1);
}
