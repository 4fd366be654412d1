import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseConfig } from "../../src/config/check.ts";
import { validators } from "../fixtures/config/validators.ts";

test("the configuration that docs/files.md shows is one, and names every setting of a target", () => {
  const page = readFileSync(new URL("../../docs/files.md", import.meta.url), "utf8");
  const shown = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const { problems, config } = parseConfig(shown, "docs/files.md", validators, { home: "/home/ada" });
  assert.deepEqual(problems, []);
  assert.equal(config?.rules[0]?.target.strict, true);
  for (const key of ["managed", "on_remove", "on_missing", "on_edit", "mode", "backup", "merge_key", "delete_nulls"]) {
    assert.ok(page.includes(`\`target.${key}\``), key);
  }
});
