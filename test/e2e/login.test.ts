import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

describe("a login outlives what happens to it", { concurrency: 4 }, () => {
  test("polling goes on after a 503, a 429, a reset and a cut answer", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    // Between two of them the service answers: every trouble is a first one.
    const faults = [
      platform.inject({ on: "register", kind: "status", status: 503 }),
      platform.inject({ on: "poll", kind: "status", status: 503 }),
      platform.inject({ on: "poll", kind: "status", status: 429, body: "empty", retryAfter: 1, skip: 2 }),
      platform.inject({ on: "poll", kind: "reset", skip: 4 }),
      platform.inject({ on: "poll", kind: "cut", where: "connection", skip: 6 }),
    ];
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    machine.run();
    const enrolling = machine.start("enrol", "jfrog");
    await machine.until("every fault has struck", () => faults.every(({ hits }) => hits === 1));
    platform.approve();
    const { code, err } = await machine.end(enrolling);
    assert.equal(code, 0, err);
    assert.match(err, /trying again/);
    await untilSettled(machine, platform);
    assert.equal(platform.ledger.pairs.filter(({ by }) => by === "login").length, 1);
  });

  test("polling goes on after an answer that never came", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const stalled = platform.inject({ on: "poll", kind: "stall", part: "headers" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await stalled.struck();
    platform.approve();
    await untilSettled(machine, platform);
    assert.match(String(machine.events("FAILED")[0]?.event.class), /timeout/);
  });

  test("SIGKILL while the person signs in: the next start polls for the same session", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await machine.untilState("polling");
    const session = machine.snapshot()?.context.session?.ref;
    await platform.waitFor("poll", 1, "ended");
    await agent.kill();
    platform.approve();
    machine.run();
    await untilSettled(machine, platform);
    assert.equal(platform.calls.filter(({ kind }) => kind === "register").length, 1);
    const asked = machine.events("ENROL_ASKED").map(({ event }) => event.session);
    assert.deepEqual(asked, [session]);
  });

  test("SIGKILL while the login is registered: it is registered again under the same session", async (t) => {
    const platform = await startPlatform(t);
    const held = platform.inject({ on: "register", kind: "hold", when: "after" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await held.struck();
    await agent.kill();
    machine.run();
    await untilSettled(machine, platform);
    assert.equal(platform.calls.filter(({ kind }) => kind === "register").length, 2);
    assert.equal(machine.events("ENROL_ASKED").length, 1);
  });

  test("SIGKILL of the agent while a terminal follows: the terminal itself brings the login home", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = machine.run();
    await machine.untilState("idle.missing");
    const enrolling = machine.start("enrol", "jfrog");
    await machine.untilState("polling");
    await agent.kill();
    platform.approve();
    const { code, err } = await machine.end(enrolling);
    assert.equal(code, 0, err);
    assert.match(err, /credentials acquired for @ada/);
  });

  test("an answer that was lost with the token in it is named, and a new login works", async (t) => {
    const platform = await startPlatform(t, { collectedPoll: 404 });
    platform.inject({ on: "poll", kind: "cut", where: "json" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    machine.run();
    const { code, err } = await machine.verb("enrol", "jfrog");
    assert.equal(code, 3, err);
    assert.equal(machine.snapshot()?.context.ask?.code, "login-maybe-collected");
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    await machine.untilState("active");
  });

  test("a mint that is refused for a while is repeated with the same login", async (t) => {
    const platform = await startPlatform(t);
    platform.inject({ on: "mint", kind: "status", status: 503, times: 2 });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await machine.until("a mint failed", (reader) => reader.openIntents().some(({ failure }) => failure !== null));
    await agent.kill();
    machine.run();
    await untilSettled(machine, platform);
    assert.equal(platform.ledger.pairs.filter(({ by }) => by === "login").length, 1);
    assert.equal(platform.ledger.pairs.filter(({ by }) => by === "mint").length, 1);
  });

  test("a mint whose answer was lost leaves an orphan, which is found by its description and revoked", async (t) => {
    const platform = await startPlatform(t);
    platform.inject({ on: "mint", kind: "reset", when: "after" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await untilSettled(machine, platform);
    const minted = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.deepEqual(
      minted.map(({ state }) => state),
      ["revoked", "live"],
    );
    assert.equal(minted[0]?.description, minted[1]?.description);
  });

  test("SIGKILL while the mint is answered: one pair is kept, the orphan is revoked", async (t) => {
    const platform = await startPlatform(t);
    const held = platform.inject({ on: "mint", kind: "hold", when: "after" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await held.struck();
    await agent.kill();
    machine.run();
    await untilSettled(machine, platform);
    const minted = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.deepEqual(
      minted.map(({ state }) => state),
      ["revoked", "live"],
    );
  });
});
