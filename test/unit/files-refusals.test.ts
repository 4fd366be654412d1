import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonEdits } from "../../src/adapters/files/formats/json/edit.ts";
import { readJson } from "../../src/adapters/files/formats/json/read.ts";
import { structured } from "../../src/adapters/files/formats/structured.ts";
import { type FormatName, formatFor, type MergeOptions } from "../../src/adapters/files/index.ts";
import type { DotvaultError } from "../../src/errors.ts";

const SECRET = "tok-SECRET-123";

interface Refusal {
  readonly protects: string;
  readonly format: FormatName;
  readonly before: string;
  readonly rendered: string;
  readonly options?: MergeOptions;
  readonly code: string;
  /** Part of what a person reads, say the place. */
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    protects: "a broken JSON file, with the place",
    format: "json",
    before: `{\n  "a": "${SECRET}\n}`,
    rendered: '{"a": 1}',
    code: "files.target-unparsable",
    says: "line 2, column 8",
  },
  {
    protects: "against two JSON documents in one file",
    format: "json",
    before: '{"a": 1}\n{"b": 2}\n',
    rendered: '{"a": 2}',
    code: "files.target-unparsable",
    says: "line 2, column 1",
  },
  {
    protects: "against a template that makes broken JSON: a quote in a value",
    format: "json",
    before: '{"a": 1}',
    rendered: `{"a": "${SECRET}"x"}`,
    code: "files.rendered-unparsable",
    says: "the template's output",
  },
  {
    protects: "a broken YAML file, with the place",
    format: "yaml",
    before: `a: 1\nb: [${SECRET}\n`,
    rendered: "a: 1\n",
    code: "files.target-unparsable",
    says: "line 3, column 1",
  },
  {
    protects: "against a template that makes broken YAML: a value with a colon",
    format: "yaml",
    before: "a: 1\n",
    rendered: `a: x: ${SECRET}\n`,
    code: "files.rendered-unparsable",
    says: "line 1",
  },
  {
    protects: "against a value that ends our document and begins another",
    format: "yaml",
    before: "a: 1\n",
    rendered: "a: 1\n---\nb: 2\n",
    code: "files.rendered-unparsable",
    says: "more than one document",
  },
  {
    protects: "against a rendered alias",
    format: "yaml",
    before: "a: 1\n",
    rendered: "a: &x 1\nb: *x\n",
    code: "files.unsupported",
    says: "alias",
  },
  {
    protects: "a key elsewhere that is an alias of ours",
    format: "yaml",
    before: "ours: &t old\n# …\ntheirs: *t\n",
    rendered: `ours: ${SECRET}\n`,
    code: "files.would-touch-foreign",
    says: "line 3, column 9",
  },
  {
    protects: "a section elsewhere that is an alias of the one that we would change",
    format: "yaml",
    before: "base: &b\n  token: old\nprod: *b\n",
    rendered: "base: {token: new}\n",
    code: "files.would-touch-foreign",
    says: "line 3, column 7",
  },
  {
    protects: "a section that we would reach through an alias",
    format: "yaml",
    before: "base: &b\n  token: old\nprod: *b\n",
    rendered: "prod: {token: new}\n",
    code: "files.would-touch-foreign",
    says: "*b",
  },
  {
    protects: "the rest of a section that << brings in and ours would hide",
    format: "yaml",
    before: "base: &b\n  auth: {user: u}\nprod:\n  <<: *b\n",
    rendered: "prod: {auth: {token: new}}\n",
    code: "files.would-touch-foreign",
    says: '"auth"',
  },
  {
    protects: "an anchor that others need, in a value that would be replaced",
    format: "yaml",
    before: "ours:\n  - &x 1\ntheirs: *x\n",
    rendered: "ours: new\n",
    code: "files.would-touch-foreign",
    says: "line 3, column 9",
  },
  {
    protects: "against the belief that an inherited key was deleted",
    format: "yaml",
    before: "base: &b\n  token: x\nprod:\n  <<: *b\n",
    rendered: "prod: {token: ~}\n",
    options: { deleteNulls: true },
    code: "files.would-touch-foreign",
    says: "inherited",
  },
  {
    protects: "an anchor that others need, in a key that would be removed",
    format: "yaml",
    before: "ours: &x 1\ntheirs: *x\n",
    rendered: "ours:\n",
    options: { deleteNulls: true },
    code: "files.would-touch-foreign",
    says: "line 2, column 9",
  },
  {
    protects: "a file whose top is something else",
    format: "json",
    before: "[1, 2]",
    rendered: '{"a": 1}',
    code: "files.would-touch-foreign",
    says: "holds a list",
  },
  {
    protects: "two elements with one key value: nobody knows which is meant",
    format: "json",
    before: '[\n  {"id": 1},\n  {"id": 1}\n]',
    rendered: '[{"id": 1, "t": 2}]',
    options: { mergeKey: "id" },
    code: "files.ambiguous",
    says: "line 2, column 3 and line 3, column 3",
  },
  {
    protects: "the file's elements from a rendering that forgot the key",
    format: "json",
    before: '[{"id": 1}]',
    rendered: '[{"id": 1}, {"t": 2}]',
    options: { mergeKey: "id" },
    code: "files.rendered-unkeyed",
    says: '"id"',
  },
  {
    protects: "a jf configuration that jf has encrypted",
    format: "json",
    before: '{"servers": [{"serverId": "a", "accessToken": "x"}], "version": "6", "enc": true}',
    rendered: '{"servers": [{"serverId": "a", "accessToken": "y"}]}',
    options: { basename: "jfrog-cli.conf.v6" },
    code: "files.encrypted",
    says: "encrypted",
  },
  {
    protects: "one whose mark stands in a server, under any name",
    format: "json",
    before: '{"servers": [{"serverId": "a", "enc": true}], "version": "6"}',
    rendered: '{"servers": [{"serverId": "a"}]}',
    code: "files.encrypted",
    says: "encrypted",
  },
  {
    protects: "jf's file from a number as version, which jf can't read",
    format: "json",
    before: '{"servers": [], "version": "6"}',
    rendered: '{"version": 6}',
    options: { basename: "jfrog-cli.conf.v6" },
    code: "files.jf-version",
    says: '"version"',
  },
  {
    protects: "against deep nesting, which would take the process down",
    format: "json",
    before: "[".repeat(100_000),
    rendered: "{}",
    code: "files.too-deep",
    says: "nested",
  },
  {
    protects: "the value of a block text that ends the file without a line break",
    format: "yaml",
    before: "a: |\n  x",
    rendered: "b: 1\n",
    code: "files.unsupported",
    says: "line 1, column 4",
  },
  {
    protects: "the second document when the first is empty",
    format: "yaml",
    before: "---\n---\na: 1\n",
    rendered: "b: 1\n",
    code: "files.unsupported",
    says: "first",
  },
];

for (const { protects, format, before, rendered, options = {}, code, says } of REFUSALS) {
  test(`refused: ${protects}`, () => {
    assert.throws(
      () => formatFor(format).merge(before, rendered, options),
      (error: DotvaultError) => {
        assert.equal(error.code, code);
        assert.ok(error.message.includes(says), error.message);
        assert.ok(!`${error.message}${error.hint}`.includes(SECRET), "no secret in the text");
        return true;
      },
    );
  });
}

test("an encrypted mark in a file that is not jf's means nothing", () => {
  const { content } = formatFor("json").merge('{"enc": true}', '{"a": 1}', {});
  assert.equal(content, '{"enc": true, "a": 1}');
});

test("a new jf file without a version is refused: jf would wipe it on its first command", () => {
  const merge = (rendered: string) => formatFor("json").merge(undefined, rendered, { basename: "jfrog-cli.conf.v6" });
  assert.throws(() => merge('{"servers": []}'), { code: "files.jf-version" });
  assert.equal(merge('{"servers": [], "version": "6"}').changed, true);
});

test("an empty rendering changes nothing and makes no file", () => {
  for (const name of ["json", "yaml"] as const) {
    assert.deepEqual(formatFor(name).merge(undefined, " \n", {}), { content: "", changed: false, managed: [] });
    assert.deepEqual(formatFor(name).merge("{}", "\n", {}), { content: "{}", changed: false, managed: [] });
  }
});

test("managed names every value that the rule sets, elements by their key, tombstones not", () => {
  const rendered = '{"a/b": {"c~d": 1, "gone": null}, "e": {}, "l": [1, 2], "s": [{"id": "x", "t": 1}, {"id": "y"}]}';
  const { managed } = formatFor("json").merge(undefined, rendered, { mergeKey: "id", deleteNulls: true });
  assert.deepEqual(managed, ["/a~1b/c~0d", "/e", "/l", "/s/id=x/id", "/s/id=x/t", "/s/id=y/id"]);
});

test("nothing in a document reaches a prototype", () => {
  for (const name of ["json", "yaml"] as const) {
    formatFor(name).merge(
      '{"a": {}}',
      '{"__proto__": {"polluted": 1}, "a": {"constructor": {"prototype": {"polluted": 1}}}}',
      {},
    );
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  }
});

test("the guard: edits that reach a foreign key, or break the file, never leave the format", () => {
  const damages: readonly ((text: string) => string)[] = [
    (text) => text.replace('"theirs"', '"lost"'),
    (text) => text.replace('"b": "theirs"', '"b": "theirs", "c": 1'),
    (text) => text.replace('"theirs"', '"theirs'),
    (text) => text.replace("{", "["),
    () => '{"a": 2}',
    () => "",
  ];
  for (const damage of damages) {
    const format = structured({
      name: "json",
      read: readJson,
      edits: (text, root, operations) => {
        const [edit] = jsonEdits(text, root, operations);
        const right = edit ? text.slice(0, edit.start) + edit.text + text.slice(edit.end) : text;
        return [{ start: 0, end: text.length, text: damage(right) }];
      },
    });
    assert.throws(() => format.merge('{"a": 1, "b": "theirs"}', '{"a": 2}', {}), { code: "files.guard" });
  }
});
