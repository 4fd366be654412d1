import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem } from "../../src/config/problems.ts";
import { check, rule, rules, warnings } from "../support/config-checks.ts";

// Rules, by themselves and beside each other.

test("two rules on one file in one format are one merge; in different formats an error, however the path is spelled", () => {
  const two = (one: string, other: string) =>
    check(
      rules(
        `{ name: a, vault_key: jfrog, target: { path: ~/x.conf, format: ${one}, template: x } }`,
        `{ name: b, vault_key: jfrog, target: { path: /home/me/y/../x.conf, format: ${other}, template: x } }`,
      ),
    );
  assert.deepEqual(two("json", "json").problems, []);
  assert.deepEqual(two("json", "json").warnings, []);
  assert.deepEqual(
    two("json", "toml").problems.map(({ code, line }) => [code, line]),
    [["config.target-conflict", 5]],
  );
  assert.deepEqual(
    two("text", "text").warnings.map(({ code, line }) => [code, line]),
    [["config.target-conflict", 5]],
  );
});

test("a disabled rule is checked but not run, and is in nobody's way", () => {
  const { config, problems: found } = check(
    rules(
      "{ name: a, vault_key: jfrog, target: { path: ~/x, format: json } }",
      "{ name: b, enabled: false, vault_key: jfrog, target: { path: ~/x, format: yaml } }",
    ),
  );
  assert.deepEqual(found, []);
  assert.deepEqual(
    config?.rules.map(({ name }) => name),
    ["a"],
  );
  assert.equal(check(rules("{ name: b, enabled: false, vault_key: jfrog }")).problems[0]?.code, "config.missing");
});

test("what becomes of a file: the defaults, and what is written", () => {
  const target = (more: string) => check(rule(`path: ~/x, format: json${more}`)).config?.rules[0]?.target;
  const { strict, onRemove, onMissing, onEdit, mode, backups } = target("") ?? {};
  assert.deepEqual(
    [strict, onRemove, onMissing, onEdit, mode, backups],
    [false, "keep", "keep", "overwrite", undefined, 0],
  );
  const own = target(", managed: strict, on_remove: remove, on_missing: remove, on_edit: keep, mode: 0640, backup: 3");
  assert.deepEqual(
    [own?.strict, own?.onRemove, own?.onMissing, own?.onEdit, own?.mode, own?.backups],
    [true, "remove", "remove", "keep", 0o640, 3],
  );
  assert.deepEqual(
    check(rule("path: ~/x, format: json", "name: r, vault_key: jfrog, post: [a, b c]")).config?.rules[0]?.post,
    ["a", "b c"],
  );
});

test("a rule that would write a refresh token is warned about", () => {
  const warned = (target: string, key = "jfrog") =>
    check(rule(target, `name: r, vault_key: ${key}`)).warnings.filter(({ code }) => code === "config.refresh-token")
      .length;
  assert.equal(warned('path: ~/x, format: json, template: "{{ .refresh_token }}"'), 1);
  assert.equal(warned('path: ~/x, format: json, template: "{{ toJson . }}"'), 1);
  assert.equal(warned("path: ~/x, format: json"), 1);
  assert.equal(warned("path: ~/x, format: json", "other"), 0);
  assert.equal(warned('path: ~/x, format: json, template: "{{ .access_token }}"'), 0);
});

test("two rules of one text file are warned about: the later one is refused where they differ", () => {
  const two = rules(
    "{ name: a, vault_key: jfrog, target: { path: ~/x, format: text, template: one } }",
    "{ name: b, vault_key: jfrog, target: { path: ~/x, format: text, template: two } }",
  );
  assert.deepEqual(warnings(two), [
    'f:5:50: "~/x" is written by rule "a" already: where the two want different texts this one is refused',
  ]);
});

const twoTemplates = (format: string, one: string, other: string, path = "~/x") =>
  warnings(
    rules(
      `{ name: a, vault_key: jfrog, target: { path: ${path}, format: ${format}, template: ${JSON.stringify(one)} } }`,
      `{ name: b, vault_key: jfrog, target: { path: ${path.replace("~", "/home/me")}, format: ${format}, template: ${JSON.stringify(other)} } }`,
    ),
  );

test("two rules that want different words at one place of a file are told before any secret is read", () => {
  const npm = (registry: string) => `registry=${registry}\n//r/:_authToken={{ .access_token }}\n`;
  assert.match(
    twoTemplates("ini", npm("https://one"), npm("https://two"))[0] ?? "",
    /^f:5:\d+: rule "b" writes another value at "\/\/registry" than rule "a": it is refused; let one/,
  );
  assert.equal(twoTemplates("json", '{"a": {"b": 1}}', '{"a": {"b": "1"}}').length, 1);
  assert.equal(twoTemplates("yaml", "a: 1\nb: {{ .user }}", "c: {{ .user }}\na: 2").length, 1);
});

for (const [what, format, one, other] of [
  ["the same words", "ini", "[s]\nregistry=x\n", "[s]\nregistry=x\n"],
  ["other keys", "json", '{"a": 1}', '{"b": 2}'],
  ["what comes from the secret", "ini", "[s]\na={{ .user }}\n", "[s]\na=x\n"],
  ["a branch: nobody knows which", "ini", "[s]\na=x\n", "[s]\n{{ if .user }}a=y{{ end }}\n"],
  [
    "servers by their own id",
    "json",
    '{"servers":[{"serverId":"a","url":1}]}',
    '{"servers":[{"serverId":"b","url":2}]}',
  ],
  ["what is not of the format without its values", "json", '{"a": {{ toJson .user }} }', '{"a": 1}'],
] as const) {
  test(`no contradiction: ${what}`, () => {
    const path = one.includes("serverId") ? "~/jfrog-cli.conf.v6" : "~/x";
    assert.deepEqual(twoTemplates(format, one, other, path), []);
  });
}

test("the merge key is serverId for jf's file, what is written elsewhere, and absent for text", () => {
  const mergeKey = (target: string) => check(rule(target)).config?.rules[0]?.target.mergeKey;
  assert.equal(mergeKey("path: ~/j/jfrog-cli.conf.v6, format: json"), "serverId");
  assert.equal(mergeKey("path: ~/j/jfrog-cli.conf.v6, format: json, merge_key: id"), "id");
  assert.equal(mergeKey("path: ~/j/jfrog-cli.conf.v6, format: text, template: x"), undefined);
  assert.equal(mergeKey("path: ~/x.json, format: json"), undefined);
});

test("a rule without a template is run where the secret's fields can go as they are, else named and left out", () => {
  for (const format of ["json", "yaml", "ini", "toml"]) {
    assert.equal(check(rule(`path: ~/x, format: ${format}`)).config?.rules.length, 1, format);
  }
  for (const format of ["text", "netrc", "ssh_config"]) {
    const { config, warnings } = check(rule(`path: ~/x, format: ${format}`));
    assert.equal(config?.rules.length, 0, format);
    assert.match(warnings.map(formatProblem).join(), /has no template/);
  }
});
