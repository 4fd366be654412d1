import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/check.ts";
import { formatProblem } from "../../src/config/problems.ts";
import { validators } from "../fixtures/config/validators.ts";
import { check, jfrog, problems, rule, rules } from "../support/config-checks.ts";

/** Each text has exactly the problem, at the column. */
const wrong: [string, string, string][] = [
  ["no duration below a second", "sync: { interval: 0s }", 'f:1:19: sync.interval: "0s" is too short; at least 1s'],
  [
    "a number without a unit",
    "sync: { interval: 900 }",
    'f:1:19: sync.interval: "900" has no unit; say 900s, 15m, 6h or 30d',
  ],
  ["a negative duration", "journal: { retention: -5d }", 'f:1:23: journal.retention: "-5d" is too short; at least 1s'],
  ["a mapping for text", "vault: { address: { a: 1 } }", "f:1:10: vault.address takes text, not a mapping"],
  [
    "true for text",
    "vault: { address: https://v, auth_role: true }",
    'f:1:41: vault.auth_role takes text, not true or false; put it in quotes: "true"',
  ],
  [
    "text for a number",
    'vault: { address: https://v, oidc_callback_port: "80" }',
    "f:1:50: vault.oidc_callback_port takes a whole number, not text",
  ],
  [
    "a fraction for a whole number",
    "vault: { address: https://v, oidc_callback_port: 1.5 }",
    "f:1:50: vault.oidc_callback_port takes a whole number, not a number",
  ],
  ["text for a list", "vault: { address: https://v, policies: a }", "f:1:40: vault.policies takes a list, not text"],
  ["a mapping for a list", "rules: { a: 1 }", "f:1:1: rules takes a list, not a mapping"],
  ["a list for a mapping", "sync: []", "f:1:1: sync takes a mapping, not a list"],
  ["an empty item", "rules:\n  -\n", "f:2:4: rules[0] is empty"],
  [
    "an empty address",
    'vault: { address: "" }',
    "f:1:19: vault.address: the address is empty; say https://vault.example.com:8200, or leave vault out for the embedded store",
  ],
  [
    "an address without a scheme",
    "vault: { address: vault:8200 }",
    "f:1:19: vault.address: this is no http(s) address; say https://vault.example.com:8200, or leave vault out for the embedded store",
  ],
  [
    "a password in the address, which is not repeated",
    "vault: { address: https://u:secret@v }",
    "f:1:19: vault.address: an address holds no user or password",
  ],
  [
    "plain http to another machine",
    "vault: { address: http://v:8200 }",
    "f:1:19: vault.address: plain http is for this machine only; say https://v:8200",
  ],
  [
    "a way out of the prefix",
    "vault: { address: https://v, user_prefix: a/../b }",
    'f:1:43: vault.user_prefix: "a/../b" is not a path in Vault',
  ],
  [
    "a suffix of no auth method",
    "vault: { address: https://v, auth_method: oidc+tmp }",
    'f:1:43: vault.auth_method: unknown suffix "+tmp" of "oidc+tmp" (did you mean "oidc+tpm"?)',
  ],
  ["a rule without a name", rule("path: ~/x, format: json", "vault_key: jfrog"), "f:4:5: rules[0].name is missing"],
  [
    "a rule's name that acts on a terminal",
    rule("path: ~/x, format: json", 'name: "r\\e]0;x\\a", vault_key: jfrog'),
    'f:4:13: rules[0].name: "r\\u{1b}]0;x\\u{7}" is not a name for a rule; leave out what can\'t be seen: control characters, marks of direction, line breaks',
  ],
  [
    "a rule's name with a C1 character",
    rule("path: ~/x, format: json", 'name: "r\\x9b31m", vault_key: jfrog'),
    'f:4:13: rules[0].name: "r\\u{9b}31m" is not a name for a rule; leave out what can\'t be seen: control characters, marks of direction, line breaks',
  ],
  [
    "a rule's name that is read from the right",
    rule("path: ~/x, format: json", 'name: "r\u202ex", vault_key: jfrog'),
    'f:4:13: rules[0].name: "r\\u{202e}x" is not a name for a rule; leave out what can\'t be seen: control characters, marks of direction, line breaks',
  ],
  [
    "a rule's name of two lines",
    rule("path: ~/x, format: json", 'name: "r\\nx", vault_key: jfrog'),
    'f:4:13: rules[0].name: "r\\u{a}x" is not a name for a rule; leave out what can\'t be seen: control characters, marks of direction, line breaks',
  ],
  [
    "an enrolment's name that acts on a terminal",
    'enrolments: { "a\\x9b\u202e": { engine: sshkey } }',
    'f:1:15: "a\\u{9b}\\u{202e}" is not a name for an enrolment; name or group/name, of letters, digits, . _ and -, no part beginning with a dot',
  ],
  ["a rule without a target", rules("{ name: r, vault_key: jfrog }"), "f:4:5: rules[0].target is missing"],
  ["a target without a path", rule("format: json"), "f:4:42: rules[0].target.path is missing"],
  ["a target without a format", rule("path: ~/x"), "f:4:42: rules[0].target.format is missing"],
  [
    "a variable in a path",
    rule("path: $HOME/x, format: json"),
    'f:4:50: rules[0].target.path: "$HOME/x": variables are not expanded; say ~/…',
  ],
  [
    "a directory for a file",
    rule("path: ~/x/, format: json"),
    'f:4:50: rules[0].target.path: "~/x/" names a directory, not a file',
  ],
  [
    "a merge key where nothing is merged",
    rule("path: ~/x, format: text, merge_key: a"),
    'f:4:69: rule "r": merge_key means nothing in text',
  ],
  [
    "a mode that is none",
    rule('path: ~/x, format: json, mode: "0888"'),
    'f:4:75: rules[0].target.mode: "0888" is not a file mode; say 0600, or 0640 for a group that may read it',
  ],
  [
    "a mode that lets everybody write",
    rule("path: ~/x, format: json, mode: 0666"),
    'f:4:75: rules[0].target.mode: "0666" lets everybody write the file; say 0600, or 0640 for a group that may read it',
  ],
  [
    "another word than strict",
    rule("path: ~/x, format: json, managed: strickt"),
    'f:4:78: rules[0].target.managed: "strickt" is not one of keys, strict (did you mean "strict"?)',
  ],
  [
    "nulls where there are none",
    rule("path: ~/x, format: text, delete_nulls: true"),
    'f:4:69: rule "r": delete_nulls means nothing in text, which has no null',
  ],
  [
    "a vault key that climbs",
    rule("path: ~/x, format: json", "name: r, vault_key: ../bob/x"),
    'f:4:27: rules[0].vault_key: "../bob/x" is not a name in the store; say jfrog or group/name',
  ],
  [
    "a reserved vault key",
    rule("path: ~/x, format: json", "name: r, vault_key: .dotvault/jfrog"),
    'f:4:27: rules[0].vault_key: ".dotvault/jfrog" is reserved for dotvault\'s own documents',
  ],
  ["an enrolment without an engine", "enrolments: { a: {} }", "f:1:18: enrolments.a.engine is missing"],
  ["an enrolment that says nothing", "enrolments:\n  a:\n", "f:2:3: enrolments.a is empty"],
  [
    "a setting beside settings",
    "enrolments:\n  a:\n    engine: sshkey\n    zzz: 1\n",
    'f:4:5: unknown key "zzz" in enrolments.a; an engine\'s settings stand below settings:',
  ],
  [
    "a missing setting, shown at settings",
    "enrolments:\n  a:\n    engine: jfrog\n    settings:\n      client_name: x\n",
    "f:4:5: url is missing or no address",
  ],
  [
    "missing settings, shown at the engine's line",
    "enrolments:\n  a:\n    engine: jfrog\n",
    "f:3:5: url is missing or no address",
  ],
];

for (const [what, text, problem] of wrong) {
  test(`refused, with its place: ${what}`, () => {
    assert.deepEqual(problems(text), [problem]);
  });
}

for (const key of [".dotvault", ".x", "a/.x", "a/b/c", "a//b", "/a", "a/", "a b", "..", '""', "ä"]) {
  test(`the enrolment key ${key} is refused`, () => {
    const found = check(`enrolments:\n  ${key}: { engine: sshkey }\n`).problems;
    assert.deepEqual(
      found.map(({ code, line, column }) => [code, line, column]),
      [["config.enrolment-key", 2, 3]],
    );
  });
}

for (const key of ["jfrog", "github/corp", "a.b-c_d/1.2", "7", "_x"]) {
  test(`the enrolment key ${key} is accepted`, () => {
    assert.equal(check(`enrolments:\n  ${key}: { engine: sshkey }\n`).config?.enrolments[0]?.key, key);
  });
}

test("null and empty text are the same as leaving a key out", () => {
  const { config, problems: found } = check(
    `bypass_system_config:\nvault:\n  address: https://v\n  auth_method: ""\n  auth_role:\n  kv_mount: ""\nsync:\nrules:\n${jfrog}`,
  );
  assert.deepEqual(found, []);
  assert.deepEqual(config?.vault.authMethod, { name: "token" });
  assert.equal(config.vault.kvMount, "kv");
  assert.equal("authRole" in config.vault, false);
});

test("YAML 1.1's words for a boolean are taken, as Go takes them, but not in quotes", () => {
  const vault = (value: string) => check(`vault: { address: https://v, tls_skip_verify: ${value} }`);
  assert.equal(vault("yes").config?.vault.tls.skipVerify, true);
  assert.equal(vault("off").config?.vault.tls.skipVerify, false);
  assert.equal(vault('"yes"').problems[0]?.code, "config.type");
});

test("a number is taken for text as it is spelled", () => {
  assert.equal(
    check(rules("{ name: 0x1F, vault_key: jfrog, target: { path: ~/x, format: json } }")).config?.rules[0]?.name,
    "0x1F",
  );
});

test("an engine whose validator fails is a problem at its settings", () => {
  const engines = {
    odd: () => {
      throw new Error("no idea");
    },
  };
  const { problems: found } = parseConfig("enrolments: { a: { engine: odd } }", "f", { ...validators, engines });
  assert.match(found.map(formatProblem).join(), /the engine odd can't read these settings: no idea/);
});
