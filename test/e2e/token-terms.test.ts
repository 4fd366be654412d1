import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { enrolled, type Machine, makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfRule } from "../support/home.ts";

// What was asked for, what was granted, and how long tokens really live: told where a person looks, and put right when the
// configuration changes.

const READERS = { scope: "applied-permissions/groups:readers" };

function config(platform: Simulator, settings: object = {}): string {
  const jfrog = { engine: "jfrog", settings: { url: platform.url, ...settings } };
  return configText({ enrolments: { jfrog }, rules: [jfRule()] });
}

async function aboutToken(machine: Machine): Promise<string[]> {
  const { out } = await machine.verb("doctor", "--json");
  const { findings } = JSON.parse(out) as {
    findings: { about: string; verdict: string; message: string; fix: string }[];
  };
  return findings
    .filter(({ about }) => about === "token")
    .map(({ verdict, message, fix }) => [verdict, message, fix].filter(Boolean).join(" | "));
}

const scopeOf = (platform: Simulator) => platform.ledger.live().map(({ scope }) => scope);

/** A changed configuration, and what `status` says of it. */
async function changed(machine: Machine, platform: Simulator, settings: object): Promise<string> {
  machine.home.configure(config(platform, settings));
  assert.equal((await machine.verb("run", "--once")).code, 0);
  return (await machine.verb("status")).out;
}

async function life(t: TestContext, settings: object = {}, capSeconds: number | null = null) {
  const platform = await startPlatform(t, { capSeconds });
  const machine = makeMachine(t, config(platform, settings));
  const agent = await enrolled(machine, platform);
  return { platform, machine, agent };
}

test("doctor: asked for, granted, and in use; a platform that grants less is told with what helps", async (t) => {
  const { platform, machine, agent } = await life(t, {}, 3600);
  const [first] = await aboutToken(machine);
  assert.equal(
    first,
    "warning | asked for 60 d, granted 1 h, not replaced yet | say token_ttl: 60m, or have the platform's longest life raised",
  );
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  assert.match((await aboutToken(machine))[0] ?? "", /granted 1 h, in use for \d+ s \(1 replaced token\)/);
  await agent.stop();
});

test("a changed scope is told by status; signing in anew brings it into effect", async (t) => {
  const { platform, machine, agent } = await life(t);
  await agent.stop();
  const told = await changed(machine, platform, READERS);
  assert.match(
    told,
    /scope: the configuration asks for applied-permissions\/groups:readers, this token has applied-permissions\/user/,
  );
  assert.match(told, /run: dotvault enrol jfrog --again/);
  assert.match((await aboutToken(machine))[1] ?? "", /^warning \| scope: .* \| dotvault enrol jfrog --again$/);
  assert.deepEqual(scopeOf(platform), ["applied-permissions/user"], "the living pair stays as it is");
  const again = await machine.verb("enrol", "jfrog", "--again");
  assert.equal(again.code, 0, again.err);
  assert.ok(scopeOf(platform).includes(READERS.scope));
  assert.doesNotMatch((await machine.verb("status")).out, /the configuration asks for/);
  const [, groups] = await aboutToken(machine);
  assert.match(groups ?? "", /^good \| it may do what its groups may \(readers\), .* transient user's$/);
});

test("rotation: remint brings a changed scope into effect by itself, with the next rotation", async (t) => {
  const { platform, machine, agent } = await life(t, { rotation: "remint" });
  await agent.stop();
  const told = await changed(machine, platform, { rotation: "remint", ...READERS });
  assert.match(told, /it changes with the next rotation; at once: dotvault refresh jfrog/);
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  assert.doesNotMatch((await machine.verb("status")).out, /the configuration asks for/);
  assert.ok(scopeOf(platform).includes(READERS.scope));
});

test("a token that was revoked: doctor and status say what may have done it", async (t) => {
  const { platform, machine, agent } = await life(t);
  for (const { tokenId } of platform.ledger.live()) platform.revoke(tokenId);
  await machine.verb("refresh", "jfrog");
  await machine.untilState("revoked");
  assert.match(
    (await machine.verb("status")).out,
    /whoever deletes the tokens of one user at JFrog deletes those of all users of that name/,
  );
  const [found] = await aboutToken(machine);
  assert.match(
    found ?? "",
    /^bad \| JFrog refused it for good after \d+ s of 60 d: .* the same name .* \| dotvault enrol jfrog$/,
  );
  await agent.stop();
});
