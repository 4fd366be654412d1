import type { Document, Node, ParsedNode } from "yaml";
import * as library from "yaml";
import type { Findings } from "./problems.ts";
import type { Tree } from "./tree.ts";
import { TreeBuilder } from "./tree-builder.ts";
import { type Fault, faultOf, oneLine } from "./yaml-faults.ts";

/** More syntax errors than this say nothing new: one broken bracket can cause thousands. */
const mostSyntaxErrors = 50;

/**
 * Reads YAML 1.2 with merge keys into a tree with places. Everything wrong with the syntax goes to `findings`; what could
 * be read all the same is returned. Undefined: there is nothing in the text.
 */
export function readYaml(text: string, findings: Findings): Tree | undefined {
  const documents = parse(text, findings);
  const [first, second] = documents.filter(({ contents }) => contents !== null && !isEmpty(contents));
  if (second?.contents) {
    findings.error("config.syntax", second.contents.range?.[0] ?? 0, {
      what: "a second YAML document starts here; a configuration is one document",
    });
  }
  const faults = syntaxFaults(documents, findings);
  for (const { offset, complaint } of faults) findings.error("config.syntax", offset, complaint);
  for (const { pos, message } of documents.flatMap((document) => document.warnings)) {
    findings.warn("config.tag", pos[0], { what: oneLine(message) });
  }
  if (!first?.contents) return undefined;
  for (const { offset } of faults) findings.trustUntil(offset);
  return new TreeBuilder(library, findings).build(first.contents);
}

function parse(text: string, findings: Findings): Document<Node, false>[] {
  try {
    const documents = library.parseAllDocuments<ParsedNode, false>(text, {
      prettyErrors: false,
      logLevel: "silent",
      // The library compares every key with every other; the tree builder finds duplicates in one pass.
      uniqueKeys: false,
      stringKeys: true,
      resolveKnownTags: false,
      schema: "core",
    });
    return "empty" in documents ? [] : documents;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    findings.error("config.syntax", 0, { what: `not readable as YAML: ${error.message}` });
    return [];
  }
}

function isEmpty(contents: Node): boolean {
  return library.isScalar(contents) && contents.value === null;
}

/** One fault per line: what follows on the same line is nearly always its echo. */
function syntaxFaults(documents: readonly Document<Node, false>[], findings: Findings): Fault[] {
  const lines = new Map<number, () => Fault>();
  for (const document of documents) {
    for (const error of document.errors) {
      const line = findings.line(error.pos[0]);
      if (!lines.has(line)) lines.set(line, () => faultOf(library, document, error));
    }
  }
  const faults = [...lines.values()].slice(0, mostSyntaxErrors).map((fault) => fault());
  const left = lines.size - faults.length;
  const last = faults.at(-1);
  if (left > 0 && last) faults.push({ offset: last.offset, complaint: { what: `and ${left} more lines like this` } });
  return faults;
}
