import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { NextReport } from "../../src/terminal/next.ts";
import { enrolled, type Machine, makeMachine, startPlatform, tokenIn, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish, listing } from "../support/home.ts";

/** A time away that begins now and ends half a second behind the token in use: one that is renewed now outlives it. */
async function away(machine: Machine): Promise<string> {
  const { issuedAt = 0, expiresAt = 0 } = machine.snapshot()?.context.current ?? {};
  await machine.until("the token is a second old", () => Date.now() > issuedAt + 1_500);
  return `now..${new Date(expiresAt + 500).toISOString()}`;
}

const report = (out: string): NextReport => JSON.parse(out);

test("next --offline offers to renew what ends meanwhile, and --renew does it: with the agent, and without one", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  const first = tokenIn(machine.home);
  const span = await away(machine);

  const untouched = listing(machine.home.directory);
  const offer = await machine.verb("next", "--offline", span);
  assert.match(
    offer.out,
    /1 token ends meanwhile\n {2}jfrog ends .*; renewed now it lasts until .*: dotvault refresh jfrog/,
  );
  assert.deepEqual(listing(machine.home.directory), untouched, "asking changes nothing");

  const renewed = await machine.verb("next", "--offline", span, "--renew", "--json");
  assert.equal(renewed.code, 0, renewed.err);
  assert.deepEqual(report(renewed.out).expiring, [], "the document says how things stand now");
  assert.match(renewed.err, /✓ jfrog rotated; good until/);
  await untilSettled(machine, platform);
  const second = tokenIn(machine.home);
  assert.notEqual(second, first);
  await agent.stop();

  const again = await away(machine);
  const stopped = await machine.verb("next", "--offline", again, "--renew");
  assert.equal(stopped.code, 0, stopped.err);
  assert.match(stopped.out, /^no agent runs[\s\S]*✓ offline .*: no token ends meanwhile\n$/);
  assert.notEqual(tokenIn(machine.home), second);
  assert.equal(platform.ledger.live().length, 1);
  for (const { out, err } of [offer, renewed, stopped]) assert.ok(!`${out}${err}`.includes(String(first)));
});

test("next --renew says what it could not renew, and renews the others: exit code 3 where a person is needed, else 1", async (t) => {
  const platform = await startPlatform(t);
  const wish = jfrogWish(platform.url);
  const machine = makeMachine(t, configText(wish));
  const agent = await enrolled(machine, platform);
  assert.equal((await machine.verb("next", "--renew")).code, 2, "renewed for what?");

  const { expiresAt = 0 } = machine.snapshot()?.context.current ?? {};
  const long = await machine.verb(
    "next",
    "--offline",
    `now..${new Date(expiresAt + 86_400_000).toISOString()}`,
    "--renew",
  );
  assert.equal(long.code, 1, "one that is got now would end, too");
  assert.match(long.out, /renewed now it would end .* all the same/);
  assert.equal(machine.events("PAIR_ISSUED").length, 1, "so it is not asked for");
  await agent.stop();

  const span = await away(machine);
  await platform.close();
  const failing = await machine.verb("next", "--offline", span, "--renew");
  assert.equal(failing.code, 1, failing.err);
  assert.match(failing.err, /! jfrog: .*ECONNREFUSED.*dotvault status shows/);
  assert.match(failing.out, /1 token ends meanwhile/);

  machine.home.configure(configText({ ...wish, enrolments: { other: { engine: "sshkey" } } }));
  const none = await machine.verb("next", "--offline", "now..90d", "--renew", "--json");
  assert.equal(none.code, 0, "what the configuration names no more is nobody's to renew");
});

test("next and plan answer with a configuration that is wrong, and without a journal; a damaged one is told as such", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  for (const verb of ["next", "plan"]) assert.equal((await machine.verb(verb)).code, 0, `${verb} before anything`);
  const agent = await enrolled(machine, platform);
  await agent.stop();
  const text = machine.home.read(".config/dotvault/config.yaml");
  machine.home.configure("enrolment: {}\n");
  const next = await machine.verb("next", "--offline", "now..90d");
  assert.equal(next.code, 0, next.err);
  assert.match(next.out, /jfrog ends/, "of what the agent knew");
  assert.equal((await machine.verb("plan")).code, 1);

  machine.home.configure(text);
  for (const rest of ["-wal", "-shm"]) rmSync(`${machine.home.where.journal}${rest}`, { force: true });
  writeFileSync(machine.home.where.journal, "this is no journal at all, and never was one\n".repeat(200));
  for (const verb of ["next", "plan"]) {
    const { code, err, out } = await machine.verb(verb, "--json");
    assert.equal(code, 1, err);
    assert.match(JSON.parse(out).error.code, /^journal\./);
    assert.match(err, /dotvault: .*journal/);
    assert.doesNotMatch(err, /unexpected/);
  }
});
