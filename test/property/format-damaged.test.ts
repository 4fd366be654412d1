import assert from "node:assert/strict";
import fc from "fast-check";
import { formatFor } from "../../src/adapters/files/index.ts";
import { DotvaultError } from "../../src/errors.ts";
import {
  additions,
  isTree,
  mapTexts,
  render,
  type Sample,
  samples,
  simpleTexts,
  textOf,
} from "../support/formats-corpus.ts";
import { READERS } from "../support/formats-readers.ts";
import { property } from "../support/property.ts";

/** What a slip of the hand, or another program, makes of a file. */
interface Slip {
  readonly kind: "type" | "cut" | "double" | "swap" | "indent";
  readonly at: number;
  readonly length: number;
  readonly typed: string;
}

const BITS = [
  "\n",
  "  ",
  "\t",
  "\r\n",
  "#",
  ";",
  "=",
  ": ",
  "- ",
  ",",
  "{",
  "}",
  "[",
  "]",
  "[a]\n",
  '"',
  "'",
  '"""',
  "\\",
  "\\\n",
  "&a ",
  "*a",
  "|\n",
  "? ",
  "---\n",
  "//",
  "/*",
  "machine a ",
  "login ",
  "default\n",
  "macdef m\n",
  "Host *\n",
  "Match all\n",
  "é😀",
  "\u2028",
  "\uFEFF",
  "null",
  "1_0",
];

const slip: fc.Arbitrary<Slip> = fc.record({
  kind: fc.constantFrom("type", "cut", "double", "swap", "indent"),
  at: fc.nat(4_000),
  length: fc.nat(60),
  typed: fc.constantFrom(...BITS),
});

function slipped(text: string, { kind, at, length, typed }: Slip): string {
  const from = at % (text.length + 1);
  const to = Math.min(text.length, from + length);
  const lines = text.split("\n");
  const line = at % lines.length;
  switch (kind) {
    case "type":
      return text.slice(0, from) + typed + text.slice(from);
    case "cut":
      return text.slice(0, from) + text.slice(to);
    case "double":
      return text.slice(0, to) + text.slice(from);
    case "swap":
      return lines.with(line, lines[length % lines.length] ?? "").join("\n");
    case "indent":
      return lines.with(line, `${" ".repeat(length % 7)}${lines[line]}`).join("\n");
  }
}

const corpus = samples().filter(({ format }) => READERS[format] !== undefined);
const MOST = 2_500;

/** Some of the file's values changed, and new ones beside them, as far as anybody can read it. */
function renderedFor({ format, name }: Sample, text: string, every: number): string {
  const tree = readable(() => JSON.parse(JSON.stringify(READERS[format]?.(text, name) ?? {})));
  const known = isTree(tree) ? tree : {};
  const changed = mapTexts(simpleTexts(known, every), (value) => `${value}-new`);
  return render(format, { ...changed, ...(every % 2 === 0 ? additions(format, known) : {}) });
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Undefined: refused, with the line. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof DotvaultError, String(error));
    if (error.code !== "files.jf-version") assert.match(error.message, /line \d+/);
    return undefined;
  }
}

property(
  "real files with slips of the hand: changed as asked or refused with the line, and a second run changes nothing",
  [
    fc.constantFrom<Sample[]>(...corpus),
    fc.array(slip, { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 4 }),
  ],
  (sample, slips, every) => {
    const format = formatFor(sample.format);
    const options = { basename: sample.name };
    const before = slips.reduce<string>(slipped, textOf(sample).slice(0, MOST));
    const rendered = renderedFor(sample, before, every);
    const merged = unlessRefused(() => format.merge(before, rendered, options));
    if (merged === undefined) return;
    const again = format.merge(merged.content, rendered, options);
    assert.equal(again.content, merged.content);
    unlessRefused(() => format.remove(merged.content, merged.managed, options));
  },
  { runs: 1_500 },
);
