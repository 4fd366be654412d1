import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "../../src/config/load.ts";
import { writableByOthers } from "../../src/config/permissions.ts";
import { formatProblem } from "../../src/config/problems.ts";
import { validators } from "../fixtures/config/validators.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/config/${name}`, import.meta.url));
const whats = (problems: readonly { what: string }[]) => problems.map(({ what }) => what);

let dir = "";
before(() => {
  dir = mkdtempSync(join(tmpdir(), "dotvault-load-"));
});
after(() => rmSync(dir, { recursive: true }));

function file(bytes: string | Buffer, mode = 0o600): string {
  const path = join(dir, "config.yaml");
  writeFileSync(path, bytes);
  chmodSync(path, mode);
  return path;
}

test("the smallest configuration of the JFrog page loads without a word", () => {
  const { config, problems, warnings } = load(fixture("jfrog-minimal.yaml"), validators, { uid: uidOf() });
  assert.deepEqual(whats(problems), []);
  assert.deepEqual(whats(warnings).filter(notAboutPermissions), []);
  assert.deepEqual(config?.vault, {
    authMethod: { name: "token" },
    authMount: "token",
    kvMount: "kv",
    userPrefix: "users/",
    tls: { skipVerify: false },
    disableTokenRenewal: false,
  });
  assert.deepEqual(config.sync, { intervalMs: 900_000, watchMs: 10_000 });
  assert.deepEqual(config.journal, { retentionMs: 180 * 86_400_000, key: "auto" });
  assert.equal(config.rules[0]?.target.mergeKey, "serverId");
  assert.match(config.rules[0]?.target.template ?? "", /"version": "6"/);
});

test("the custom settings of the JFrog page reach the engine's validator", () => {
  const { config } = load(fixture("jfrog-custom.yaml"), validators);
  assert.deepEqual(config?.enrolments, [
    { key: "jfrog", engine: "jfrog", settings: { url: "https://mycompany.jfrog.io", tokenTtlMs: 30 * 86_400_000 } },
  ]);
});

test("a file with every key of the predecessor loads; what we lack is named, and nothing else", () => {
  const { config, problems, warnings } = load(fixture("predecessor.yaml"), validators, { uid: uidOf() });
  assert.deepEqual(whats(problems), []);
  const named = warnings.filter(({ code }) => code === "config.later").map(({ what }) => what.split(" is not")[0]);
  assert.deepEqual(named, [
    "logging in with oidc+tpm comes with a later version",
    "vault.token_socket",
    "vault.mtls",
    "web",
    "api",
    "fuse",
    "agent",
    "ssh",
    "observability",
    "remote_config",
    "the engine github",
    "the engine databricks",
    "the engine ghp",
    "the engine copy",
    "the engine ssh",
  ]);
  assert.deepEqual(config?.vault.address, "https://vault.example.com:8200");
  assert.deepEqual(config.vault.authMethod, { name: "oidc", sealedBy: "tpm" });
  assert.deepEqual(
    config.rules.map(({ name }) => name),
    ["gh", "ssh-private-key", "settings", "cargo", "forward", "motd"],
  );
  assert.deepEqual(
    config.enrolments.map(({ key }) => key),
    ["jfrog"],
  );
});

test("a broken file shows every problem at once, each with its place and the nearest right name", () => {
  const { config, problems } = load(fixture("broken.yaml"), validators, { home: "/home/me" });
  assert.equal(config, undefined);
  assert.deepEqual(
    problems.map((problem) => formatProblem({ ...problem, file: "broken.yaml" })),
    [
      'broken.yaml:1:1: unknown key "vualt" (did you mean "vault"?)',
      'broken.yaml:4:3: unknown key "addres" in vault (did you mean "address"?)',
      'broken.yaml:5:16: vault.auth_method: unknown auth method "odic" (did you mean "oidc"?); one of token, oidc, ldap, mtls, cert, approle, userpass, jwt, kubernetes',
      "broken.yaml:6:20: vault.tls_skip_verify takes true or false, not text",
      'broken.yaml:7:23: vault.oidc_callback_port: "70000" is not between 0 and 65535',
      'broken.yaml:9:13: sync.interval: unknown unit "min" in "15min" (did you mean "15m"?); units are ns, us, ms, s, m, h, and whole days as in 30d',
      'broken.yaml:10:1: unknown key "interval" (did you mean "sync.interval"?)',
      'broken.yaml:16:15: rules[0].target.format: "jsn" is not one of yaml, json, ini, toml, text, netrc, ssh_config (did you mean "json"?)',
      'broken.yaml:17:11: duplicate rule name "one" (it is on line 12 already)',
      'broken.yaml:20:13: rules[1].target.path: "relative/file" is a relative path; begin with / or ~/',
      'broken.yaml:22:7: unknown key "templete" in rules[1].target (did you mean "template"?)',
      'broken.yaml:31:17: template of rule "three": unclosed action',
      'broken.yaml:33:5: rule "four" has neither vault_key nor target.template: there is nothing to write',
      'broken.yaml:35:13: "~/.three" is written as json by rule "three" already, and as yaml here',
      'broken.yaml:38:3: "../escape" is not a name for an enrolment; name or group/name, of letters, digits, . _ and -, no part beginning with a dot',
      'broken.yaml:43:13: unknown engine "jfrg" (did you mean "jfrog"?); engines: jfrog, sshkey',
      "broken.yaml:47:12: url is scheme and host only; leave the path out",
      'broken.yaml:48:7: unknown setting "tokn_ttl" (did you mean "token_ttl"?)',
      'broken.yaml:49:5: duplicate key "settings" (it is on line 46 already)',
    ],
  );
});

const unreadable: [string, () => string, string][] = [
  ["does not exist", () => join(dir, "nothing.yaml"), "config.unreadable"],
  ["is a directory", () => dir, "config.unreadable"],
  ["lies below a file", () => join(file("a: 1"), "x"), "config.unreadable"],
  ["has a NUL in its name", () => "a\0b", "config.unreadable"],
  ["is larger than 4 MiB", () => file(Buffer.alloc(4 * 1024 * 1024 + 1, "#")), "config.too-large"],
  ["is not UTF-8", () => file(Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe])), "config.encoding"],
  ["is empty", () => file(""), "config.empty"],
  ["holds comments only", () => file("# nothing\n---\n"), "config.empty"],
  ["is a list", () => file("- a\n"), "config.type"],
  ["is a sentence", () => file("hello there"), "config.type"],
];
for (const [how, path, code] of unreadable) {
  test(`a file that ${how} is a problem and not an exception`, () => {
    const { config, problems } = load(path(), validators);
    assert.equal(config, undefined);
    assert.deepEqual(
      problems.map((problem) => problem.code),
      [code],
    );
  });
}

test("a byte order mark moves no column", () => {
  const { problems } = load(file("\uFEFFvualt: 1\n"), validators);
  assert.deepEqual([problems[0]?.line, problems[0]?.column], [1, 1]);
});

test("a file that others can write loads with a warning and the command that helps", () => {
  const path = file("sync:\n  interval: 1m\n", 0o666);
  const { config, warnings } = load(path, validators);
  assert.equal(config?.sync.intervalMs, 60_000);
  assert.deepEqual(
    warnings.map(({ code, hint }) => [code, hint]),
    [["config.permissions", `chmod 600 ${path}`]],
  );
});

test("the file's owner must be the user or root, and nobody else may write it", () => {
  assert.equal(writableByOthers({ mode: 0o100644, uid: 1000 }, 1000), undefined);
  assert.equal(writableByOthers({ mode: 0o100644, uid: 0 }, 1000), undefined);
  assert.match(writableByOthers({ mode: 0o100600, uid: 1001 }, 1000) ?? "", /another user/);
  assert.match(writableByOthers({ mode: 0o100660, uid: 1000 }, 1000) ?? "", /group/);
  assert.match(writableByOthers({ mode: 0o100602, uid: 0 }, 1000) ?? "", /anybody/);
});

function uidOf(): number {
  return process.getuid?.() ?? 0;
}

/** A checkout may have any umask. */
function notAboutPermissions(what: string): boolean {
  return !/can change|belongs to/.test(what);
}
