import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse as parseYaml } from "yaml";
import { compile, LIMITS, TemplateError } from "../../src/adapters/files/template/template.ts";
import { DotvaultError } from "../../src/errors.ts";

const environment = { env: () => undefined, username: "alice" };
const raw = (text: string) => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);

function render(template: string, data: unknown = {}): string {
  return compile(template, { name: "rule" }).render(data, environment);
}

function refusal(body: () => unknown): TemplateError {
  try {
    body();
  } catch (error) {
    assert.ok(error instanceof TemplateError && error instanceof DotvaultError, String(error));
    return error;
  }
  return assert.fail("it was not refused");
}

describe("what a template is told at once", () => {
  test("all unknown names, and the first syntax error, in the order of the source", () => {
    const source = 'a\n{{ qoute .x }}{{ $y }}\n{{ template "t" }}{{ upper (foo) }}\n{{ if }}';
    const error = refusal(() => compile(source, { name: "rule" }));
    assert.deepEqual(
      error.problems.map(({ code, line, column }) => [code, line, column]),
      [
        ["template.unknown-function", 2, 3],
        ["template.unknown-variable", 2, 17],
        ["template.unknown-function", 3, 28],
        ["template.syntax", 4, 6],
      ],
    );
    assert.equal(error.message, 'template: rule:2:3: function "qoute" not defined');
    assert.equal(error.hint, "did you mean quote?");
  });

  test("an unknown template, though no branch may reach it", () => {
    const error = refusal(() => compile('{{ if false }}{{ template "t" }}{{ end }}'));
    assert.deepEqual([error.code, error.line, error.column], ["template.unknown-template", 1, 26]);
  });

  test("columns count bytes from 0 and offsets the source's own units", () => {
    const error = refusal(() => compile("é😀{{ nope }}"));
    assert.deepEqual([error.column, error.offset], [9, 6]);
  });

  test("no name of a prototype is a function", () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      assert.equal(refusal(() => compile(`{{ ${name} }}`)).code, "template.unknown-function");
    }
  });
});

describe("printing nothing", () => {
  test("names the line, the field and the fields there are, and gives no text", () => {
    const error = refusal(() => render("user={{ .user }}\npass={{ .pasword }}\n", { user: "u", password: "s3cret" }));
    assert.equal(error.code, "template.absent");
    assert.equal(error.line, 2);
    assert.match(error.message, /rule:2:8: .*\.pasword is absent; the fields are password, user$/);
    assert.match(error.hint ?? "", /\{\{ \.pasword \| default/);
  });

  test("never shows a value of the data", () => {
    const data = { token: "s3cret", list: ["s3cret"], map: { k: "s3cret" }, n: raw("31337") };
    const sources = [
      "{{ .nope }}",
      "{{ range .token }}{{ end }}",
      "{{ eq .map .map }}",
      "{{ eq .list .map }}",
      "{{ .token.x }}",
      "{{ base64decode .token }}",
      "{{ index .list .token }}",
      "{{ index .map 1 }}",
      "{{ call .token }}",
      "{{ .token | call }}",
      "{{ lt .token 1 }}",
      "{{ len .n.Int64 }}",
      "{{ .n.Foo }}",
      "{{ quote .map }}",
    ];
    for (const source of sources) {
      const error = refusal(() => render(source, data));
      assert.doesNotMatch(`${error.message} ${error.hint}`, /s3cret|31337/, source);
    }
  });

  test("shows odd field names quoted, and not endlessly many", () => {
    const data = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k\n${n}`, 1]));
    const { message } = refusal(() => render("{{ .x }}", data));
    assert.match(message, /"k\\n0", .* and 30 more$/);
    assert.ok(!message.includes("\n"));
  });

  test("is no error where the value is only asked about", () => {
    assert.equal(render('{{ if .a }}x{{ end }}{{ with .a.b }}x{{ end }}{{ .a | default "d" }}', {}), "d");
    assert.equal(
      render("{{ range .a }}x{{ else }}none{{ end }}{{ not .a }}{{ eq .a nil }}", { a: null }),
      "nonetruetrue",
    );
  });
});

describe("numbers", () => {
  test("are spelled as in the source, whichever way JSON was read", () => {
    const data = { a: 1e21, b: 12345678901234567890n, c: raw("1.50"), d: raw("1E3"), e: -0, f: 0.1, g: 2 ** 53 };
    assert.equal(
      render("{{ .a }} {{ .b }} {{ .c }} {{ .d }} {{ .e }} {{ .f }} {{ .g }}", data),
      "1000000000000000000000 12345678901234567890 1.50 1E3 -0 0.1 9007199254740992",
    );
  });

  test("raw JSON may be any primitive", () => {
    assert.equal(
      render("{{ .a }}{{ .b }}{{ if .c }}x{{ end }}", { a: raw('"t"'), b: raw("true"), c: raw("null") }),
      "ttrue",
    );
  });

  test("compare exactly beyond what a double holds", () => {
    const data = { big: raw("9007199254740993"), other: raw("9007199254740992") };
    assert.equal(
      render("{{ gt .big .other }} {{ eq .big .other }} {{ eq .big 9007199254740993 }}", data),
      "true false true",
    );
  });
});

describe("data", () => {
  test("are read by their own properties only", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      assert.equal(render(`{{ if .${name} }}x{{ end }}{{ if index . "${name}" }}x{{ end }}`, {}), "");
      assert.equal(refusal(() => render(`{{ .${name} }}`, {})).code, "template.absent");
    }
    assert.equal(render("{{ .__proto__.a }}", JSON.parse('{"__proto__":{"a":"own"}}')), "own");
  });

  test("that are no JSON are refused", () => {
    for (const value of [() => 1, Symbol("s"), new Date(0), new Map(), Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(refusal(() => render("{{ .x }}", { x: value })).code, "template.execution");
    }
  });

  test("with half a surrogate pair come out as valid text", () => {
    assert.equal(render("{{ .x }}", { x: "a\ud800b" }), "a\ufffdb");
  });

  test("of their own may hold undefined: that is absent", () => {
    assert.equal(refusal(() => render("{{ .x }}", { x: undefined })).code, "template.absent");
  });
});

describe("what a template may cost", () => {
  test("steps are limited", () => {
    assert.equal(refusal(() => render("{{ range 1000000000 }}{{ end }}")).code, "template.limit");
    const nested = "{{ range 1000 }}".repeat(4) + "{{ end }}".repeat(4);
    assert.equal(refusal(() => render(nested)).code, "template.limit");
  });

  test("a text that doubles itself is stopped", () => {
    const double = '{{ $x := "x" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}';
    assert.equal(refusal(() => render(double)).code, "template.limit");
    const replaced = `{{ $x := printf "%65536d" 1 }}{{ range 9 }}{{ $x = replace " " $x $x }}{{ end }}`;
    assert.match(refusal(() => render(replaced)).message, /error calling replace: the text is larger than 4 MiB$/);
  });

  test("padding is stopped before the memory is taken", () => {
    const padded = `{{ printf "${"%1000000d".repeat(5000)}" ${"1 ".repeat(5000)} }}`;
    assert.equal(refusal(() => render(padded)).code, "template.limit");
  });

  test("the rendered text is limited, and just below the limit is fine", () => {
    const text = "é".repeat(LIMITS.bytes / 2);
    assert.equal(render("{{ .x }}", { x: text }).length, text.length);
    assert.equal(refusal(() => render("{{ .x }}!", { x: text })).code, "template.limit");
  });

  test("nesting is limited in the source", () => {
    assert.equal(refusal(() => compile(`{{ ${"(".repeat(5000)}`)).code, "template.limit");
    assert.equal(refusal(() => compile("{{ if 1 }}".repeat(5000))).code, "template.limit");
    assert.equal(refusal(() => compile(`{{ if 0 }}${"{{ else if 0 }}".repeat(5000)}{{ end }}`)).code, "template.limit");
  });

  test("everything within the source's nesting can be rendered", () => {
    const depth = LIMITS.nesting - 2;
    assert.equal(render(`{{ ${"(".repeat(depth)}1${")".repeat(depth)} }}`), "1");
    assert.equal(render(`${"{{ if 1 }}".repeat(depth)}x${"{{ end }}".repeat(depth)}`), "x");
  });

  test("recursion ends, through templates and through deep data", () => {
    assert.equal(
      refusal(() => render('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}')).code,
      "template.limit",
    );
    let deep: unknown = "end";
    for (let level = 0; level < 100_000; level++) deep = [deep];
    for (const source of ["{{ .x }}", "{{ toJson .x }}", "{{ toYaml .x }}"]) {
      assert.equal(refusal(() => render(source, { x: deep })).code, "template.limit");
    }
  });

  test("a recursive template walks a tree that is deep enough for any dotfile", () => {
    let tree: unknown = { name: "leaf" };
    for (let level = 0; level < 100; level++) tree = { child: tree };
    assert.equal(
      render(
        '{{ define "n" }}{{ with .child }}{{ template "n" . }}{{ else }}{{ .name }}{{ end }}{{ end }}{{ template "n" . }}',
        tree,
      ),
      "leaf",
    );
  });
});

describe("fields", () => {
  const reads = (source: string): [string[], boolean] => {
    const template = compile(source);
    return [template.fields(), template.readsAll()];
  };

  test("are those of the document, not those of what is in it", () => {
    assert.deepEqual(reads("{{ .b.x }}{{ range .a }}{{ .name }}{{ $.c }}{{ end }}{{ with .d }}{{ .e }}{{ end }}"), [
      ["a", "b", "c", "d"],
      false,
    ]);
  });

  test("are found through variables, templates, index, arguments and else branches", () => {
    assert.deepEqual(
      reads(
        '{{ $d := . }}{{ $d.a }}{{ define "t" }}{{ .b }}{{ end }}{{ template "t" $d }}{{ index . "c" }}' +
          "{{ quote (print $.d) }}{{ with .e }}{{ else }}{{ .f }}{{ end }}{{ if (.).g }}{{ end }}{{ with . }}{{ .h }}{{ end }}" +
          '{{ block "u" . }}{{ .i }}{{ end }}{{ template "t" .j }}',
      ),
      [["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], false],
    );
  });

  test("the whole document handed on counts as all of them", () => {
    for (const source of [
      "{{ . }}",
      "{{ toJson . }}",
      "{{ range . }}{{ end }}",
      "{{ $ | toYaml }}",
      "{{ index . $.k }}",
    ]) {
      assert.equal(reads(source)[1], true, source);
    }
    assert.deepEqual(reads("{{ define `t` }}{{ . }}{{ end }}{{ template `t` .a }}"), [["a"], false]);
  });
});

describe("toYaml", () => {
  const data = {
    text: "plain text",
    number: raw("1.50"),
    like: [
      "true",
      "null",
      "12",
      "1.5e3",
      "no",
      "",
      " x",
      "a: b",
      "a #b",
      "- a",
      "2001-01-01",
      "=",
      "~",
      "0x1f",
      "a\tb",
      ".5",
      "<<",
    ],
    block: ["l1\nl2", { k: "a\n\n b" }],
    nested: [{ a: 1, b: [[], {}, [[1]]] }, ["x", { y: null }]],
    key: "-----BEGIN KEY-----\nabc\n\ndef\n-----END KEY-----",
    ends: "a\n",
    "odd: key": { "": 1 },
    odd: ["\u2028", "\u0001", "\ufeff", "é", "😀"],
  };

  test("gives back the same data through an independent reader", () => {
    const plain = JSON.parse(JSON.stringify(data));
    assert.deepEqual(parseYaml(render("{{ toYaml . }}", data)), plain);
    assert.deepEqual(parseYaml(render("{{ toYaml . }}", data), { version: "1.1" }), plain);
  });

  test("reads well", () => {
    assert.equal(
      render("{{ toYaml . }}", { b: { list: ["x", { k: raw("1.0"), a: "t" }] }, a: "l1\nl2", e: [], id: "12" }),
      'a: |-\n  l1\n  l2\nb:\n  list:\n    - x\n    - a: t\n      k: 1.0\ne: []\nid: "12"',
    );
  });
});
