import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/check.ts";
import { starterConfig } from "../../src/config/init.ts";
import { validators } from "../fixtures/config/validators.ts";

test("the starter configuration loads without a problem or a warning", () => {
  const { config, problems, warnings } = parseConfig(starterConfig("https://mycompany.jfrog.io"), "f", validators);
  assert.deepEqual([problems, warnings], [[], []]);
  assert.equal(config?.enrolments[0]?.settings.url, "https://mycompany.jfrog.io");
  assert.equal(config.rules[0]?.target.mergeKey, "serverId");
});

test("the starter's template renders what jf reads: JSON with the version as text", () => {
  const { config } = parseConfig(starterConfig("https://a.example"), "f", validators);
  const template = config?.rules[0]?.target.template ?? "";
  const rendered = template.replace(/\{\{ \.(\w+) \}\}/g, (_, field: string) => `<${field}>`);
  assert.deepEqual(JSON.parse(rendered), {
    servers: [
      {
        serverId: "<server_id>",
        url: "<url>/",
        artifactoryUrl: "<url>/artifactory/",
        accessToken: "<access_token>",
        user: "<user>",
        isDefault: true,
      },
    ],
    version: "6",
  });
});

test("what the starter suggests in comments loads too", () => {
  const uncommented = starterConfig("https://a.example").replace(
    /^( *)# (vault:|sync:| {2}address:| {2}interval:|token_ttl:)/gm,
    "$1$2",
  );
  const { config, problems } = parseConfig(uncommented, "f", validators);
  assert.deepEqual(problems, []);
  assert.equal(config?.vault.address, "https://vault.example.com:8200");
  assert.equal(config.enrolments[0]?.settings.tokenTtlMs, 60 * 86_400_000);
});

const platforms: [string, string][] = [
  ["mycompany.jfrog.io", "https://mycompany.jfrog.io"],
  [" https://mycompany.jfrog.io/ui/login?x=1 ", "https://mycompany.jfrog.io"],
  ["http://127.0.0.1:8082/", "http://127.0.0.1:8082"],
  ["jfrog.internal:8443", "https://jfrog.internal:8443"],
];
for (const [written, origin] of platforms) {
  test(`the platform ${written} is ${origin}`, () => {
    assert.ok(starterConfig(written).includes(`url: "${origin}"`));
  });
}

for (const written of ["", "ftp://a.example", "https://", "https://user:pass@a.example", "two words"]) {
  test(`${JSON.stringify(written)} is no platform`, () => {
    assert.throws(() => starterConfig(written), { code: "config.platform-url" });
  });
}
