import assert from "node:assert/strict";
import fc from "fast-check";
import { parse as parseYaml } from "yaml";
import { type FormatName, formatFor } from "../../src/adapters/files/index.ts";
import { DotvaultError } from "../../src/errors.ts";
import { mergedValues, removedValues, withoutEmpties } from "../support/formats.ts";
import { property } from "../support/property.ts";

/** Values as a configuration has them; keys from a small set, so that documents and renderings meet. */
type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
type Values = { readonly [key: string]: Value };

const text = fc.oneof(
  fc.constantFrom(
    "",
    "x",
    "yes",
    "null",
    "~",
    "0x1F",
    "1e3",
    "12:30",
    "- a",
    "a: b",
    "a #b",
    "#",
    "&a",
    "*a",
    "!t",
    "it's",
    '"',
    "\\",
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.stringMatching(/^[a-z]{1,6}(\n ?[a-z]{1,4}){1,3}\n?$/),
);
const scalar: fc.Arbitrary<Value> = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.constantFrom(
  "a",
  "b",
  "c",
  "token",
  "a b",
  "7",
  "yes",
  "x-y",
  "__proto__",
  "constructor",
  "é",
  "#k",
  "k:",
);
const map = (value: fc.Arbitrary<Value>, minKeys = 0): fc.Arbitrary<Values> =>
  fc
    .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 4, minLength: minKeys })
    .map((entries) => Object.fromEntries(entries));
const list = (value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 3 });
const level1 = fc.oneof(scalar, scalar, map(scalar), list(scalar));
const level2 = fc.oneof(scalar, map(level1), list(level1));
const document = map(level2, 1);

const elements = fc
  .uniqueArray(fc.tuple(fc.nat(5), map(level1)), { selector: ([id]) => id, maxLength: 4 })
  .map((items): Values => ({ servers: items.map(([id, rest]) => ({ ...rest, id })), version: "6" }));

const oneLine = scalar.filter((value) => typeof value !== "string" || !value.includes("\n"));
const plainElements = fc
  .uniqueArray(fc.tuple(fc.nat(5), map(fc.oneof(oneLine, map(oneLine)))), { selector: ([id]) => id, maxLength: 4 })
  .map((items): Values => ({ servers: items.map(([id, rest]) => ({ ...rest, id })), version: "6" }));

/** How a document is written down. The numbers are drawn again and again: comments here, a blank line there. */
const style = fc.record({
  unit: fc.constantFrom("  ", "    ", " "),
  eol: fc.constantFrom("\n", "\r\n"),
  bom: fc.boolean(),
  closed: fc.boolean(),
  dashes: fc.boolean(),
  remarks: fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }),
});
type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

/** Draws from the style's numbers in a circle. */
function dice({ remarks }: Style): () => number {
  let i = 0;
  return () => remarks[i++ % remarks.length] ?? 0;
}

function printJson(value: Values, how: Style): string {
  const roll = dice(how);
  let count = 0;
  const remark = () => `remark ${count++}`;
  const line = (indent: string) => {
    const lead = roll() === 1 ? `${how.eol}${indent}// ${remark()}` : "";
    return `${lead}${roll() === 2 ? how.eol : ""}${how.eol}${indent}`;
  };
  const many = (open: string, items: string[], close: string, indent: string, inner: string): string => {
    if (items.length === 0) return open + (roll() === 3 ? `/* ${remark()} */` : "") + close;
    if (roll() < 4 && !items.some((item) => item.includes("//"))) return `${open}${items.join(", ")}${close}`;
    const lines = items.map((item, i) => {
      const comma = i < items.length - 1 || roll() === 5 ? "," : "";
      return line(inner) + item + comma + (roll() === 4 ? ` // ${remark()}` : "");
    });
    return `${open}${lines.join("")}${how.eol}${indent}${close}`;
  };
  const print = (node: Value, indent: string): string => {
    const inner = indent + how.unit;
    if (Array.isArray(node))
      return many(
        "[",
        node.map((item: Value) => print(item, inner)),
        "]",
        indent,
        inner,
      );
    if (typeof node !== "object" || node === null) return JSON.stringify(node);
    const items = Object.entries(node).map(([name, item]) => `${JSON.stringify(name)}: ${print(item, inner)}`);
    return many("{", items, "}", indent, inner);
  };
  return `${how.bom ? "\uFEFF" : ""}${print(value, "")}${how.closed ? how.eol : ""}`;
}

function printYaml(value: Values, how: Style): string {
  const roll = dice(how);
  let count = 0;
  const remark = () => `# remark ${count++}`;
  const flow = (node: Value): string => {
    if (Array.isArray(node)) return `[${node.map(flow).join(", ")}]`;
    if (typeof node !== "object" || node === null) return quote(node);
    return `{${Object.entries(node)
      .map(([name, item]) => `${quote(name)}: ${flow(item)}`)
      .join(", ")}}`;
  };
  const quote = (node: Value): string => {
    if (typeof node !== "string") return String(node);
    if (/^[a-z]{1,6}$/.test(node) && !["yes", "null"].includes(node) && roll() < 7) return node;
    if (/^[ -~]*$/.test(node) && roll() < 4) return `'${node.replaceAll("'", "''")}'`;
    return JSON.stringify(node).replaceAll(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escapeChar);
  };
  const behind = (indent: string, node: Value): string => {
    const tail = () => (roll() === 4 ? ` ${remark()}` : "");
    const literal =
      typeof node === "string" && /^[a-z]+(\n ?[a-z]+)+\n?$/.test(node) && (how.closed || !node.endsWith("\n"));
    if (literal && roll() < 6) {
      const body = node
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => how.eol + indent + how.unit + line);
      return ` |${node.endsWith("\n") ? "" : "-"}${tail()}${body.join("")}`;
    }
    const empty = typeof node !== "object" || node === null || Object.keys(node).length === 0;
    if (node === null && roll() === 6) return tail();
    if (empty || roll() === 7) return ` ${flow(node)}${tail()}`;
    if (!Array.isArray(node)) return tail() + entries(node as Values, indent + how.unit);
    const dash = how.dashes ? indent + how.unit : indent;
    return tail() + node.map((item: Value) => `${how.eol}${dash}- ${element(item, `${dash}  `)}`).join("");
  };
  const element = (item: Value, indent: string): string => {
    const empty = typeof item !== "object" || item === null || Array.isArray(item) || Object.keys(item).length === 0;
    if (empty || roll() === 7) return `${flow(item)}${roll() === 4 ? ` ${remark()}` : ""}`;
    return roll() === 6 ? remark() + entries(item as Values, indent) : entries(item as Values, indent).trimStart();
  };
  const entries = (node: Values, indent: string): string =>
    Object.entries(node)
      .map(([name, item]) => {
        const lead = roll() === 1 ? `${how.eol}${indent}${remark()}` : "";
        return `${lead}${roll() === 2 ? how.eol : ""}${how.eol}${indent}${quote(name)}:${behind(indent, item)}`;
      })
      .join("");
  const body = entries(value, "").slice(how.eol.length);
  return `${how.bom ? "\uFEFF" : ""}${body}${how.closed ? how.eol : ""}`;
}

function escapeChar(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const readJson = (source: string): unknown =>
  JSON.parse(
    source
      .replace(/^\uFEFF/, "")
      .replaceAll(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, literal?: string) => literal ?? "")
      .replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, literal?: string) => literal ?? ""),
  );

interface Subject {
  readonly name: FormatName;
  readonly print: (value: Values, how: Style) => string;
  readonly read: (source: string) => unknown;
}
const SUBJECTS: readonly Subject[] = [
  { name: "json", print: printJson, read: readJson },
  { name: "yaml", print: printYaml, read: (source) => parseYaml(source.replace(/^\uFEFF/, "")) },
];

const remarksOf = (source: string) => source.match(/remark \d+/g) ?? [];

for (const { name, print, read } of SUBJECTS) {
  const format = formatFor(name);

  property(
    `${name}: means afterwards what it meant, with the managed keys changed, and a second run changes nothing`,
    [document, style, document, style, fc.boolean()],
    (before, how, rendered, otherwise, deleteNulls) => {
      const [file, output] = [print(before, how), print(rendered, otherwise)];
      assert.deepEqual(read(file), before, "the generator itself");
      const { content, changed } = format.merge(file, output, { deleteNulls });
      const expected = mergedValues(before, rendered, { deleteNulls });
      assert.deepEqual(read(content), expected);
      assert.equal(changed, content !== file);
      assert.deepEqual(format.merge(content, output, { deleteNulls }).content, content);
    },
    { runs: 1500 },
  );

  property(
    `${name}: elements of a list are matched by their key, foreign ones stay`,
    [elements, style, elements, style, fc.boolean()],
    (before, how, rendered, otherwise, deleteNulls) => {
      const [file, output] = [print(before, how), print(rendered, otherwise)];
      assert.deepEqual(read(file), before, "the generator itself");
      const options = { mergeKey: "id", deleteNulls };
      const { content } = format.merge(file, output, options);
      assert.deepEqual(read(content), mergedValues(before, rendered, options));
      assert.equal(format.merge(content, output, options).changed, false);
    },
    { runs: 500 },
  );

  property(
    `${name}: changed there and back again, every byte is as it was`,
    [document, style, fc.infiniteStream(fc.stringMatching(/^[a-z]{1,8}$/)), fc.nat(6)],
    (before, how, fresh, pick) => {
      const file = print(before, how);
      const old = someScalars(before, pick);
      const there = format.merge(file, JSON.stringify(mapScalars(old, () => fresh.next().value ?? "")), {}).content;
      assert.deepEqual(remarksOf(there), remarksOf(file), "no remark is lost or moved past another");
      const back = format.merge(there, JSON.stringify(old), {}).content;
      assert.deepEqual(read(back), before);
      if (name === "json") assert.equal(back, file);
    },
    { runs: 1000 },
  );

  // A list that is ours as a whole stays when a remark stands in it; one behind a block text's sign goes with the text.
  property(
    `${name}: what a rule set is taken out again, nothing else, and no remark with it`,
    [elements, style, plainElements, style],
    (before, how, rendered, otherwise) => {
      const options = { mergeKey: "id" };
      const { content, managed } = format.merge(print(before, how), print(rendered, otherwise), options);
      const removed = unlessSwallowed(() => format.remove(content, managed, options));
      if (removed === undefined) return;
      const expected = removedValues(read(content), rendered, "id");
      assert.deepEqual(withoutEmpties(read(removed)), withoutEmpties(expected));
      assert.deepEqual(remarksOf(removed), remarksOf(content));
      assert.equal(format.remove(removed, managed, options), removed, "a second time there is nothing to do");
    },
    { runs: 1000 },
  );

  property(
    `${name}: the values that a rule set are found again, each on its line`,
    [document, style, document, style],
    (before, how, rendered, otherwise) => {
      const { content, managed } = format.merge(print(before, how), print(rendered, otherwise), {});
      const found = format.values(content, managed, {});
      const wanted = format.values(print(rendered, how), managed, {});
      for (const pointer of managed) {
        const { identity } = wanted.get(pointer) ?? {};
        // An empty map may hold what is others'.
        if (identity !== "[]") assert.equal(found.get(pointer)?.identity, identity, "however it is spelled");
      }
      const lines = content.split("\n").length;
      for (const { line } of found.values()) assert.ok(line >= 1 && line <= lines);
    },
    { runs: 500 },
  );

  property(
    `${name}: a key added and taken away again leaves every byte as it was`,
    [map(level2, 1), style, level1],
    (before, how, value) => {
      const file = print(before, how);
      const there = format.merge(file, JSON.stringify({ added: value ?? 1 }), {}).content;
      assert.deepEqual(remarksOf(there), remarksOf(file));
      const back = format.merge(there, '{"added": null}', { deleteNulls: true }).content;
      assert.equal(back, file);
    },
    { runs: 1000 },
  );
}

/** A rendering that names some of a document's scalar keys: every key whose number fits. */
function someScalars(values: Values, pick: number): Values {
  const chosen = Object.entries(values).flatMap(([name, value], i): [string, Value][] => {
    if (typeof value === "object" && value !== null) {
      return Array.isArray(value) ? [] : [[name, someScalars(value as Values, pick + i)]];
    }
    return (i + pick) % 3 === 0 ? [[name, value]] : [];
  });
  return Object.fromEntries(chosen);
}

function mapScalars(values: Values, change: () => string): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Value] => [
      name,
      typeof value === "object" && value !== null ? mapScalars(value as Values, change) : change(),
    ]),
  );
}

/** Undefined: refused by name, since a comment would have become part of a text. */
function unlessSwallowed(work: () => string): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof DotvaultError && error.message.includes("would become part of the block text"))
      return undefined;
    throw error;
  }
}
