import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/check.ts";
import { formatProblem } from "../../src/config/problems.ts";
import { validators } from "../fixtures/config/validators.ts";

const jfrog = "enrolments:\n  jfrog: { engine: jfrog, settings: { url: https://a.example } }\n";
const check = (text: string, home = "/home/me") => parseConfig(text, "f", validators, { home });
const problems = (text: string) => check(text).problems.map(formatProblem);
const warnings = (text: string) => check(text).warnings.map(formatProblem);
const rules = (...texts: string[]) => `${jfrog}rules:\n${texts.map((text) => `  - ${text}\n`).join("")}`;
const rule = (target: string, rest = "name: r, vault_key: jfrog") => rules(`{ ${rest}, target: { ${target} } }`);

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

test("Vault's paths and address lose their slashes; the prefix ends in one", () => {
  const vault = check(
    "vault: { address: https://v/path//, kv_mount: /kv/v2/, user_prefix: people//, auth_mount: sso/ }",
  ).config?.vault;
  assert.deepEqual(
    [vault?.address, vault?.kvMount, vault?.userPrefix, vault?.authMount],
    ["https://v/path", "kv/v2", "people/", "sso"],
  );
});

for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
  test(`plain http to ${host} is accepted`, () => {
    assert.equal(check(`vault: { address: "http://${host}:8200" }`).config?.vault.address, `http://${host}:8200`);
  });
}

for (const [written, complaint] of [
  ["address: 'unix://run/v.sock'", "vault.address: this is no socket; say unix:///run/vault.sock"],
  ["address: 'unix:///run/'", "vault.address: this is no socket; say unix:///run/vault.sock"],
  ["addresses: ['https://v', 'http://v']", "vault.addresses[1]: plain http is for this machine only; say https://v"],
  [
    "addresses: ['']",
    "vault.addresses[0]: the address is empty; say https://vault.example.com:8200, or leave vault out",
  ],
  ["address: 'https://v', tls_server_name: 'https://v'", 'tls_server_name: "https://v" is not a host\'s name; say'],
  ["address: 'https://v', ca_path: certs", 'vault.ca_path: "certs" is a relative path; begin with / or ~/'],
  ["address: 'https://v', client_cert: '~/certs/'", 'vault.client_cert: "~/certs/" names a directory, not a file'],
] as const) {
  test(`the way to Vault: ${written}`, () => {
    const { problems: found } = check(`vault: { ${written} }`);
    assert.equal(found.length, 1);
    assert.ok(found.map(formatProblem).join().includes(complaint), found.map(formatProblem).join());
  });
}

test("mtls logs in at Vault's method cert, unless a mount is named", () => {
  const mounted = (more: string) =>
    check(`vault: { address: https://v, auth_method: mtls${more} }`).config?.vault.authMount;
  assert.deepEqual([mounted(""), mounted(", auth_mount: mtls")], ["cert", "mtls"]);
});

test("policies of a narrowed token; they have no effect on a token that a person brings", () => {
  const narrow = "policies: [a, b], no_default_policy: true, token_role: dev";
  const { config, warnings: none } = check(`vault: { address: https://v, auth_method: kubernetes, ${narrow} }`);
  assert.deepEqual(config?.vault.narrowing, { policies: ["a", "b"], noDefaultPolicy: true, tokenRole: "dev" });
  assert.deepEqual(none, []);
  const { warnings: found } = check("vault: { address: https://v, no_default_policy: true }");
  assert.match(
    found.map(formatProblem).join(),
    /vault\.no_default_policy has no effect on a token that a person brings/,
  );
});

test("vault.addresses alone name a server; each counts once; unix sockets are addresses", () => {
  const { config, warnings: found } = check("vault: { addresses: ['https://a', 'https://b', 'https://a'] }");
  assert.deepEqual([config?.vault.address, config?.vault.moreAddresses, found], ["https://a", ["https://b"], []]);
  const both = check("vault: { address: 'unix:///run/v.sock', addresses: ['https://b'] }");
  assert.deepEqual(
    [both.config?.vault.address, both.config?.vault.moreAddresses],
    ["unix:///run/v.sock", ["https://b"]],
  );
});

test("a client key without its certificate is said to have no effect", () => {
  const { config, warnings: found } = check("vault: { address: 'https://v', client_key: ~/k.pem }");
  assert.deepEqual(config?.vault.tls, { skipVerify: false });
  assert.match(found.map(formatProblem).join(), /vault\.client_key has no effect without vault\.client_cert/);
});

for (const method of ["oidc+tpm", "mtls+os", "ldap+tpm"]) {
  test(`logging in with ${method} loads, and a person is told what is done until it comes`, () => {
    const { config, warnings: found } = check(`vault: { address: https://v, auth_method: ${method} }`);
    assert.equal(config?.vault.login, undefined);
    assert.match(
      found.map(formatProblem).join(),
      /comes with a later version; until then dotvault reads DOTVAULT_TOKEN/,
    );
  });
}

for (const [written, login] of [
  ["approle, role_id_file: ~/r, secret_id_file: ~/s", { method: "approle", roleIdFile: "~/r", secretIdFile: "~/s" }],
  ["jwt, auth_role: ci, jwt_env: ID_TOKEN", { method: "jwt", role: "ci", jwtEnv: "ID_TOKEN" }],
  [
    "approle, role_id_file: ~/r, secret_id_file: ~/s, secret_id_wrapping_path: /auth/approle/role/dev/secret-id/",
    {
      ...{ method: "approle", roleIdFile: "~/r", secretIdFile: "~/s" },
      secretIdWrappingPath: "auth/approle/role/dev/secret-id",
    },
  ],
  ["jwt, jwt_command: [print-token, --short]", { method: "jwt", jwtCommand: ["print-token", "--short"] }],
  ["userpass, username: ada", { method: "userpass", username: "ada" }],
  ["mtls, client_cert: ~/c", { method: "mtls", certFile: "~/c" }],
  [
    "cert, auth_role: dev, client_cert: ~/c, client_key: ~/k",
    { method: "cert", role: "dev", certFile: "~/c", keyFile: "~/k" },
  ],
  ["oidc, auth_role: dev, oidc_callback_port: 0", { method: "oidc", role: "dev", callbackPort: 0 }],
  ["oidc", { method: "oidc", callbackPort: 8250 }],
  ["token, wrapped_token_file: ~/w", { method: "token", wrappedTokenFile: "~/w" }],
  ["ldap, password_file: ~/p", { method: "ldap", passwordFile: "~/p" }],
  ["kubernetes", { method: "kubernetes", jwtFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" }],
] as const) {
  test(`auth_method ${written}: dotvault logs in by itself, and says nothing`, () => {
    const { config, warnings: found } = check(`vault: { address: https://v, auth_method: ${written} }`);
    assert.deepEqual(config?.vault.login, login);
    assert.deepEqual(found, []);
  });
}

for (const [method, needs] of [
  ["approle", "vault.role_id_file and vault.secret_id_file"],
  ["jwt", "vault.jwt_file, vault.jwt_env or vault.jwt_command"],
  ["mtls", "vault.client_cert"],
] as const) {
  test(`${method} without its keys still loads (the predecessor had none), and says what it needs`, () => {
    const { config, warnings: found } = check(`vault: { address: https://v, auth_method: ${method} }`);
    assert.equal(config?.vault.login, undefined);
    assert.match(
      found.map(formatProblem).join(),
      new RegExp(`f:1:43: logging in with ${method} needs ${needs}; until then`),
    );
  });
}

test("a vault section without an address warns: the embedded store is used", () => {
  assert.match(warnings("vault: { kv_mount: secret }").join(), /vault.address is not set: the embedded store is used/);
});

test("a vault_key that nothing fills warns with the nearest enrolment, on the embedded store only", () => {
  const text = rule("path: ~/x, format: json", "name: r, vault_key: jfrgo");
  assert.deepEqual(warnings(text), [
    'f:4:27: no enrolment is named "jfrgo", so the embedded store never holds it (did you mean "jfrog"?)',
  ]);
  assert.deepEqual(warnings(`vault: { address: https://v }\n${text}`), []);
});

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

test("an engine whose validator fails is a problem at its settings", () => {
  const engines = {
    odd: () => {
      throw new Error("no idea");
    },
  };
  const { problems: found } = parseConfig("enrolments: { a: { engine: odd } }", "f", { ...validators, engines });
  assert.match(found.map(formatProblem).join(), /the engine odd can't read these settings: no idea/);
});
