import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileRule, renderRule } from "../../src/agent/rules.ts";

const environment = { env: () => undefined, username: "ada" };
const fields = { machine: "vault.example.com", access_token: "s3cret-token", user: "ada" };

function rule(format: FileRule["format"], template?: string, path = "/home/ada/file"): FileRule {
  return { name: "r", path, format, deleteNulls: false, ...(template === undefined ? {} : { template }) };
}

function rendered(wanted: FileRule, before: string | undefined, data: Record<string, unknown> = fields): string {
  return renderRule(wanted, environment, data, before).content;
}

test("ini: one key of one section changes, remarks and order stay", () => {
  const before = "; mine\n[other]\nx = 1\n\n[vault]\ntoken = old ; remark\n";
  const after = rendered(rule("ini", "[vault]\ntoken = {{ .access_token }}\n", "/home/ada/.npmrc"), before);
  assert.match(after, /^; mine\n\[other\]\nx = 1\n\n\[vault\]\ntoken = s3cret-token/);
});

test("toml: a key in a table that is there already", () => {
  const before = '# cargo\n[registries.acme]\nindex = "sparse+https://x/"\ntoken = "old"\n';
  const after = rendered(rule("toml", "[registries.acme]\ntoken = {{ toJson .access_token }}\n"), before);
  assert.equal(after, '# cargo\n[registries.acme]\nindex = "sparse+https://x/"\ntoken = "s3cret-token"\n');
});

test("netrc: one machine's login and password", () => {
  const wanted = rule("netrc", "machine {{ .machine }} login {{ .user }} password {{ .access_token }}\n");
  const after = rendered(wanted, "machine other login x password y\n");
  assert.match(after, /^machine other login x password y\n/);
  assert.match(after, /machine vault\.example\.com\s+login ada\s+password s3cret-token/);
});

test("ssh_config: a host's block", () => {
  const after = rendered(rule("ssh_config", "Host build\n  User {{ .user }}\n"), "Host *\n  Compression yes\n");
  assert.match(after, /Host build\n\s+User ada/);
  assert.match(after, /Host \*\n {2}Compression yes/);
});

for (const format of ["ini", "netrc", "ssh_config"] as const) {
  test(`${format}: a secret with a line break can't bring a setting of its own`, () => {
    const evil = { ...fields, access_token: "x\nProxyCommand evil" };
    const template = { ini: "[a]\nb={{ .access_token }}", netrc: "machine m login l password {{ .access_token }}" };
    const text = format === "ssh_config" ? "Host a\n  User {{ .access_token }}" : template[format];
    assert.throws(() => rendered(rule(format, text), "", evil), { code: "template.line-break" });
  });
}

test("println may end its line where a line is a setting", () => {
  assert.match(rendered(rule("ini", "[a]\nb={{ println .user }}c=1\n"), undefined), /b=ada\nc=1/);
});

test("json takes values with line breaks: they are escaped there", () => {
  const after = rendered(rule("json", '{"k": {{ toJson .access_token }}}'), undefined, { access_token: "a\nb" });
  assert.deepEqual(JSON.parse(after), { k: "a\nb" });
});

test("without a template, ini and toml take the secret's fields as they are", () => {
  assert.match(rendered(rule("ini"), undefined), /user ?= ?ada/);
  assert.match(rendered(rule("toml"), undefined), /"user" = "ada"/);
});
