import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { compile, TemplateError } from "../../src/adapters/files/template/template.ts";

type Result = { readonly output: string } | { readonly error: string };

interface Case {
  readonly name: string;
  readonly template: string;
  readonly data?: unknown;
  readonly verdict: "same" | "different";
  readonly why?: string;
  readonly go: Result;
  readonly ours?: Result;
}

interface Header {
  readonly goVersion: string;
  readonly generatorSha256: string;
  readonly casesSha256: string;
  readonly data: unknown;
}

const folder = new URL("../golden/template/", import.meta.url);
const environment = {
  env: (name: string) => ({ HOME: "/home/alice", EMPTY: "" })[name],
  username: "alice",
};

/** Numbers keep their spelling, as they do on the way from the store. */
function parseExactly(line: string): unknown {
  const keep = (_key: string, value: unknown, context: { source: string }) =>
    typeof value === "number" ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(context.source) : value;
  return JSON.parse(line, keep as (key: string, value: unknown) => unknown);
}

function sha256(file: string): string {
  return createHash("sha256")
    .update(readFileSync(new URL(file, folder)))
    .digest("hex");
}

function renderOurs(template: string, data: unknown): Result {
  try {
    return { output: compile(template, { name: "t" }).render(data, environment) };
  } catch (error) {
    assert.ok(error instanceof TemplateError, String(error));
    return { error: error.message };
  }
}

/** Go tells the column only when it executes; ours always does. */
function comparable(result: Result): Result {
  if ("output" in result || result.error.includes(": executing ")) return result;
  return { error: result.error.replace(/^(template: t:\d+):\d+: /, "$1: ") };
}

function expected(one: Case): Result {
  if (one.verdict === "same") return one.go;
  const ours = one.ours;
  assert.ok(ours !== undefined && one.why !== undefined, `${one.name}: a different case says why, and what is ours`);
  return "error" in ours ? { error: `template: t:${ours.error}` } : ours;
}

const [first = "", ...lines] = readFileSync(new URL("golden.jsonl", folder), "utf8").trimEnd().split("\n");
const header = parseExactly(first) as Header;
const cases = lines.map(parseExactly) as Case[];

describe(`templates against ${header.goVersion}'s text/template`, () => {
  test("the golden file was made by this generator from these cases", () => {
    assert.equal(sha256("generate.go"), header.generatorSha256, "run test/golden/template/generate.go again");
    assert.equal(sha256("cases.jsonl"), header.casesSha256, "run test/golden/template/generate.go again");
    assert.ok(cases.length >= 600);
  });

  for (const one of cases) {
    test(`${one.verdict}: ${one.name}: ${JSON.stringify(one.template).slice(0, 80)}`, () => {
      const ours = renderOurs(one.template, one.data ?? header.data);
      assert.deepEqual(one.verdict === "same" ? comparable(ours) : ours, expected(one));
      if (one.verdict === "different") assert.notDeepEqual(comparable(ours), one.go, "it is the same: say so");
    });
  }
});
