import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../src/adapters/files/template/template.ts";
import { bringsRefreshToken } from "../../src/agent/rule-file/render.ts";
import { type FileRule, renderRule } from "../../src/agent/rules.ts";

// Values come from servers. What they may not do to a file of settings, whatever the template.

const environment = { env: () => undefined, username: "ada" };

function rendered(format: FileRule["format"], template: string, fields: Record<string, unknown>): string {
  const rule: FileRule = { name: "r", path: "/home/ada/file", format, deleteNulls: false, template };
  return renderRule(rule, environment, fields, undefined).content;
}

const LINE_BASED = {
  ini: "[a]\nb = {{ .value }}\n",
  netrc: "machine m login l password {{ .value }}\n",
  ssh_config: "Host a\n  User {{ .value }}\n",
} as const;

for (const [format, template] of Object.entries(LINE_BASED)) {
  for (const [name, mark] of Object.entries({ CR: "\r", LF: "\n", NUL: "\0", "CR LF": "\r\n" })) {
    test(`${format}: a value with ${name} in it is refused`, () => {
      assert.throws(() => rendered(format as FileRule["format"], template, { value: `tok-SECRET${mark}x` }), {
        code: "template.line-break",
        message: /^(?!.*SECRET)/s,
      });
    });
  }
}

const WHOLE = "Host a\n{{ range $name, $value := . }}  {{ $name }} {{ $value }}\n{{ end }}";

for (const keyword of [
  "ProxyCommand",
  "proxycommand",
  "Include",
  "LocalCommand",
  "PermitLocalCommand",
  "RemoteCommand",
  "KnownHostsCommand",
  "PKCS11Provider",
  "SmartcardDevice",
  "SecurityKeyProvider",
  "XAuthLocation",
]) {
  test(`ssh_config: ${keyword} that a secret brings is refused, in the template it is meant`, () => {
    assert.throws(() => rendered("ssh_config", WHOLE, { User: "ada", [keyword]: "yes" }), {
      code: "files.unnamed-keyword",
      message: new RegExp(
        `line 2, column 3: .*"${keyword.toLowerCase()}"|line 3, column 3: .*"${keyword.toLowerCase()}"`,
      ),
    });
    assert.match(rendered("ssh_config", `Host a\n  ${keyword} {{ .value }}\n`, { value: "yes" }), /yes/);
    assert.match(rendered("ssh_config", `Host a\n  {{ printf "${keyword} %s" .value }}\n`, { value: "yes" }), /yes/);
    assert.match(rendered("ssh_config", `Host a\n{{ if .value }}  ${keyword} x{{ end }}\n`, { value: "yes" }), / x/);
  });
}

test("ssh_config: a keyword that stands in the template as a remark, a value or half a word is not named by it", () => {
  for (const template of [
    "Host a\n  # ProxyCommand\n  {{ .line }}\n",
    "Host a\n  {{/* ProxyCommand */}}{{ .line }}\n",
    "Host a\n  User ProxyCommand\n  {{ .line }}\n",
    "Host a\n  User {{ .user }}ProxyCommand\n  {{ .line }}\n",
    "Host a\n  Proxy{{ .rest }} evil\n",
  ]) {
    const fields = { line: "ProxyCommand evil", user: "u", rest: "Command" };
    assert.throws(() => rendered("ssh_config", template, fields), { code: "files.unnamed-keyword" }, template);
  }
});

test("ssh_config: the condition that runs a program is refused in a value, and allowed in the template", () => {
  const template = "Match host {{ .host }}\n  User ada\n";
  assert.throws(() => rendered("ssh_config", template, { host: 'x exec "evil"' }), { code: "files.unnamed-keyword" });
  assert.throws(() => rendered("ssh_config", template, { host: 'x !exec "evil"' }), { code: "files.unnamed-keyword" });
  const meant = 'Match host {{ .host }} exec "test -e ~/.corp"\n  User ada\n';
  assert.match(rendered("ssh_config", meant, { host: "x" }), /exec/);
});

test("ssh_config: such keywords of the user's own file are nobody's business", () => {
  const rule: FileRule = {
    name: "r",
    path: "/home/ada/.ssh/config",
    format: "ssh_config",
    deleteNulls: false,
    template: "Host a\n  User {{ .user }}\n",
  };
  const before = "Include ~/.ssh/more\nHost b\n  ProxyCommand nc %h %p\n";
  assert.ok(renderRule(rule, environment, { user: "ada" }, before).content.startsWith("Include ~/.ssh/more\n"));
});

test("a refresh token is noticed by whatever way the template comes to it, and no other field is", async () => {
  const fields = { access_token: "access-1234", refresh_token: "refresh-1234" };
  const brings = (template: string | undefined) => {
    const rule: FileRule = { name: "r", path: "/f", format: "json", deleteNulls: false, ...(template && { template }) };
    return bringsRefreshToken(rule, environment, fields);
  };
  for (const template of [
    undefined,
    "{{ .refresh_token }}",
    '{{ index . "refresh_token" }}',
    "{{ $all := . }}{{ $all.refresh_token }}",
    "{{ range $name, $value := . }}{{ $value }}{{ end }}",
    "{{ with . }}{{ toJson . }}{{ end }}",
  ]) {
    assert.ok(await brings(template), template ?? "none: all fields");
    if (template === undefined) continue;
    const reads = compile(template);
    assert.ok(reads.readsAll() || reads.fields().includes("refresh_token"), `check warns, too: ${template}`);
  }
  assert.equal(await brings("{{ .access_token }}"), false);
  assert.equal(compile("{{ .access_token }}").readsAll(), false);
});
