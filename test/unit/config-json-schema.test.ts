import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { keysBelow } from "../../src/config/field.ts";
import { starterConfig } from "../../src/config/init.ts";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { configuration } from "../../src/config/keys.ts";
import { schemaErrors } from "../fixtures/config/json-schema-check.ts";

const read = (name: string) =>
  parse(readFileSync(new URL(`../fixtures/config/${name}`, import.meta.url), "utf8"), { uniqueKeys: false });

for (const name of ["jfrog-minimal.yaml", "jfrog-custom.yaml", "predecessor.yaml"]) {
  test(`an editor finds nothing wrong with ${name}`, () => {
    assert.deepEqual(schemaErrors(configJsonSchema(), read(name)), []);
  });
}

test("an editor finds nothing wrong with the starter configuration", () => {
  assert.deepEqual(schemaErrors(configJsonSchema(), parse(starterConfig("https://a.example"))), []);
});

test("an editor sees the slips that need no other rooms", () => {
  assert.deepEqual(schemaErrors(configJsonSchema(), read("broken.yaml")), [
    "$.vault.auth_method: pattern",
    "$.vault.tls_skip_verify: type boolean",
    "$.vault.oidc_callback_port: maximum",
    "$.vault.addres: type unknown",
    "$.sync.interval: pattern",
    "$.rules[0].target.format: enum",
    "$.rules[1].target.templete: type unknown",
    "$.enrolments.../escape: pattern",
    "$.vualt: type unknown",
    "$.interval: type unknown",
  ]);
});

test("every key that is read stands in the schema, with a description", () => {
  const keys = keysBelow(configuration);
  assert.ok(keys.length > 40);
  for (const { path } of keys) {
    const schema = path.reduce<unknown>((at, key) => step(at, key), configJsonSchema()) as { description?: string };
    assert.equal(typeof schema?.description, "string", path.join("."));
  }
});

function step(schema: unknown, key: string): unknown {
  const { items, additionalProperties, properties } = schema as Record<string, Record<string, unknown>>;
  if (key === "[]") return items;
  return key === "*" ? additionalProperties : properties?.[key];
}

test("defaults in the schema are those that are read", () => {
  const empty = configuration.read(undefined, noPlace());
  assert.equal(empty.values.vault.values.kv_mount, schemaOf("vault", "kv_mount").default);
  assert.equal(empty.values.vault.values.oidc_callback_port, schemaOf("vault", "oidc_callback_port").default);
  assert.equal(empty.values.sync.values.interval, 900_000);
  assert.equal(schemaOf("sync", "interval").default, "15m");
});

function schemaOf(...path: string[]): Record<string, unknown> {
  return path.reduce<unknown>(step, configJsonSchema()) as Record<string, unknown>;
}

function noPlace(): Parameters<typeof configuration.read>[1] {
  // Nothing is written, so nothing can be complained about.
  return { path: "", start: 0, elsewhere: new Map(), findings: undefined as never };
}

test("an engine's own schema judges the settings of its enrolments only", () => {
  const engines = { jfrog: { type: "object", required: ["url"] } };
  const settings = {};
  const enrolments = { a: { engine: "jfrog", settings }, b: { engine: "sshkey", settings }, c: { settings } };
  assert.deepEqual(schemaErrors(configJsonSchema(engines), { enrolments }), [
    "$.enrolments.c.engine: required",
    "$.enrolments.a.settings.url: required",
  ]);
});
