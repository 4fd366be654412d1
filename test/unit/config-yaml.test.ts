import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/check.ts";
import { formatProblem } from "../../src/config/problems.ts";
import { validators } from "../fixtures/config/validators.ts";

const check = (text: string) => parseConfig(text, "f", validators);
const lines = (text: string) => check(text).problems.map(formatProblem);

const rule = "    vault_key: jfrog\n    target: { path: ~/x, format: json }\n";
const enrolled = "enrolments:\n  jfrog: { engine: jfrog, settings: { url: https://a.example } }\n";

test("all syntax errors are shown, each where a person has to look", () => {
  assert.deepEqual(lines('sync:\n\tinterval: 1m\nvault:\n  auth_role: "a\\qb"\n'), [
    "f:2:1: tabs are not allowed as indentation; indent with spaces",
    "f:4:16: invalid escape sequence \\q",
  ]);
});

test("what is unclosed is shown where it was opened, not where the file ends", () => {
  assert.deepEqual(lines('sync:\n  interval: "1m\nrules: []\nvualt: 1\n'), ["f:2:13: this quote is never closed"]);
  assert.deepEqual(lines("vault:\n  policies: [a, b\nrules: []\n"), ["f:2:13: this bracket is never closed"]);
});

test("other problems before a syntax error are shown with it; nothing is made up after it", () => {
  assert.deepEqual(lines("vualt: 1\nrules:\n  - name: [\nsyncc: 1\n"), [
    'f:1:1: unknown key "vualt" (did you mean "vault"?)',
    "f:3:11: this bracket is never closed",
  ]);
});

test("a thousand echoes of one error do not bury it", () => {
  const shown = lines("}\n".repeat(1000));
  assert.equal(shown.length, 51);
  assert.match(shown.at(-1) ?? "", /and 950 more lines like this/);
});

test("a second document is an error, not ignored", () => {
  assert.deepEqual(lines("sync:\n  interval: 1m\n---\nrules: []\n"), [
    "f:4:1: a second YAML document starts here; a configuration is one document",
  ]);
  assert.deepEqual(lines("---\nsync:\n  interval: 1m\n---\n"), []);
});

test("a duplicate key is shown with its first place, at any depth", () => {
  assert.deepEqual(lines('sync:\n  interval: 1m\n  "interval": 2m\n'), [
    'f:3:3: duplicate key "interval" (it is on line 2 already)',
  ]);
});

test("forty thousand keys are looked through once, not each against every other", () => {
  const many = Array.from({ length: 40_000 }, (_, index) => `      k${index}: v\n`).join("");
  assert.deepEqual(lines(`enrolments:\n  a:\n    engine: sshkey\n    settings:\n${many}`), []);
});

test("anchors and merge keys work, and what is written wins over what is merged", () => {
  const { config, problems } = check(`${enrolled}
rules:
  - &base
    name: one
    vault_key: jfrog
    target: &target { path: ~/one, format: json, template: "{}" }
  - <<: *base
    name: two
    target:
      <<: [{ path: ~/two }, *target]
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    config?.rules.map(({ name, target }) => [name, target.path, target.format]),
    [
      ["one", "~/one", "json"],
      ["two", "~/two", "json"],
    ],
  );
});

test("a problem in an aliased value is shown where the value is written", () => {
  const text = `${enrolled}rules:\n  - name: a\n    vault_key: jfrog\n    target: &t { path: x, format: json }\n  - name: b\n    vault_key: jfrog\n    target: *t\n`;
  assert.deepEqual(
    check(text).problems.map(({ line, column }) => [line, column]),
    [
      [6, 24],
      [6, 24],
    ],
  );
});

test("an alias without an anchor names the nearest anchor", () => {
  assert.deepEqual(lines("sync: &sync\n  interval: 1m\njournal: *snyc\n"), [
    'f:3:10: the alias *snyc has no anchor &snyc before it (did you mean "*sync"?)',
  ]);
});

test("an alias inside its own value ends", () => {
  assert.deepEqual(lines("vault:\n  policies: &p [*p]\n").slice(0, 1), [
    "f:2:17: the alias *p stands inside its own value",
  ]);
});

test("an alias bomb is refused before it goes off", () => {
  const letters = "abcdefghijkl".split("");
  const bomb = letters.map((letter, index) => {
    const before = letters[index - 1];
    return `${letter}: &${letter} [${Array(9).fill(before === undefined ? "x" : `*${before}`)}]\n`;
  });
  assert.ok(lines(bomb.join("")).some((line) => line.includes("aliases stand for more than 100,000 values")));
});

test("a hundred levels are enough", () => {
  const text = `vault:\n  mtls: ${"[".repeat(150)}${"]".repeat(150)}\n`;
  assert.match(lines(text).join("\n"), /nested more than 100 levels deep/);
  assert.ok(lines(`a: ${"[".repeat(100_000)}`).length > 0);
});

for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
  test(`the key ${key} is an unknown key and touches nothing`, () => {
    assert.match(lines(`${key}: { interval: 1m }\n`).join("\n"), new RegExp(`unknown key "${key}"`));
    assert.match(lines(`enrolments:\n  a: { engine: ${key} }\n`).join("\n"), /unknown engine/);
    assert.equal(({} as Record<string, unknown>).interval, undefined);
  });
}

test("settings reach an engine without a prototype that a key could stand for", () => {
  let seen: unknown;
  const engines = {
    jfrog: (settings: unknown) => {
      seen = settings;
      return {};
    },
  };
  const text =
    "enrolments:\n  a:\n    engine: jfrog\n    settings: { __proto__: { admin: true }, list: [1, yes, null] }\n";
  assert.deepEqual(parseConfig(text, "f", { ...validators, engines }).problems, []);
  assert.equal(Object.getPrototypeOf(seen), null);
  assert.equal((seen as { admin?: boolean }).admin, undefined);
  assert.deepEqual((seen as { list: unknown }).list, [1, "yes", null]);
});

test("an unknown tag is a warning, as the predecessor ignores it", () => {
  const { problems, warnings } = check("sync:\n  interval: !env 1m\n");
  assert.deepEqual(problems, []);
  assert.deepEqual(
    warnings.map(({ code, line, column }) => [code, line, column]),
    [["config.tag", 2, 13]],
  );
});

test("carriage returns move no place", () => {
  const text = `rules:\n  - name: a\n${rule}    nmae: b\n${enrolled}`.replaceAll("\n", "\r\n");
  assert.deepEqual(
    check(text).problems.map(({ line, column }) => [line, column]),
    [[5, 5]],
  );
});
