import jsonc from "jsonc-parser";
import { DotvaultError } from "../../../../errors.ts";
import type { Whose } from "../format.ts";
import { unparsable } from "../refusals.ts";
import type { Reading } from "../structured.ts";
import { decimalIdentity, type Entry, type MapNode, type ScalarNode, type Tree } from "../tree.ts";

/** JSON needs nothing besides places. */
export type JsonTree = Tree<null>;

/** Reads JSON (RFC 8259), also with comments and trailing commas. */
export function readJson(text: string, whose: Whose): Reading<null> {
  const errors: jsonc.ParseError[] = [];
  const node = jsonc.parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const error = errors[0];
  if (error) throw broken(text, error, whose);
  return { root: node && convert(text, node), rest: "" };
}

function convert(text: string, node: jsonc.Node): JsonTree {
  const placed = { start: node.offset, end: node.offset + node.length, facts: null };
  const children = node.children ?? [];
  if (node.type === "object") {
    return { kind: "map", ...placed, entries: children.map((child) => entry(text, child)) } satisfies MapNode<null>;
  }
  if (node.type === "array") return { kind: "list", ...placed, items: children.map((child) => convert(text, child)) };
  return scalar(text.slice(placed.start, placed.end), node, placed);
}

function entry(text: string, property: jsonc.Node): Entry<null> {
  const [key, value] = property.children ?? [];
  if (!key || !value) throw new DotvaultError("files.guard", "a JSON property without key or value");
  const keyEnd = key.offset + key.length;
  return {
    key: String(key.value),
    rawKey: text.slice(key.offset, keyEnd),
    start: key.offset,
    keyEnd,
    end: value.offset + value.length,
    value: convert(text, value),
  };
}

function scalar(raw: string, node: jsonc.Node, placed: { start: number; end: number; facts: null }): ScalarNode<null> {
  const isString = node.type === "string";
  const text = isString ? String(node.value) : raw;
  const identity = isString ? `s:${text}` : (decimalIdentity(raw) ?? raw);
  return { kind: "scalar", ...placed, identity, text, isString, raw };
}

function broken(text: string, error: jsonc.ParseError, whose: Whose): DotvaultError {
  const what = jsonc.printParseErrorCode(error.error).replaceAll(/(?<=[a-z])[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
  return unparsable(text, whose, "JSON", error.offset, what.toLowerCase());
}
