import assert from "node:assert/strict";
import { test } from "node:test";
import { Findings, formatProblem, quote } from "../../src/config/problems.ts";

test("a problem is one clickable line: place, what, nearest name, hint", () => {
  const place = { code: "config.value", file: "/c.yaml", line: 3, column: 7 } as const;
  assert.equal(formatProblem({ ...place, what: "no good" }), "/c.yaml:3:7: no good");
  assert.equal(
    formatProblem({ ...place, what: "no good", nearest: "better", hint: "try it" }),
    '/c.yaml:3:7: no good (did you mean "better"?); try it',
  );
});

test("text of the file can't break a line or steer a terminal", () => {
  assert.equal(quote("a\nb\x1b[31m\u202ec"), '"a\\u{a}b\\u{1b}[31m\\u{202e}c"');
  assert.equal(quote("x".repeat(100)).length, 62);
});

test("an engine's words can't break a line either", () => {
  const problem = {
    code: "config.setting",
    file: "f",
    line: 1,
    column: 1,
    what: "unknown setting a\nb\x1b[0m",
  } as const;
  assert.equal(formatProblem(problem), "f:1:1: unknown setting a\\u{a}b\\u{1b}[0m");
});

test("problems come in the order of the file, each once", () => {
  const findings = new Findings("f", "one\ntwo\n");
  findings.error("config.value", 5, { what: "later" });
  findings.error("config.value", 0, { what: "earlier" });
  findings.error("config.value", 5, { what: "later" });
  assert.deepEqual(
    findings.errors().map(({ line, column, what }) => [line, column, what]),
    [
      [1, 1, "earlier"],
      [2, 2, "later"],
    ],
  );
});

test("after a syntax error only what stands before it counts, and nothing is missing", () => {
  const findings = new Findings("f", "one\ntwo\n");
  findings.trustUntil(4);
  findings.error("config.value", 0, { what: "before" });
  findings.error("config.missing", 0, { what: "missing" });
  findings.error("config.value", 4, { what: "after" });
  assert.deepEqual(
    findings.errors().map(({ what }) => what),
    ["before"],
  );
});
