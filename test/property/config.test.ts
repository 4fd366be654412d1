import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { type LoadResult, parseConfig } from "../../src/config/check.ts";
import { parseDuration } from "../../src/config/durations.ts";
import { load } from "../../src/config/load.ts";
import { nearest } from "../../src/config/nearest.ts";
import { formatProblem } from "../../src/config/problems.ts";
import { validators } from "../fixtures/config/validators.ts";
import { property } from "../support/property.ts";

const fixtures = ["jfrog-minimal.yaml", "predecessor.yaml", "broken.yaml"].map((name) =>
  readFileSync(new URL(`../fixtures/config/${name}`, import.meta.url), "utf8"),
);

let file = "";
before(() => {
  file = join(mkdtempSync(join(tmpdir(), "dotvault-fuzz-")), "config.yaml");
});
after(() => rmSync(join(file, ".."), { recursive: true }));

/** A configuration or problems, never both and never neither; every place is inside the file; every line is one line. */
function assertSound({ config, problems, warnings }: LoadResult, text: string): void {
  assert.equal(config === undefined, problems.length > 0);
  const lines = text.split("\n");
  for (const problem of [...problems, ...warnings]) {
    assert.doesNotMatch(formatProblem(problem), /\p{Cc}/u);
    const line = lines[problem.line - 1];
    assert.ok(line !== undefined, formatProblem(problem));
    assert.ok(problem.column >= 1 && problem.column <= line.length + 1, formatProblem(problem));
  }
}

property("any bytes load as a configuration or as problems", [fc.uint8Array({ maxLength: 300 })], (bytes) => {
  writeFileSync(file, bytes);
  assertSound(load(file, validators), Buffer.from(bytes).toString("utf8"));
  return true;
});

const yamlish = fc.array(
  fc.constantFrom(
    ..."{}[],:?-|>&*!%@`'\"# \n\t\r~<\0",
    "\n  ",
    "- ",
    ": ",
    "&a ",
    "*a",
    "<<: ",
    "---\n",
    "...\n",
    "vault",
    "rules",
    "name",
    "target",
    "enrolments",
    "engine",
    "jfrog",
    "template: |\n  ",
    "{{",
  ),
  { maxLength: 60 },
);
property(
  "any sequence of YAML's own marks loads as a configuration or as problems",
  [yamlish],
  (parts) => {
    const text = parts.join("");
    assertSound(parseConfig(text, "f", validators), text);
    return true;
  },
  { runs: 1000 },
);

const mutation = fc.record({
  fixture: fc.constantFrom(...fixtures),
  at: fc.nat(),
  length: fc.nat({ max: 30 }),
  insert: fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom("\n", "\t", ": ", "\n- ", "null", "[]", "{}", "'", '"'),
  ),
});
property(
  "any change to a good file leaves a configuration or problems",
  [mutation],
  (m) => {
    const at = m.at % m.fixture.length;
    const text = m.fixture.slice(0, at) + m.insert + m.fixture.slice(at + m.length);
    assertSound(parseConfig(text, "f", validators), text);
    return true;
  },
  { runs: 500 },
);

property(
  "a key with one letter wrong is reported at its place, with the right name",
  [
    fc.constantFrom("vault", "address", "rules", "target", "template", "enrolments", "interval", "format", "settings"),
    fc.nat(),
  ],
  (name, seed) => {
    const fixture = `vault:\n  address: https://v.example\nsync:\n  interval: 1m\n${fixtures[0]}`;
    const at = fixture.search(new RegExp(`\\b${name}:`));
    const wrong = at + (seed % name.length);
    const text = `${fixture.slice(0, wrong)}q${fixture.slice(wrong + 1)}`;
    const found = parseConfig(text, "f", validators).problems.find(({ code }) => code === "config.unknown-key");
    const before = fixture.slice(0, at).split("\n");
    assert.deepEqual(
      [found?.nearest?.split(".").at(-1), found?.line, found?.column],
      [name, before.length, (before.at(-1) ?? "").length + 1],
    );
    return true;
  },
);

const visible = fc.array(
  fc.constantFrom("a", "{{", "}}", " ", "  ", "\n", "\n\n", "'", '"', "\\", "é", "😀", ":", "#", "-"),
  {
    minLength: 1,
    maxLength: 30,
  },
);
property(
  "a template error is shown at the very character, whatever style YAML is written in",
  [visible, fc.constantFrom("BLOCK_LITERAL", "BLOCK_FOLDED", "QUOTE_DOUBLE", "QUOTE_SINGLE", "PLAIN")],
  (parts, style) => {
    const source = `x${parts.join("")}@y`;
    const rule = { name: "r", target: { path: "/x", format: "text", template: source } };
    const text = stringify(
      { rules: [rule] },
      { defaultStringType: style as "PLAIN", defaultKeyType: "PLAIN", lineWidth: 20 },
    );
    const template = (seen: string) => {
      const before = seen.slice(0, seen.indexOf("@")).split("\n");
      return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, what: "here" };
    };
    const [problem] = parseConfig(text, "f", { ...validators, template }).problems;
    const found = text.split("\n")[(problem?.line ?? 0) - 1]?.[(problem?.column ?? 0) - 1];
    assert.equal(found, "@", text);
    return true;
  },
  { runs: 500 },
);

property(
  "a duration is the sum of its parts",
  [fc.array(fc.tuple(fc.nat({ max: 5000 }), fc.constantFrom("ms", "s", "m", "h")), { minLength: 1, maxLength: 4 })],
  (parts) => {
    const scale = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
    const parsed = parseDuration(parts.map(([amount, unit]) => `${amount}${unit}`).join(""));
    assert.deepEqual(parsed, { ok: true, value: parts.reduce((sum, [amount, unit]) => sum + amount * scale[unit], 0) });
    return true;
  },
);

property(
  "any text is a duration or a complaint of one line",
  [fc.string({ unit: "grapheme", maxLength: 120 })],
  (text) => {
    const parsed = parseDuration(text);
    assert.ok(parsed.ok ? Number.isFinite(parsed.value) : /^[^\n]+$/.test(parsed.what));
    return true;
  },
);

property(
  "two neighbouring letters swapped still lead to the name",
  [fc.constantFrom("address", "interval", "template", "enrolments", "user_prefix"), fc.nat()],
  (name, seed) => {
    const at = seed % (name.length - 1);
    const swapped = name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2);
    assert.equal(nearest(swapped, ["vault", name, "sync", "rules"]), name);
    return true;
  },
);
