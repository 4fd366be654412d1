import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/config/nearest.ts";

const names = ["address", "auth_method", "auth_mount", "kv_mount", "user_prefix", "interval", "url", "token_ttl"];

const meant: [string, string | undefined][] = [
  ["adress", "address"],
  ["addr", "address"],
  ["intervall", "interval"],
  ["inetrval", "interval"],
  ["authMethod", "auth_method"],
  ["KV-MOUNT", "kv_mount"],
  ["tokn_ttl", "token_ttl"],
  ["ulr", "url"],
  ["zzz", undefined],
  ["", undefined],
  ["x".repeat(10_000), undefined],
];

for (const [word, name] of meant) {
  test(`${JSON.stringify(word.slice(0, 20))} was probably meant as ${name}`, () => {
    assert.equal(nearest(word, names), name);
  });
}

test("of two near names the nearer is offered", () => {
  assert.equal(nearest("auth_moun", ["auth_method", "auth_mount"]), "auth_mount");
});
