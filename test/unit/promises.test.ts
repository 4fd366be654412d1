import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const [kept = "", notPromised = ""] = readFileSync(new URL("docs/promises.md", root), "utf8").split("## Not promised");
const promises = kept.split(/^- /m).slice(1);

test("every promise is one sentence, and names a test that keeps it", () => {
  assert.ok(promises.length >= 20);
  for (const promise of promises) assert.match(promise, /^\*\*[^*]+\.\*\*\n(?: {2}- test\/\S+: "[^\n]+"\n)+/, promise);
});

test("every test that a promise names exists", () => {
  for (const promise of promises) {
    for (const [, path = "", name = ""] of promise.matchAll(/^ {2}- (\S+): "(.+)"$/gm)) {
      const file = new URL(path, root);
      assert.ok(existsSync(file), `${path} is not there`);
      assert.ok(declares(readFileSync(file, "utf8"), name), `${path} has no test "${name}"`);
    }
  }
});

test("what is not promised is said: the unanswered request, and a lost disk", () => {
  assert.match(notPromised, /unanswered request under `rotation: refresh`/);
  assert.match(notPromised, /lost disk/);
});

/** A declaration, so that a name in a comment does not count. */
function declares(source: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\b(?:test|property|describe|scene)\\(\\s*"${escaped}"`).test(source);
}
