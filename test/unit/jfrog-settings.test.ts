import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asks } from "../../src/adapters/engines/jfrog/asks.ts";
import { engineSettings } from "../../src/adapters/engines/registry.ts";
import type { ParseDuration } from "../../src/adapters/engines/settings.ts";

const parseDuration: ParseDuration = (text) => {
  const [, amount, unit] = /^(-?\d+)([smhd])$/.exec(text) ?? [];
  if (unit === undefined) return { ok: false, what: `"${text}" has no unit` };
  return { ok: true, value: Number(amount) * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[unit as "s"] };
};
const validators = engineSettings(parseDuration);

function check(engine: keyof typeof validators, settings: unknown) {
  const problems: string[] = [];
  const value = validators[engine](settings, (path, what, { hint, known } = {}) =>
    problems.push([path.join("."), what, known === undefined ? hint : known.join(" ")].filter(Boolean).join(" | ")),
  );
  return { value, problems };
}

test("jfrog: only url is needed; the defaults are the Go dotvault's", () => {
  assert.deepEqual(check("jfrog", { url: "https://mycompany.jfrog.io" }), {
    value: {
      url: "https://mycompany.jfrog.io",
      tokenTtlMs: 60 * 864e5,
      clientName: "JFrog-CLI",
      clientCode: "1",
      rotation: "refresh",
    },
    problems: [],
  });
  const all = {
    url: "HTTP://LocalHost:8082/",
    token_ttl: "7h",
    client_name: "dotvault",
    client_code: 7,
    rotation: "remint",
  };
  assert.deepEqual(check("jfrog", all), {
    value: {
      url: "http://localhost:8082",
      tokenTtlMs: 7 * 36e5,
      clientName: "dotvault",
      clientCode: "7",
      rotation: "remint",
    },
    problems: [],
  });
});

test("jfrog: every url that is not scheme and host is told apart", () => {
  const rows: [unknown, string][] = [
    [undefined, "url is missing"],
    ["", "url is missing"],
    [null, "url is missing"],
    [5, "not an address"],
    ["mycompany.jfrog.io", "not an address"],
    ["ftp://x", "https://"],
    ["https://u@x", "user name"],
    ["https://u:p@x", "user name"],
    ["https://x/artifactory", "no path"],
    ["https://x/?a=1", "no path"],
    ["https://x/#a", "no path"],
    ["http://mycompany.jfrog.io", "must be https"],
    ["http://127.0.0.1.example.com", "must be https"],
  ];
  for (const [url, words] of rows) {
    const { value, problems } = check("jfrog", { url });
    assert.equal(problems.length, 1, String(url));
    assert.ok(problems[0]?.startsWith("url | ") && problems[0].includes(words), problems.join());
    assert.deepEqual(value, {});
  }
});

test("jfrog: token_ttl has a floor of 10m, a ceiling, and must be a duration", () => {
  for (const [token_ttl, words] of [
    ["9m", "at least 10m"],
    ["0s", "at least 10m"],
    ["-1d", "at least 10m"],
    ["99999d", "at most"],
    ["60", "no unit"],
    [3600, "not a duration"],
    [["1h"], "not a duration"],
  ] as const) {
    const { problems } = check("jfrog", { url: "https://x", token_ttl });
    assert.equal(problems.length, 1);
    assert.ok(problems[0]?.startsWith("token_ttl | ") && problems[0].includes(words), problems.join());
  }
});

test("all mistakes are reported at once, unknown keys with the names that are right", () => {
  const { problems } = check("jfrog", {
    urll: "https://x",
    token_ttl: "1m",
    client_name: "a\nb",
    client_code: true,
    rotation: "often",
  });
  assert.deepEqual(
    problems.map((problem) => problem.split(" | ")[0]),
    ["urll", "rotation", "url", "token_ttl", "client_name", "client_code"],
  );
  assert.ok(problems[0]?.includes("| url token_ttl client_name client_code rotation scope audience"));
});

test("jfrog: what is asked of JFrog is taken as it is written, lists joined by a space", () => {
  const asks = {
    scope: ['applied-permissions/groups:readers,"my team"', "artifact:libs/a/*:r,w"],
    audience: "jfrt@* jfac@*",
    description: "build agent 7",
    project_key: "web-2",
    force_revocable: true,
    reference_token: false,
    username: "ci-bot",
    token_ttl: "1h",
  };
  const { value, problems } = check("jfrog", { url: "https://x", ...asks });
  assert.deepEqual(problems, []);
  const { scope, audience, description, projectKey, forceRevocable, referenceToken, username } = value as Asks;
  assert.equal(scope, 'applied-permissions/groups:readers,"my team" artifact:libs/a/*:r,w');
  assert.deepEqual(
    [audience, description, projectKey, forceRevocable, referenceToken, username],
    [asks.audience, asks.description, asks.project_key, true, false, asks.username],
  );
});

test("jfrog: every wrong value is refused at its setting, with what is right", () => {
  const rows: [Record<string, unknown>, string][] = [
    [{ scope: "applied-permissions/users" }, 'scope | scope: "applied-permissions/users" is no kind of scope'],
    [{ scope: "" }, "scope | scope must be a text, or a list of texts"],
    [{ scope: [] }, "scope | scope is an empty list | leave it out"],
    [{ scope: ["applied-permissions/user", 7] }, "scope.1 | scope must be a text"],
    [{ scope: `artifact:${"x".repeat(500)}:r` }, "scope | scope is longer than the 500 characters"],
    [{ scope: ["system:metrics:r", "system:metric:r"] }, 'scope.1 | scope: "metric" is not one of metrics'],
    [{ audience: "jfrt" }, "audience | audience: an audience is a service, @ and an id"],
    [{ audience: `jfac@${"x".repeat(255)}` }, "audience | audience is longer than the 255 characters"],
    [{ description: "x".repeat(1001) }, "description | description must be a text of 1 to 1000"],
    [{ project_key: "Web" }, "project_key | project_key: a project's key"],
    [{ force_revocable: "yes" }, "force_revocable | force_revocable must be true or false"],
    [{ reference_token: 1 }, "reference_token | reference_token must be true or false"],
    [{ username: "Ada" }, "username | username: JFrog's names are in lower case"],
    [{ rotation: "remint", audience: "jfrt@*" }, "rotation | rotation: remint needs tokens that may come back"],
  ];
  for (const [settings, expected] of rows) {
    const { value, problems } = check("jfrog", { url: "https://x", ...settings });
    assert.ok(
      problems.some((problem) => problem.startsWith(expected)),
      problems.join("\n"),
    );
    assert.deepEqual(value, {});
  }
});

test("jfrog: a warning tells what a short life or an audience makes pointless, and hinders nothing", () => {
  const rows: [Record<string, unknown>, readonly string[]][] = [
    [{ token_ttl: "6h" }, []],
    [{ token_ttl: "5h" }, ["token_ttl below 6h: JFrog does not revoke such a token"]],
    [{ token_ttl: "5h", force_revocable: true }, []],
    [{ token_ttl: "2h" }, ["token_ttl below 3h: JFrog neither keeps such a token in its list nor revokes it"]],
    [{ token_ttl: "2h", description: "ci" }, ["so nobody can look it up by its description"]],
    [{ token_ttl: "2h", reference_token: true }, ["so a reference token may lead to nothing"]],
    [{ token_ttl: "5h", rotation: "remint" }, ["so with rotation: remint the old token lives on to its end"]],
    [{ force_revocable: true }, ["force_revocable has no use"]],
    [{ audience: "*@*" }, []],
    [{ audience: "jfrt@* jfac@01h" }, []],
    [{ audience: "jfrt@*" }, ["audience leaves out jfac@*"]],
    [{ audience: "jfac@* jfwks@*" }, ["jfwks is no service that dotvault knows"]],
  ];
  for (const [settings, expected] of rows) {
    const { value, problems } = check("jfrog", { url: "https://x", ...settings });
    assert.equal(problems.length, expected.length, problems.join("\n"));
    for (const words of expected) assert.ok(problems[0]?.includes(words), problems.join("\n"));
    assert.equal((value as { url?: string }).url, "https://x");
  }
});

test("jfrog: a login without a person names one place for its token", () => {
  const oidc = { login: "oidc", provider_name: "github" };
  const rows: [Record<string, unknown>, unknown][] = [
    [{}, undefined],
    [{ login: "web" }, undefined],
    [
      { login: "token", token_env: "JF_TOKEN" },
      { by: "token", source: { from: "env", name: "JF_TOKEN" } },
    ],
    [
      { login: "token", token_file: "~/admin" },
      { by: "token", source: { from: "file", path: "~/admin" } },
    ],
    [
      { login: "token", token_vault: "ci/jfrog" },
      { by: "token", source: { from: "vault", path: "ci/jfrog", field: "access_token" } },
    ],
    [
      { login: "token", token_vault: "ci/jfrog#admin" },
      { by: "token", source: { from: "vault", path: "ci/jfrog", field: "admin" } },
    ],
    [
      { ...oidc, id_token_command: ["sh", "-c", "x"] },
      { by: "oidc", provider: "github", source: { from: "command", words: ["sh", "-c", "x"] } },
    ],
  ];
  for (const [settings, expected] of rows) {
    const { value, problems } = check("jfrog", { url: "https://x", ...settings });
    assert.deepEqual(problems, []);
    assert.deepEqual((value as { login?: unknown }).login, expected);
  }
});

test("jfrog: what is missing, double, or of another login is refused", () => {
  const oidc = { login: "oidc", provider_name: "github" };
  const rows: [Record<string, unknown>, string][] = [
    [{ login: "saml" }, "login | login must be web, token or oidc"],
    [{ login: "token" }, "login | login: token needs one of token_file, token_env, token_vault"],
    [{ token_env: "A" }, "token_env | token_env belongs to login: token"],
    [{ login: "token", token_env: "A", id_token_env: "B" }, "id_token_env | id_token_env belongs to login: oidc"],
    [{ login: "token", token_env: "A", token_file: "/b" }, "token_env | token_env beside token_file"],
    [{ login: "token", token_file: "relative" }, "token_file | token_file must begin with / or ~/"],
    [{ login: "token", token_env: "eyJ.a.b" }, "token_env | token_env is the name of a variable, not a token"],
    [{ login: "token", token_vault: "../x" }, "token_vault | token_vault must be a path below vault.kv_mount"],
    [{ login: "token", token_vault: "a#b#c" }, "token_vault | token_vault must be a path below vault.kv_mount"],
    [{ login: "oidc", id_token_env: "A" }, "login | login: oidc needs provider_name"],
    [{ ...oidc }, "login | login: oidc needs one of id_token_file, id_token_env, id_token_command"],
    [{ ...oidc, id_token_command: "sh -c x" }, "id_token_command | id_token_command must be a list"],
    [{ ...oidc, id_token_command: [] }, "id_token_command | id_token_command must be a list"],
  ];
  for (const [settings, expected] of rows) {
    const { value, problems } = check("jfrog", { url: "https://x", ...settings });
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.ok(problems[0]?.startsWith(expected), problems.join("\n"));
    assert.deepEqual(value, {});
  }
  const { problems } = check("jfrog", { url: "https://x", login: "token", token_env: "eyJhbGciOiJ" + ".secret" });
  assert.ok(!problems.join().includes("secret"), "a token that was put into the wrong place is not repeated");
});

test("inherited settings don't count, and settings that are no mapping are said so", () => {
  assert.equal(check("jfrog", Object.create({ url: "https://x" })).problems.length, 1);
  for (const odd of ["https://x", 5, ["url"], true]) {
    assert.deepEqual(check("jfrog", odd).problems, ["settings must be a mapping"]);
    assert.deepEqual(check("sshkey", odd).problems, ["settings must be a mapping"]);
  }
});

test("sshkey: comment and passphrase are optional texts; a number is refused, since YAML has changed it", () => {
  assert.deepEqual(check("sshkey", {}), { value: {}, problems: [] });
  assert.deepEqual(check("sshkey", undefined), { value: {}, problems: [] });
  const both = { comment: "me@work", passphrase: "0123 abc" };
  assert.deepEqual(check("sshkey", both), { value: both, problems: [] });
  for (const odd of [123, "", "a\nb", true, "x".repeat(256)]) {
    const { value, problems } = check("sshkey", { passphrase: odd });
    assert.equal(problems.length, 1);
    assert.ok(!problems[0]?.includes("123"), "a passphrase is not repeated");
    assert.deepEqual(value, {});
  }
  assert.equal(check("sshkey", { pasphrase: "x" }).problems.length, 1);
});

test("jfrog: platforms and trusted certificates: addresses as origins, paths as written, each once", () => {
  const url = "https://a.jfrog.io";
  const right = {
    url,
    token_ttl: "5h",
    platforms: ["https://B.jfrog.io/", "https://b.jfrog.io", url],
    trusted_certificates: ["~/.dotvault/trust", "/etc/jfrog/root.pem", "https://b.jfrog.io/"],
  };
  const { value, problems } = check("jfrog", right);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    [value?.platforms, value?.trustedCertificates],
    [["https://b.jfrog.io"], ["~/.dotvault/trust", "/etc/jfrog/root.pem", "https://b.jfrog.io"]],
  );
  const wrong = {
    url,
    platforms: ["http://b.jfrog.io", "b.jfrog.io"],
    trusted_certificates: ["root.pem", "https://ada:pw@b.jfrog.io"],
  };
  assert.deepEqual(
    check("jfrog", wrong).problems.map((problem) => problem.split(" | ")[0]),
    [
      "platforms.0 a platform must be https (http is for this machine only)",
      "platforms.1 a platform is not an address",
      "trusted_certificates.0 a trusted certificate is a file or a directory (absolute, or ~/…), or a platform's address",
      "trusted_certificates.1 a platform must not hold a user name or password",
    ].map((what) => what.replace(/^(\S+) /, "$1 | ").split(" | ")[0]),
  );
});

test("jfrog: with other platforms a revocable token is worth a warning, by whatever it is revocable", () => {
  const url = "https://a.jfrog.io";
  const platforms = ["https://b.jfrog.io"];
  const warned = (more: object) =>
    check("jfrog", { url, platforms, ...more }).problems.map((problem) => problem.split(" ")[0]);
  assert.deepEqual(warned({}), ["token_ttl"]);
  assert.deepEqual(warned({ token_ttl: "5h" }), []);
  assert.deepEqual(warned({ token_ttl: "5h", force_revocable: true }), ["force_revocable"]);
});
