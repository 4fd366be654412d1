import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeHome } from "../support/home.ts";

const program = fileURLToPath(new URL("../../bin/dotvault.js", import.meta.url));

test("with --json a command line that is wrong is told by a document, too", (t) => {
  const home = makeHome();
  t.after(() => home.remove());
  for (const [line, code] of [
    ["stats --json --bogus", "usage.arguments"],
    ["why --json one two", "usage.arguments"],
    ["stauts --json", "usage.verb"],
  ] as const) {
    const options = { env: { ...home.env }, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...line.split(" ")], options);
    assert.equal(status, 2, line);
    const { error, schemaVersion } = JSON.parse(stdout);
    assert.deepEqual([schemaVersion, error.code], [1, code]);
    assert.ok(stderr.startsWith(`dotvault: ${error.message}\n`), stderr);
  }
});

test("an error shows what it quotes without what would act on a terminal", (t) => {
  const home = makeHome();
  t.after(() => home.remove());
  home.configure(`rules: [{ name: "\\e]0;owned\\a", target: { path: ~/f, format: text, template: x } }]\n`);
  const options = { env: { ...home.env }, encoding: "utf8" } as const;
  for (const [code, ...line] of [
    [1, "file", "keep", "none"],
    [2, "stats", "--since", "\u001b[2J"],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [program, ...line], options);
    assert.equal(status, code, stderr);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
    assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f]/);
  }
});
