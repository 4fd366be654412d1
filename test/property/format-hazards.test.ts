import assert from "node:assert/strict";
import fc from "fast-check";
import { CORE_SCHEMA, loadAll, mergeTag } from "js-yaml";
import { stringify as printToml } from "smol-toml";
import { type FormatName, formatFor, type MergeOptions } from "../../src/adapters/files/index.ts";
import { DotvaultError } from "../../src/errors.ts";
import { mergedValues, removedValues, withoutEmpties } from "../support/formats.ts";
import { READERS } from "../support/formats-readers.ts";
import { jsonHazards } from "../support/hazards/json.ts";
import { lineHazards } from "../support/hazards/lines.ts";
import {
  documents,
  type Grammar,
  type HazardDocument,
  keepsForeign,
  type Slot,
  textOf,
} from "../support/hazards/pieces.ts";
import { tomlHazards } from "../support/hazards/toml.ts";
import { yamlHazards } from "../support/hazards/yaml.ts";
import { property } from "../support/property.ts";

type Tree = { readonly [key: string]: unknown };

interface Subject {
  readonly name: FormatName;
  readonly basename: string;
  readonly grammar: Grammar;
  /** An independent reading: all documents of the file. */
  readonly read: (text: string) => readonly unknown[];
  readonly render: (tree: Tree) => string;
  /** Values that a rule may bring. */
  readonly value: fc.Arbitrary<unknown>;
  /** A key of its own for the rule: where nothing is yet. */
  readonly fresh: readonly string[];
}

const HARD = [
  "x",
  "",
  "null",
  "~",
  "yes",
  "0x1F",
  "1e3",
  "- a",
  "a: b",
  "a #b",
  "#",
  "&a",
  "*a",
  "it's",
  '"',
  "\\",
  "\t",
  " lead",
  "é😀",
  "{x}",
  "a\nb",
  "a\n\n b\n",
];
const anything = fc.oneof(
  fc.constantFrom(...HARD),
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.constant("x".repeat(5_000)),
);
const oneLine = fc.stringMatching(/^[A-Za-z0-9+/_.-]{1,12}$/);

const schema = CORE_SCHEMA.withTags(mergeTag);
const yamlDocuments = (text: string) => loadAll(untagged(text), { schema, json: true });
/** Tags of applications are unknown to the reader. */
const untagged = (text: string) => text.replaceAll("!vault ", "");
const jsonDocument = (text: string) => [
  JSON.parse(
    text
      .replace(/^\uFEFF/, "")
      .replaceAll(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, literal?: string) => literal ?? " ")
      .replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, literal?: string) => literal ?? ""),
  ),
];

const SUBJECTS: readonly Subject[] = [
  {
    name: "yaml",
    basename: "x.yaml",
    grammar: yamlHazards,
    read: yamlDocuments,
    render: (tree) => JSON.stringify(tree),
    value: anything,
    fresh: ["added"],
  },
  {
    name: "json",
    basename: "x.json",
    grammar: jsonHazards,
    read: jsonDocument,
    render: (tree) => JSON.stringify(tree),
    value: anything,
    fresh: ["added"],
  },
  {
    name: "toml",
    basename: "x.toml",
    grammar: tomlHazards,
    read: (text) => [READERS.toml?.(text)],
    render: printToml,
    value: anything,
    fresh: ["added", "a"],
  },
  ...lineHazards.map(({ name, basename, grammar }): Subject => {
    const fresh = {
      ini: basename === ".npmrc" ? ["", "added"] : ["added", "k"],
      netrc: ["added", "account"],
      ssh_config: ["host added", "port"],
    }[name];
    return {
      name,
      basename,
      grammar,
      read: (text) => [READERS[name]?.(text, basename)],
      render: (tree) => blocks(name, tree),
      value: oneLine,
      fresh,
    };
  }),
];

/** Sections, machines or hosts with their keys. */
function blocks(name: FormatName, { "": top, ...rest }: Tree): string {
  const header = (block: string) => ({ ini: `[${block}]`, netrc: `machine ${block}` })[name as string] ?? block;
  const lines = (keys: unknown) =>
    Object.entries((keys ?? {}) as Tree).map(([key, value]) => `${key}${name === "ini" ? "=" : " "}${value}\n`);
  return [
    ...lines(top),
    ...Object.entries(rest).flatMap(([block, keys]) => [`${header(block)}\n`, ...lines(keys)]),
  ].join("");
}

function treeOf(values: readonly { readonly path: readonly string[]; readonly value: unknown }[]): Tree {
  const root: Record<string, unknown> = {};
  for (const { path, value } of values) {
    let at = root;
    for (const key of path.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1) ?? ""] = value;
  }
  return root;
}

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner)));
const sorted = (value: unknown): unknown => plain(value);

/** What the file means afterwards: the first document is merged, all others are as they were. */
function meant(before: readonly unknown[], tree: unknown): unknown[] {
  return [mergedValues(plain(before[0] ?? {}), plain(tree)), ...before.slice(1).map(plain)];
}

interface Wish {
  readonly slot: number;
  readonly value: unknown;
}

for (const { name, basename, grammar, read, render, value, fresh } of SUBJECTS) {
  const format = formatFor(name);
  const options: MergeOptions = { basename };
  const document = documents(grammar);
  const wishes = fc.array(fc.record({ slot: fc.nat(20), value }), { maxLength: 4 });

  const change = ({ slots }: HazardDocument, wanted: readonly Wish[]) => {
    const chosen = new Map<Slot, unknown>();
    for (const wish of wanted) {
      const slot = slots[wish.slot % Math.max(1, slots.length)];
      if (slot) chosen.set(slot, wish.value);
    }
    return chosen;
  };

  property(
    `${name} ${basename}: among all hazards only the managed values change, and what is refused names a line`,
    [document, wishes],
    (file, wanted) => {
      const before = textOf(file.pieces);
      const chosen = change(file, wanted);
      const tree = treeOf([...chosen].map(([{ path }, value]) => ({ path, value })));
      const rendered = render(tree);
      const meaning = read(before);
      const isLoose = [...chosen.values()].some((value) => String(value).includes("\n"));
      let content: string;
      try {
        ({ content } = format.merge(before, rendered, options));
      } catch (error) {
        assert.ok(error instanceof DotvaultError, String(error));
        assert.ok(
          [...chosen.keys()].some((slot) => file.refused.has(slot)),
          error.message,
        );
        assert.match(error.message, /line \d+/);
        return;
      }
      assert.ok(keepsForeign(content, file, new Set(chosen.keys()), isLoose), `a foreign byte moved:\n${content}`);
      assert.deepEqual(read(content).map(sorted), meant(meaning, read(rendered)[0]));
      assert.equal(format.merge(content, rendered, options).changed, false, "a second run changes nothing");
    },
    { runs: 200 },
  );

  property(
    `${name} ${basename}: what is added among all hazards and taken out again leaves every byte as it was`,
    [document, value],
    (file, added) => {
      const before = textOf(file.pieces);
      const tree = treeOf([{ path: fresh, value: added }]);
      const rendered = render(tree);
      const { content, managed } = format.merge(before, rendered, options);
      assert.deepEqual(read(content).map(sorted), meant(read(before), read(rendered)[0]));
      assert.equal(format.merge(content, rendered, options).changed, false, "a second run changes nothing");
      const removed = format.remove(content, managed, options);
      assert.equal(unparted(removed), unparted(before));
      const again = format.merge(removed, rendered, options).content;
      assert.equal(format.remove(again, managed, options), removed, "nothing grows with it");
    },
    { runs: 100 },
  );

  property(
    `${name} ${basename}: what a strict rule no longer renders goes, and nothing else`,
    [document, wishes],
    (file, wanted) => {
      const before = textOf(file.pieces);
      const chosen = [...change(file, wanted).keys()].filter(
        (slot) => !file.refused.has(slot) && !file.shadows.has(slot),
      );
      const pointers = chosen.map(
        ({ path }) => `/${path.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`,
      );
      const removed = removedOrRefused(() => format.remove(before, pointers.map(asManaged(name)), options));
      if (removed === undefined) return;
      const tree = treeOf(chosen.map(({ path }) => ({ path, value: null })));
      const expected = removedValues(plain(read(before)[0]), tree);
      assert.deepEqual(withoutEmpties(sorted(read(removed)[0])), withoutEmpties(expected));
    },
    { runs: 100 },
  );
}

/** Undefined: the comment behind a value would have become part of the block text before it. */
function removedOrRefused(remove: () => string): string | undefined {
  try {
    return remove();
  } catch (error) {
    if (!(error instanceof DotvaultError) || error.code !== "files.unsupported") throw error;
    assert.match(error.message, /the comment at line \d+.* would become part of the block text/);
    return undefined;
  }
}

/** Blank lines that part a new section from others stay. */
function unparted(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

/** How the format names a block: ssh's keyword is spelled as in its manual. */
function asManaged(name: FormatName): (pointer: string) => string {
  return (pointer) =>
    name === "ssh_config" ? pointer.replace(/^\/(.)/, (_, first: string) => `/${first.toUpperCase()}`) : pointer;
}
