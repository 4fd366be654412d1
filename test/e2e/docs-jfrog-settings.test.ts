import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { engineSettings } from "../../src/adapters/engines/registry.ts";
import { VERBS } from "../../src/commands/table.ts";
import { parseConfig } from "../../src/config/check.ts";
import { parseDuration } from "../../src/config/durations.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { validators } from "../fixtures/config/validators.ts";
import { makeMachine, tokenIn } from "../support/agent-process.ts";
import { ciSystem } from "../support/id-token.ts";

// docs/jfrog-settings.md: every configuration loads without a word, and the jobs run as they are written there.

const page = readFileSync(new URL("../../docs/jfrog-settings.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
const configurations = blocks.filter((text) => text.includes("enrolments:"));
const jobs = blocks.filter((text) => !text.includes("enrolments:"));
const engines = engineSettings(parseDuration);

test("every configuration of the page loads, without an error and without a warning", () => {
  for (const text of configurations) {
    const { problems, warnings } = parseConfig(text, "docs/jfrog-settings.md", { ...validators, engines });
    assert.deepEqual([problems, warnings], [[], []]);
  }
  assert.equal(configurations.length, 4);
  assert.equal(jobs.length, 2);
});

test("the page names every setting that there is", () => {
  const known: string[] = [];
  engines.jfrog({ none: 1 }, (_, __, remark) => known.push(...(remark?.known ?? [])));
  const elsewhere = ["trusted_certificates", "platforms"];
  for (const name of known.filter((each) => !elsewhere.includes(each))) assert.ok(page.includes(`\`${name}\``), name);
});

/** What GitHub gives a job: an address that answers with an ID token for an audience. */
async function actions(t: TestContext, idToken: () => string): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    const isOurs =
      request.headers.authorization === "bearer runner" && request.url?.endsWith("&audience=jfrog") === true;
    response.writeHead(isOurs ? 200 : 401).end(JSON.stringify({ count: 1, value: idToken() }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner",
  };
}

/** The job's own lines that call dotvault. */
const callsIn = (job = "") =>
  [...job.matchAll(/dotvault (run|revoke) ([^\n]*)/g)].map(([, verb = "", rest = ""]) => [verb, ...rest.split(" ")]);

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

for (const [name, index] of [
  ["github", 2],
  ["gitlab", 3],
] as const) {
  test(`the job for ${name}, line by line`, { skip: name === "github" && !hasCurl }, async (t) => {
    const ci = ciSystem(name);
    const platform = await startSimulator({ identityProviders: [ci.provider] });
    t.after(() => platform.close());
    const env = name === "github" ? await actions(t, () => ci.idToken("ada")) : { JFROG_ID_TOKEN: ci.idToken("ada") };
    const config = configurations[index]?.replaceAll("https://mycompany.jfrog.io", platform.url) ?? "";
    const machine = makeMachine(t, "enrolments: {}\n", env);
    machine.home.put("ci/dotvault.yaml", config);
    const calls = callsIn(jobs.find((job) => job.includes(name)));
    assert.deepEqual(
      calls.map(([verb]) => verb),
      ["run", "revoke"],
    );
    for (const [verb = "", ...args] of calls) {
      const { code, err } = await machine.verb(verb, ...args);
      assert.equal(code, 0, err);
      assert.ok(VERBS.some((each) => each.name === verb));
      if (verb === "run" && name === "github") assert.ok(tokenIn(machine.home), "the file holds the token");
    }
    const mints = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.deepEqual(
      mints.map(({ state, user }) => [state, user]),
      [["revoked", "ada"]],
    );
  });
}

test("the build agent's configuration, with an administrator's token in its file", async (t) => {
  const users = [{ name: "admin", admin: true }, { name: "build-agent" }];
  const platform = await startSimulator({ users });
  t.after(() => platform.close());
  const config = configurations[1]?.replaceAll("https://mycompany.jfrog.io", platform.url) ?? "";
  const machine = makeMachine(t, config);
  machine.home.put("jfrog-admin-token", platform.seed({ user: "admin" }).accessToken);
  const { code, err } = await machine.verb("run", "--once");
  assert.equal(code, 0, err);
  assert.equal(platform.ledger.pairs.at(-1)?.user, "build-agent");
});
