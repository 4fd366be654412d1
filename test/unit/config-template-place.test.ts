import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/check.ts";
import { validators } from "../fixtures/config/validators.ts";

/** A template error at the `@` of the template, however YAML spells it. */
function template(source: string) {
  for (const [index, line] of source.split("\n").entries()) {
    const column = line.indexOf("@");
    if (column !== -1) return { line: index + 1, column: column + 1, what: "here" };
  }
  return undefined;
}

/** Asserts that the problem is shown where the file has its `@` (or what spells it). */
function assertFound(written: string, mark = "@"): void {
  const text = `rules:\n  - name: r\n    target:\n      path: ~/x\n      format: text\n      template: ${written}\n`;
  const { problems } = parseConfig(text, "f", { ...validators, template });
  const before = text.slice(0, text.indexOf(mark)).split("\n");
  assert.deepEqual(
    problems.map(({ code, line, column }) => [code, line, column]),
    [["config.template", before.length, (before.at(-1)?.length ?? 0) + 1]],
  );
}

const spellings: [string, string, string?][] = [
  ["a block literal", "|\n        one\n          two @ three\n"],
  ["a block literal that begins with empty lines", "|\n\n\n        one\n         @\n"],
  ["a block literal with an indentation indicator and a comment", "|2- # why\n          one\n        @two\n"],
  ["a block literal with carriage returns", "|\r\n        one\r\n        two @ three\r\n"],
  ["a folded block", ">-\n        one\n        two @ three\n\n        four\n"],
  ["a folded block with more indented lines", ">\n        one\n          two @\n        four\n"],
  ["plain text", "one @ two"],
  ["plain text over lines", "one\n        two @ three"],
  ["single quotes", "'it''s @ here'"],
  ["single quotes over lines", "'one\n\n          it''s @ two'"],
  ["double quotes with escapes", '"a\\tb \\"c\\" \\x41\\u0042\\U0001F600 @ d"'],
  ["double quotes over lines", '"one \\\n          two\n\n          three @"'],
  ["an escape that is itself the place", '"a\\n\\u0040 b"', "\\u0040"],
];
for (const [how, written, mark] of spellings) {
  test(`an error in a template written as ${how} is shown where it stands in the file`, () => {
    assertFound(written, mark);
  });
}

test("a place after the last character is shown at the template's end", () => {
  const text = "rules:\n  - name: r\n    target: { path: ~/x, format: text, template: '{{ if' }\n";
  const atEnd = (source: string) => ({ line: 1, column: source.length + 1, what: "unexpected end" });
  const { problems } = parseConfig(text, "f", { ...validators, template: atEnd });
  assert.equal(problems[0]?.column, (text.split("\n")[2] ?? "").indexOf("' }") + 1);
});

test("a place outside of the template stays inside the file", () => {
  const text = "rules:\n  - name: r\n    target:\n      path: ~/x\n      format: text\n      template: |\n        a\n";
  const far = () => ({ line: 99, column: 99, what: "odd" });
  const { problems } = parseConfig(text, "f", { ...validators, template: far });
  assert.ok((problems[0]?.line ?? 0) <= 8);
});
