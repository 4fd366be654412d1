import assert from "node:assert/strict";
import fc from "fast-check";
import { type FormatName, formatFor } from "../../src/adapters/files/index.ts";
import { mergedValues, removedValues, withoutEmpties } from "../support/formats.ts";
import { READERS } from "../support/formats-readers.ts";
import { property } from "../support/property.ts";

/** Sections (machines, hosts, tables) of keys and texts; the names come from small sets, so that file and rendering meet. */
type Blocks = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** How a file is written down. The numbers are drawn again and again: a remark here, a blank line there. */
const style = fc.record({
  indent: fc.constantFrom("", "  ", "\t"),
  separator: fc.constantFrom(" = ", "=", "  =  "),
  eol: fc.constantFrom("\n", "\r\n"),
  bom: fc.boolean(),
  closed: fc.boolean(),
  rolls: fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }),
});
type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

interface Subject {
  readonly name: FormatName;
  readonly basename?: string;
  readonly blocks: readonly string[];
  readonly keys: readonly string[];
  readonly value: fc.Arbitrary<string>;
  /** A block's header as it is written, and as the reader knows it. */
  readonly header: (block: string) => string;
  readonly known?: (block: string) => string;
  readonly line: (key: string, value: string, how: Style, roll: number) => string;
  /** What may stand behind a value: nothing, or a remark. */
  readonly tail: string;
}

const word = fc.stringMatching(/^[A-Za-z0-9+/=_.~-]{1,12}$/);
const printable = fc
  .string({ minLength: 1, maxLength: 12 })
  .map((text) => text.replaceAll(/[^ -~é]/g, "x").trim() || "x");
const jsonQuoted = (value: string, roll: number) =>
  /^[\w./+-]+$/.test(value) && roll < 6 ? value : JSON.stringify(value);

const SUBJECTS: readonly Subject[] = [
  {
    name: "ini",
    basename: ".npmrc",
    blocks: ["", "a", "b.c"],
    keys: ["registry", "//r.example.com/:_authToken", "@s:registry", "x"],
    value: printable,
    header: (block) => `[${block}]`,
    line: (key, value, { separator }, roll) => `${key}${separator}${jsonQuoted(value, roll)}`,
    tail: "",
  },
  {
    name: "ini",
    basename: "pip.conf",
    blocks: ["global", "install", "a b"],
    keys: ["index-url", "timeout", "x"],
    value: printable,
    header: (block) => `[${block}]`,
    line: (key, value, { separator }, roll) => `${key}${roll < 3 ? ": " : separator}${value}`,
    tail: "",
  },
  {
    name: "ini",
    basename: ".gitconfig",
    blocks: ["user", 'url "x"', 'remote "a b"'],
    keys: ["name", "signingkey", "url"],
    value: printable,
    header: (block) => `[${block}]`,
    line: (key, value, { separator }, roll) => `${key}${separator}${jsonQuoted(value, roll)}`,
    tail: " # remark",
  },
  {
    name: "ini",
    basename: "credentials",
    blocks: ["default", "profile dev", "z"],
    keys: ["aws_access_key_id", "aws_secret_access_key", "x"],
    value: word,
    header: (block) => `[${block}]`,
    line: (key, value, { separator }, roll) => `${key}${roll < 3 ? ": " : separator}${value}`,
    tail: "",
  },
  {
    name: "netrc",
    blocks: ["a.io", "b.io", "c.io"],
    keys: ["login", "password", "account"],
    value: printable,
    header: (block) => `machine ${block}`,
    line: (key, value, _, roll) => `${key} ${jsonQuoted(value, roll)}`,
    tail: "",
  },
  {
    name: "ssh_config",
    blocks: ["", "Host a", "Host b c", "Host *", "Match user x", "Host *.d"],
    keys: ["User", "Port", "HostName", "ControlPath"],
    value: printable.map((text) => text.replaceAll(/["\\']/g, "x")),
    header: (block) => block,
    known: (block) => block.replace(/^\w+/, (keyword) => keyword.toLowerCase()),
    line: (key, value, { separator }, roll) =>
      `${key}${roll < 5 ? " " : separator}${/^[\w./+-]+$/.test(value) && roll < 7 ? value : `"${value}"`}`,
    tail: " # remark",
  },
  {
    name: "toml",
    blocks: ["", "a", "a.b", "c.d"],
    keys: ["token", "index", "x", '"q k"'],
    value: printable,
    header: (block) => `[${block}]`,
    line: (key, value, { separator }, roll) =>
      `${key}${separator}${roll < 4 && !value.includes("'") ? `'${value}'` : JSON.stringify(value)}`,
    tail: " # remark",
  },
];

function documentOf({ blocks, keys, value }: Subject): fc.Arbitrary<Blocks> {
  const block = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...keys), value), { selector: ([key]) => key, minLength: 1, maxLength: 4 })
    .map((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs));
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...blocks), block), { selector: ([name]) => name, minLength: 1 })
    .map((pairs) => Object.fromEntries(pairs.toSorted(([a], [b]) => Number(b === "") - Number(a === ""))));
}

/** `remarks` false: as a template renders it. */
function print(document: Blocks, subject: Subject, how: Style, remarks: boolean): string {
  let i = 0;
  let count = 0;
  const roll = () => how.rolls[i++ % how.rolls.length] ?? 0;
  const lines = Object.entries(document).flatMap(([block, pairs]) => {
    const lead = [...(roll() < 3 && i > 1 ? [""] : []), ...(remarks && roll() < 3 ? [`# remark ${count++}`] : [])];
    const indent = block === "" ? "" : how.indent;
    const own = Object.entries(pairs).flatMap(([key, value]) => {
      const tail = remarks && subject.tail !== "" && roll() === 1 ? `${subject.tail} ${count++}` : "";
      const above = remarks && roll() === 1 ? [`${indent}# remark ${count++}`] : [];
      return [...above, indent + subject.line(key, value, how, roll()) + tail];
    });
    return [...lead, ...(block === "" ? [] : [subject.header(block)]), ...own];
  });
  return (how.bom && remarks ? "\uFEFF" : "") + lines.join(how.eol) + (how.closed ? how.eol : "");
}

/** What a reader makes of a document. */
function meaning(document: Blocks, { name, known = (block) => block }: Subject): unknown {
  if (name !== "toml") {
    const lower = (key: string) => (name === "ssh_config" ? key.toLowerCase() : key);
    const blocks = Object.entries(document).map(([block, pairs]) => [
      known(block),
      Object.fromEntries(Object.entries(pairs).map(([key, value]) => [lower(key), value.replaceAll(/\s+/g, " ")])),
    ]);
    return Object.fromEntries(blocks);
  }
  const root: Record<string, unknown> = {};
  for (const [block, pairs] of Object.entries(document)) {
    let table = root;
    for (const part of block === "" ? [] : block.split(".")) {
      table[part] ??= {};
      table = table[part] as Record<string, unknown>;
    }
    for (const [key, value] of Object.entries(pairs)) table[key.replaceAll('"', "")] = value.replaceAll(/\s+/g, " ");
  }
  return root;
}

const remarksOf = (text: string) => text.match(/remark \d+/g) ?? [];

/** Blanks in values count once: the independent readers are simple there. */
const single = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === "string" ? inner.replaceAll(/\s+/g, " ") : inner,
  );

for (const subject of SUBJECTS) {
  const { name, basename } = subject;
  const format = formatFor(name);
  const options = basename === undefined ? {} : { basename };
  const read = (text: string) => single(READERS[name]?.(text, basename));
  const document = documentOf(subject);

  property(
    `${name} ${basename ?? ""}: means afterwards what it meant with the managed keys changed, no remark moves, a second run changes nothing`,
    [document, style, document, style],
    (before, how, rendered, otherwise) => {
      const file = print(before, subject, how, true);
      const output = print(rendered, subject, otherwise, false);
      assert.deepEqual(read(file), meaning(before, subject), "the generator itself");
      const { content, changed } = format.merge(file, output, options);
      assert.deepEqual(read(content), mergedValues(meaning(before, subject), meaning(rendered, subject)));
      assert.deepEqual(remarksOf(content), remarksOf(file));
      assert.equal(changed, content !== file);
      assert.equal(format.merge(content, output, options).content, content);
      assert.ok(isSubsequence(foreignLines(file, rendered, subject), linesOf(content)), "foreign lines stay in order");
    },
    { runs: 400 },
  );

  property(
    `${name} ${basename ?? ""}: what a rule set is taken out again, nothing else, and no remark with it`,
    [document, style, document, style],
    (before, how, rendered, otherwise) => {
      const output = print(rendered, subject, otherwise, false);
      const { content, managed } = format.merge(print(before, subject, how, true), output, options);
      const removed = format.remove(content, managed, options);
      const expected = removedValues(read(content), meaning(rendered, subject));
      assert.deepEqual(withoutEmpties(read(removed)), withoutEmpties(expected));
      assert.deepEqual(remarksOf(removed), remarksOf(content));
      assert.equal(format.remove(removed, managed, options), removed, "a second time there is nothing to do");
    },
    { runs: 400 },
  );

  property(
    `${name} ${basename ?? ""}: changed there and back again, every byte is as it was`,
    [document, style, fc.stringMatching(/^[a-z]{1,8}$/), fc.nat(3)],
    (before, how, fresh, pick) => {
      const file = print(before, subject, { ...how, rolls: [9] }, true);
      const some = Object.fromEntries(Object.entries(before).filter((_, i) => i % 2 === pick % 2));
      const other = Object.fromEntries(
        Object.entries(some).map(([block, pairs]) => [
          block,
          Object.fromEntries(Object.keys(pairs).map((key) => [key, fresh])),
        ]),
      );
      const plain = { ...how, bom: false, eol: "\n" as const, rolls: [9] };
      const there = format.merge(file, print(other, subject, plain, false), options).content;
      assert.equal(format.merge(there, print(some, subject, plain, false), options).content, file);
    },
    { runs: 200 },
  );
}

/** Lines that belong to no rendered block, as they stand in the file; the last one may lack its line break. */
function foreignLines(file: string, rendered: Blocks, subject: Subject): string[] {
  const ours = new Set(Object.values(rendered).flatMap(Object.keys));
  const lines = linesOf(file).slice(0, -1);
  return lines.filter(
    (line) =>
      line.trim() !== "" && ![...ours].some((key) => line.trimStart().startsWith(key)) && subject.name !== "netrc",
  );
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split("\n");
}

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const line of all) if (line === some[at]) at++;
  return at === some.length;
}
