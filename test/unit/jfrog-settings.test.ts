import assert from "node:assert/strict";
import { test } from "node:test";
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
  const value = validators[engine](settings, (path, what, hint, known) =>
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
    token_ttl: "10m",
    client_name: "dotvault",
    client_code: 7,
    rotation: "remint",
  };
  assert.deepEqual(check("jfrog", all), {
    value: {
      url: "http://localhost:8082",
      tokenTtlMs: 600_000,
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
    ["urll", "url", "token_ttl", "client_name", "client_code", "rotation"],
  );
  assert.ok(problems[0]?.endsWith("url token_ttl client_name client_code rotation"));
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
