import { Sink } from "../limits.ts";
import { fromData, isList, sortedKeys, type Value } from "../values/value.ts";
import { scalarToJson } from "./to-json.ts";

/** Words that readers of YAML 1.1 or 1.2 take for something else than text. */
const NOT_TEXT = /^(?:null|true|false|yes|no|on|off|y|n|nan|inf)$/i;
/** Plain for every reader: no indicator, no leading digit, no colon or hash, no space at the edges. */
const PLAIN = /^[A-Za-z_/](?:[\w./@+=-]| (?=[\w./@+=(-]))*$/;
const TAIL_SPACE = /[ \t]$/m;
const BLOCK = /^[\t\n\x20-\x7e\u00a1-\ud7ff\ue000-\ufefe]+$/;

/** Block YAML 1.2 without a line end after it: keys sorted, numbers as spelled, texts quoted where a reader could err. */
export function toYaml(value: Value): string {
  const sink = new Sink();
  const [first = "", ...rest] = lines(value);
  sink.write([first, ...(typeof value === "string" ? rest.map(indent) : rest)].join("\n"));
  return sink.text();
}

function lines(value: Value): string[] {
  const scalar = scalarLines(value);
  if (scalar !== undefined) return scalar;
  return isList(value) ? listLines(value) : mapLines(value as Readonly<Record<string, unknown>>);
}

function listLines(list: readonly unknown[]): string[] {
  return list.flatMap((item, index) => {
    const [first = "", ...rest] = lines(fromData(item ?? null, `item ${index}`));
    return [`- ${first}`, ...rest.map(indent)];
  });
}

function mapLines(map: Readonly<Record<string, unknown>>): string[] {
  return sortedKeys(map).flatMap((key) => {
    const value = fromData(map[key] ?? null, key);
    const name = inline(key);
    const scalar = scalarLines(value);
    if (scalar === undefined) return [`${name}:`, ...lines(value).map(indent)];
    const [first = "", ...rest] = scalar;
    return [`${name}: ${first}`, ...rest.map(indent)];
  });
}

/** Whatever can stand behind `key: `; the lines after the first belong one level deeper. */
function scalarLines(value: Value): string[] | undefined {
  if (isList(value) && value.length === 0) return ["[]"];
  if (typeof value === "string") return isBlock(value) ? ["|-", ...value.split("\n")] : [inline(value)];
  const scalar = scalarToJson(value);
  if (scalar !== undefined) return [scalar];
  return !isList(value) && Object.keys(value).length === 0 ? ["{}"] : undefined;
}

/** A text that reads well over several lines and comes back exactly. */
function isBlock(text: string): boolean {
  return text.includes("\n") && BLOCK.test(text) && !/^\s|\s$/.test(text) && !TAIL_SPACE.test(text);
}

function inline(text: string): string {
  return PLAIN.test(text) && !NOT_TEXT.test(text) ? text : JSON.stringify(text);
}

function indent(line: string): string {
  return line === "" ? "" : `  ${line}`;
}
