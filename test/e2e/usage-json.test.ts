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
