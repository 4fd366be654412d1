import assert from "node:assert/strict";
import fc from "fast-check";
import { parse as parseYaml } from "yaml";
import { compile, TemplateError } from "../../src/adapters/files/template/template.ts";
import { formatFloat } from "../../src/adapters/files/template/values/floats.ts";
import { compareTexts } from "../../src/adapters/files/template/values/value.ts";
import { property } from "../support/property.ts";

const environment = { env: () => "value", username: "alice" };

/** Pieces that make sources which often get past the parser. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("{{", "}}", "{{- ", " -}}", " ", "\n", "(", ")", "|", ",", ":=", "=") },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...["if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil", "true"],
      ...['"t"', "`r`", "'c'", "1", "1.5", "0x1f", "1_0", ".", "$", "$x", ".a", ".list", ".m.k", ".constructor"],
      ...[".__proto__", "and", "or", "not", "eq", "lt", "index", "slice", "len", "print", "printf", "html", "js"],
      ...["urlquery", "call", "default", "quote", "toJson", "toYaml", "replace", '"%d %s %v %[1]*.*x"', "/*", "*/"],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);
const loose = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

/** Sources that are well formed as far as the grammar goes. */
const { statements } = fc.letrec<{ operand: string; pipe: string; statements: string; statement: string }>((tie) => ({
  operand: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      ".",
      "$",
      ".a",
      ".list",
      ".m",
      ".m.k",
      ".n",
      ".gone",
      ".nul",
      ".constructor",
      ".__proto__",
      "1",
      "0",
      "2.5",
      '"s"',
      '"%v"',
      "true",
      "`x`",
    ),
    tie("pipe").map((pipe) => `(${pipe})`),
  ),
  pipe: fc.oneof(
    { depthSize: "small" },
    tie("operand"),
    fc
      .tuple(
        fc.constantFrom(
          "and",
          "or",
          "not",
          "eq",
          "ne",
          "lt",
          "ge",
          "index",
          "slice",
          "len",
          "print",
          "printf",
          "println",
          "html",
          "js",
          "urlquery",
          "call",
          "default",
          "quote",
          "toJson",
          "toYaml",
          "trim",
          "lower",
          "replace",
          "required",
          "b64url",
          "base64decode",
        ),
        fc.array(tie("operand"), { maxLength: 3 }),
      )
      .map(([name, args]) => [name, ...args].join(" ")),
    fc
      .tuple(tie("pipe"), fc.constantFrom("print", "quote", "len", "toJson", 'default "d"', "printf `%5q`"))
      .map((parts) => parts.join(" | ")),
  ),
  statement: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("text", " \n", "é"),
    tie("pipe").map((pipe) => `{{ ${pipe} }}`),
    fc
      .tuple(
        fc.constantFrom("if", "with", "range", "range $i, $v :="),
        tie("pipe"),
        tie("statements"),
        tie("statements"),
      )
      .map(([word, pipe, body, otherwise]) => `{{ ${word} ${pipe} }}${body}{{ else }}${otherwise}{{ end }}`),
    tie("pipe").map((pipe) => `{{ $x := ${pipe} }}{{ $x }}`),
  ),
  statements: fc.array(tie("statement"), { maxLength: 4 }).map((all) => all.join("")),
}));

const data = fc.oneof(fc.constant({ a: "x", list: ["a", 1, null], m: { k: "v" }, n: 3, nul: null }), fc.jsonValue());

/** The text, or undefined where the template was refused in the one proper way. */
function attempt(source: string, json: unknown): string | undefined {
  try {
    const template = compile(source);
    template.fields();
    return template.render(json, environment);
  } catch (error) {
    assert.ok(error instanceof TemplateError, `${JSON.stringify(source)}: ${String(error)}`);
    assert.ok(error.line >= 1 && error.column >= 0 && error.offset <= source.length);
    return undefined;
  }
}

property(
  "any characters either render or end in a TemplateError",
  [fc.string({ unit: "binary" }), data],
  (source, json) => {
    attempt(source, json);
    return true;
  },
  { runs: 500 },
);

property(
  "any words of the language either render or end in a TemplateError",
  [loose, data],
  (source, json) => {
    attempt(source, json);
    return true;
  },
  { runs: 2000 },
);

property(
  "well-formed templates never print nothing, and touch neither data nor prototypes",
  [statements, data],
  (source, json) => {
    const before = JSON.stringify(json);
    const prototype = Reflect.ownKeys(Object.prototype).length;
    const text = attempt(source, json);
    assert.equal(JSON.stringify(json), before);
    assert.equal(Reflect.ownKeys(Object.prototype).length, prototype);
    assert.doesNotMatch(text ?? "", /<no value>|<nil>|\[object|undefined/);
    return true;
  },
  { runs: 2000 },
);

property("the same template and data give the same text", [statements, data], (source, json) => {
  assert.equal(attempt(source, json), attempt(source, structuredClone(json)));
  return true;
});

property(
  "text without actions comes out as it is",
  [fc.string({ unit: "binary" }).filter((text) => !text.includes("{{"))],
  (text) => {
    assert.equal(attempt(text, {}), text);
    return true;
  },
);

property(
  "a value comes out of any quoting whole: toJson, base64, printf %q",
  [fc.string({ unit: "grapheme" })],
  (text) => {
    assert.equal(JSON.parse(attempt("{{ toJson .x }}", { x: text }) ?? ""), text);
    assert.equal(attempt("{{ .x | base64encode | base64decode }}", { x: text }), text);
    assert.equal(attempt(`{{ ${attempt('{{ printf "%q" .x }}', { x: text })} }}`, {}), text);
    return true;
  },
  { runs: 300 },
);

property(
  "toJson and toYaml give back what they were given",
  [fc.jsonValue()],
  (json) => {
    const sane = JSON.parse(JSON.stringify(json).replaceAll("-0", "0"));
    assert.deepEqual(JSON.parse(attempt("{{ toJson .x }}", { x: sane }) ?? ""), sane);
    assert.deepEqual(parseYaml(attempt("{{ toYaml . }}", { x: sane }) ?? ""), { x: sane });
    assert.deepEqual(parseYaml(attempt("{{ toYaml .x }}", { x: sane }) ?? ""), sane);
    return true;
  },
  { runs: 500 },
);

property(
  "floats read back as themselves in every notation",
  [fc.double({ noNaN: true, noDefaultInfinity: true })],
  (value) => {
    assert.equal(Number(formatFloat(value, "g", -1)), value);
    assert.equal(Number(formatFloat(value, "e", 17)), value);
    assert.equal(Number(formatFloat(value, "f", 1080)), value);
    return true;
  },
  { runs: 300 },
);

property(
  "texts are ordered as their bytes in UTF-8 are",
  [fc.string({ unit: "binary" }), fc.string({ unit: "binary" })],
  (a, b) => {
    const [s, t] = [a.toWellFormed(), b.toWellFormed()];
    assert.equal(compareTexts(s, t), Math.sign(Buffer.compare(Buffer.from(s), Buffer.from(t))));
    return true;
  },
  { runs: 500 },
);
