import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseConfig } from "../../src/config/check.ts";
import { validators } from "../fixtures/config/validators.ts";

const page = readFileSync(new URL("../../docs/vault.md", import.meta.url), "utf8");

test("every configuration that docs/vault.md shows is one without errors or warnings, and logs in as it says", () => {
  const shown = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  const methods = shown.map((text) => {
    const { config, problems, warnings } = parseConfig(text, "docs/vault.md", validators);
    assert.deepEqual([problems, warnings], [[], []]);
    return config?.vault.login?.method ?? config?.vault.namespace ?? config?.vault.tls.serverName;
  });
  assert.deepEqual(methods, [
    ...["approle", "approle", "jwt", "jwt", "jwt", "kubernetes", "cert", "token", "oidc", "ldap", "userpass"],
    ...["kubernetes", "vault.example.com", "team/dev"],
  ]);
});
