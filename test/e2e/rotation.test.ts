import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lockStore } from "../../src/commands/demo/store-lock.ts";
import {
  enrolled,
  makeMachine,
  showsLivePair,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

describe("a rotation loses nothing that reached this machine", { concurrency: 4 }, () => {
  test("killed with the pair sealed and the store locked: the file has it already, the next start delivers it", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    const letGo = lockStore(machine.home.where.store);
    held.release();
    await machine.until("the store refuses", (reader) =>
      [...reader.events()].some(({ event }) => event.type === "FAILED" && event.intent === "store"),
    );
    await machine.until("the file has the sealed pair", () => showsLivePair(machine.home, platform));
    assert.equal(machine.events("STORED").length, 1);
    await agent.kill();
    letGo();
    machine.run();
    await untilSettled(machine, platform);
    assert.equal(machine.events("STORED").length, 2);
    assert.deepEqual(platform.ledger.stalePresentations(), []);
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 1);
  });

  test("killed while the request was on its way: it never arrived, so the pair is presented once more", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "before" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await agent.kill();
    machine.run();
    await machine.until("rotated", (reader) => [...reader.events()].filter(({ event }) => event.type === "STORED")[1]);
    await untilSettled(machine, platform);
    assert.deepEqual(platform.ledger.stalePresentations(), []);
    assert.equal(machine.events("ANSWER_LOST").length, 1);
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 2);
  });

  test("killed before the answer, the old token is dead: confirmed, removed softly, and a person can enrol anew", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await agent.kill();
    const once = await machine.verb("run", "--once");
    assert.equal(once.code, 3, once.err);
    assert.match(once.err, /jfrog needs you/);
    const { value, context } = machine.snapshot() ?? {};
    assert.equal(value, "revoked");
    assert.equal(context?.ask?.code, "revoked");
    assert.equal(platform.ledger.stalePresentations().length, 1, "one look at the spent pair, no more");
    assert.ok(tokenIn(machine.home), "files keep the last token");
    const { code, err } = await machine.verb("enrol", "jfrog");
    assert.equal(code, 0, err);
    const minted = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.equal(platform.ledger.byAccessToken(tokenIn(machine.home) ?? "")?.tokenId, minted[1]?.tokenId);
    // A soft delete keeps the version number.
    assert.equal(machine.snapshot()?.context.current?.stored?.version, 2);
  });

  test("killed before the answer, the old token lives on: a new pair is minted with it, its lost twin is revoked", async (t) => {
    const platform = await startPlatform(t, { oldAccessToken: "lives" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await agent.kill();
    platform.inject({ on: "mint", kind: "status", status: 503 });
    platform.inject({ on: "mint", kind: "reset", when: "after" });
    machine.run();
    const minted = () => platform.ledger.pairs.filter(({ by }) => by === "mint");
    await machine.until("the file follows the mint whose answer came", (reader) => {
      const [, , third] = minted();
      const swept = [...reader.events()].some(({ event }) => event.type === "SWEPT");
      return swept && third && platform.ledger.byAccessToken(tokenIn(machine.home) ?? "") === third;
    });
    await machine.untilState("active.resting");
    assert.deepEqual(
      minted().map(({ state }) => state),
      ["refreshed", "revoked", "live"],
    );
    assert.equal(machine.events("REMOVED").length, 0);
    assert.equal(platform.ledger.stalePresentations().length, 1);
  });

  test("a reset after the service had rotated is told from one before it", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await enrolled(machine, platform);
    platform.inject({ on: "refresh", kind: "reset", when: "before" });
    const { code, err } = await machine.verb("refresh", "jfrog");
    assert.equal(code, 0, err);
    await untilSettled(machine, platform);
    platform.inject({ on: "refresh", kind: "reset", when: "after" });
    const lost = await machine.verb("refresh", "jfrog");
    assert.equal(lost.code, 3, lost.err);
    assert.match(lost.err, /dotvault enrol jfrog/);
    assert.equal(platform.ledger.stalePresentations().length, 1);
  });

  test("a gateway's 403 page that never reached the service deletes nothing", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await enrolled(machine, platform);
    const gateway = platform.inject({ on: "refresh", kind: "status", status: 403, body: "html", times: 2 });
    const before = tokenIn(machine.home);
    await machine.ask("refresh", { name: "jfrog" });
    await gateway.struck();
    assert.equal(tokenIn(machine.home), before);
    await machine.until("rotated", () => tokenIn(machine.home) !== before);
    await untilSettled(machine, platform);
    assert.equal(machine.events("REMOVED").length, 0);
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("revoked by an administrator: confirmed with one look, removed, said so", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    await enrolled(machine, platform);
    platform.revoke(platform.ledger.live()[0]?.tokenId ?? "");
    const { code, err } = await machine.verb("refresh", "jfrog");
    assert.equal(code, 3, err);
    assert.equal(machine.snapshot()?.value, "revoked");
    assert.equal(platform.ledger.stalePresentations().length, 1);
    assert.equal(machine.events("REMOVED").length, 1);
  });

  test("SIGTERM during a rotation finishes it and exits 0", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    agent.signal("SIGTERM");
    held.release();
    assert.equal((await machine.end(agent)).code, 0);
    assert.equal(machine.events("STORED").length, 2);
    assert.ok(showsLivePair(machine.home, platform));
  });
});
