import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { engineSchemas, engineSettings } from "../../src/adapters/engines/registry.ts";
import { parseConfig } from "../../src/config/check.ts";
import { durationPattern, parseDuration } from "../../src/config/durations.ts";
import { starterConfig } from "../../src/config/init.ts";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { schemaErrors } from "../fixtures/config/json-schema-check.ts";
import { validators } from "../fixtures/config/validators.ts";
import { property } from "../support/property.ts";

/** What an editor says of engines' settings, and what `check` says: one table is behind both. */

const engines = engineSettings(parseDuration);
const schema = configJsonSchema(engineSchemas({ pattern: durationPattern }));

const fixtures = new URL("../fixtures/config/", import.meta.url);
const written = readdirSync(fixtures).filter((name) => name.endsWith(".yaml"));
const pages = ["access-tokens.md", "jfrog-settings.md", "vault.md", "files.md"].flatMap((page) =>
  [...readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text = ""], index) => [`docs/${page} ${index}`, text] as const,
  ),
);
const texts = [
  ...written.map((name) => [name, readFileSync(new URL(name, fixtures), "utf8")] as const),
  ...pages,
  ["the starter", starterConfig("https://a.example")] as const,
];

test("an editor finds nothing wrong with any configuration that check finds right", () => {
  const right = texts.filter(
    ([name, text]) => parseConfig(text, name, { ...validators, engines }).problems.length === 0,
  );
  assert.ok(right.length > 10, String(right.length));
  for (const [name, text] of right) assert.deepEqual(schemaErrors(schema, parse(text)), [], name);
});

const text = fc.constantFrom("a", "x\u0007", "", " ", "a".repeat(33), "A b", 7, true, ["a"], {});
const address = fc.constantFrom<unknown>(
  ...["https://a.example", "HTTP://LocalHost:8082/", "http://a.example", "https://u@a.example", "https://a/b", "a", 5],
);
const place = fc.constantFrom<unknown>("/etc/ca.pem", "~/ca", "~", "ca.pem", "https://a.example", "ftp://a");
const either = <T>(one: fc.Arbitrary<T>) => fc.oneof(one, fc.array(one, { maxLength: 2 }));
const word = (...words: readonly unknown[]) => fc.constantFrom(...words, "other", 3);

const POOLS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  url: address,
  token_ttl: fc.constantFrom<unknown>("60d", "1h30m", "9m", "99999d", "d", 60, "12"),
  client_name: text,
  client_code: fc.oneof(text, fc.constantFrom(1.5, -3)),
  rotation: word("refresh", "remint"),
  scope: either(fc.constantFrom<unknown>("applied-permissions/user", "artifact:a/b:r", "nonsense:", " ", 4)),
  audience: either(fc.constantFrom<unknown>("jfrt@* jfac@*", "*@*", "jfrt", "", 4)),
  description: text,
  project_key: fc.oneof(text, fc.constantFrom("web-2", "Web", "w")),
  force_revocable: fc.constantFrom<unknown>(true, false, "true"),
  reference_token: fc.constantFrom<unknown>(true, false, 1),
  username: fc.oneof(text, fc.constantFrom("ada", "Ada")),
  platforms: either(address),
  trusted_certificates: either(place),
  login: word("web", "token", "oidc"),
  provider_name: text,
  token_file: fc.constantFrom<unknown>("~/t", "/t", "t", "~", 4),
  token_env: fc.constantFrom<unknown>("CI_TOKEN", "$CI_TOKEN", "7A"),
  token_vault: fc.constantFrom<unknown>("ci/jfrog#access_token", "ci/jfrog", "ci//x", "../x", "ci/.", "a#b#c", "a#"),
  id_token_file: fc.constantFrom<unknown>("~/t", "t"),
  id_token_env: fc.constantFrom<unknown>("CI_TOKEN", "A B"),
  id_token_command: fc.constantFrom<unknown>(["gh", "token"], [], ["a", ""], ["a\u0000"], "gh token"),
  none: fc.constant("a"),
};

/** Most are sound by themselves, so that what is said of settings beside each other is reached. */
const jfrog = fc
  .tuple(
    fc.record({
      url: fc.oneof(
        { weight: 4, arbitrary: fc.constant<unknown>("https://a.example") },
        { weight: 1, arbitrary: address },
      ),
    }),
    fc
      .uniqueArray(fc.constantFrom(...Object.keys(POOLS)), { maxLength: 4 })
      .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, POOLS[name] ?? fc.constant("")])))),
  )
  .map(([url, others]): Record<string, unknown> => ({ ...url, ...others }));

/** What no schema can say: grammars, bounds of durations, this machine's http, and one setting's value beside another's. */
const BEYOND = [
  /^(?:scope|audience): /,
  /^rotation: remint needs/,
  /^token_ttl (?:must be|below)|^token_ttl: /,
  /must be https \(http is for this machine only\)$/,
  /is longer than the \d+ characters that fit$/,
];

function judge(engine: "jfrog" | "sshkey", settings: unknown) {
  const problems: string[] = [];
  engines[engine](settings, (_, what, remark) => {
    if (remark?.isWarning !== true) problems.push(what);
  });
  const found = schemaErrors(schema, { enrolments: { one: { engine, settings } } });
  return { problems, found };
}

property(
  "jfrog: what check finds right an editor does, too; what it finds wrong an editor shows, but for what no schema can say",
  [jfrog],
  (settings) => {
    const { problems, found } = judge("jfrog", settings);
    if (problems.length === 0) assert.deepEqual(found, []);
    else if (found.length === 0)
      for (const what of problems)
        assert.ok(
          BEYOND.some((known) => known.test(what)),
          what,
        );
    return true;
  },
  { runs: 3000 },
);

property(
  "sshkey: check and an editor say the same",
  [fc.record({ comment: text, passphrase: text, none: text }, { requiredKeys: [] })],
  (settings) => {
    const { problems, found } = judge("sshkey", settings);
    assert.equal(problems.length === 0, found.length === 0, `${problems} / ${found}`);
    return true;
  },
);

test("every setting that check knows has a description for editors", () => {
  for (const [engine, described] of Object.entries(engineSchemas({}))) {
    const { properties } = described as { properties: Record<string, { description?: string }> };
    const known: string[] = [];
    engines[engine as "jfrog"]({ "": 1 }, (_, __, remark) => void known.push(...(remark?.known ?? [])));
    assert.deepEqual(Object.keys(properties), known);
    for (const [name, { description }] of Object.entries(properties)) assert.ok(description, name);
  }
});
