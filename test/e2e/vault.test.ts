import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { after, before, describe, type TestContext, test } from "node:test";
import {
  enrolled,
  type Machine,
  makeMachine,
  showsLivePair,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, digest, jfrogWish } from "../support/home.ts";
import { startGateway } from "../support/home-gateway.ts";
import { mountKv, type OpenBao, seal, startOpenBao } from "../support/openbao.ts";

let bao: OpenBao;
let mounts = 0;

/** A secret as KVv2 shows it. */
interface Shown {
  readonly data: Readonly<Record<string, string>> | null;
  readonly metadata: { readonly version: number; readonly deletion_time: string };
}

const USER = userInfo().username;

async function secretIn(mount: string, server = bao): Promise<Shown> {
  const answer = await fetch(`${server.address}/v1/${mount}/data/users/${USER}/jfrog`, {
    headers: { "x-vault-token": "root" },
  });
  return ((await answer.json()) as { data: Shown }).data;
}

async function freshMount(): Promise<string> {
  const mount = `kv${mounts++}`;
  await mountKv(bao, mount);
  return mount;
}

function machineOn(t: TestContext, url: string, vault: { address: string; mount: string }): Machine {
  return makeMachine(t, configText(jfrogWish(url, { vault, interval: "1s" })), { DOTVAULT_TOKEN: "root" });
}

describe("with OpenBao", { concurrency: 5 }, () => {
  before(async () => {
    bao = await startOpenBao();
  });
  after(() => bao.stop());

  // First, since it waits for a minute of the store's clock.
  test("a machine dies with the new pair: the other deletes nothing, and the late write wins", async (t) => {
    const platform = await startPlatform(t);
    const mount = await freshMount();
    const gateway = await startGateway(t, bao.address);
    const one = machineOn(t, platform.url, { address: gateway.address, mount });
    const other = machineOn(t, platform.url, { address: bao.address, mount });
    const dying = await enrolled(one, platform);
    other.run();
    await untilSettled(other, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await one.ask("refresh", { name: "jfrog" });
    await held.struck();
    await gateway.down();
    held.release();
    await one.until(
      "the pair is sealed",
      (reader) => [...reader.events()].filter(({ event }) => event.type === "PAIR_ISSUED")[1],
    );
    await dying.kill();
    await other.ask("refresh", { name: "jfrog" });
    await other.untilState("refreshing.waiting");
    // The lease ends a minute after it was written, by the store's clock.
    await other.until(
      "the other knows who has it",
      (reader) => {
        const snapshot = reader.head("enrolment/jfrog")?.snapshot as { value?: unknown } | undefined;
        return JSON.stringify(snapshot?.value).includes("heldElsewhere");
      },
      100_000,
    );
    assert.equal(other.events("REMOVED").length, 0);
    assert.equal((await secretIn(mount)).metadata.version, 1);
    await gateway.up();
    one.run();
    await untilSettled(one, platform);
    await untilSettled(other, platform);
    assert.equal((await secretIn(mount)).data?.access_token, tokenIn(other.home));
    assert.equal(platform.ledger.stalePresentations().length, 1, "the other looked once");
  });

  test("enrol, store, render, rotate; fields and versions of others survive", async (t) => {
    const platform = await startPlatform(t, { capSeconds: 8 });
    const mount = await freshMount();
    const machine = machineOn(t, platform.url, { address: bao.address, mount });
    await bao.api("POST", `${mount}/data/users/${USER}/jfrog`, { data: { note: "mine" } });
    const agent = machine.run();
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    await machine.until("rotated", (reader) => [...reader.events()].filter(({ event }) => event.type === "STORED")[1]);
    await agent.stop();
    const { data, metadata } = await secretIn(mount);
    assert.equal(data?.note, "mine");
    assert.ok(metadata.version >= 3);
    assert.equal(platform.ledger.live()[0]?.accessDigest, digest(data?.access_token ?? ""));
    assert.equal(data?.access_token, tokenIn(machine.home));
    assert.deepEqual(platform.ledger.stalePresentations(), []);
    const fields = ["access_token", "expires_at", "issued_at", "note", "refresh_token", "server_id", "url", "user"];
    assert.deepEqual(Object.keys(data ?? {}).sort(), fields);
  });

  test("the network goes away during a rotation: the file has the sealed pair, the store gets it later", async (t) => {
    const platform = await startPlatform(t);
    const mount = await freshMount();
    const gateway = await startGateway(t, bao.address);
    const machine = machineOn(t, platform.url, { address: gateway.address, mount });
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await gateway.down();
    held.release();
    await machine.until("the file has the sealed pair", () => showsLivePair(machine.home, platform));
    await machine.until("the store is missed", (reader) =>
      [...reader.events()].some(({ event }) => event.type === "FAILED" && event.intent === "store"),
    );
    assert.equal((await secretIn(mount)).metadata.version, 1);
    await agent.kill();
    await gateway.up();
    machine.run();
    await untilSettled(machine, platform);
    assert.equal((await secretIn(mount)).metadata.version, 2);
    assert.equal((await secretIn(mount)).data?.access_token, tokenIn(machine.home));
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("no store, no rotation: past the half-life it waits, and nothing is presented", async (t) => {
    const platform = await startPlatform(t);
    const mount = await freshMount();
    const gateway = await startGateway(t, bao.address);
    const machine = machineOn(t, platform.url, { address: gateway.address, mount });
    await enrolled(machine, platform);
    await gateway.down();
    await machine.ask("refresh", { name: "jfrog" });
    await machine.until("the claim fails", (reader) =>
      reader.openIntents().some(({ kind, failure }) => kind === "claim" && failure !== null),
    );
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 0);
    await gateway.up();
    await machine.until("rotated", (reader) => [...reader.events()].filter(({ event }) => event.type === "STORED")[1]);
    await untilSettled(machine, platform);
  });

  test("sealed during a rotation and back with nothing in it: the pair is delivered all the same", async (t) => {
    const platform = await startPlatform(t);
    const own = await startOpenBao();
    let current = own;
    t.after(() => current.kill());
    const machine = machineOn(t, platform.url, { address: own.address, mount: "secret" });
    await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await seal(own);
    held.release();
    await machine.until("the store says that it is sealed", (reader) =>
      [...reader.events()].some(({ event }) => event.type === "FAILED" && event.class === "store.sealed"),
    );
    await machine.until("the file has the sealed pair", () => showsLivePair(machine.home, platform));
    await own.kill();
    current = await startOpenBao({ port: Number(new URL(own.address).port) });
    await machine.until(
      "delivered",
      (reader) => [...reader.events()].filter(({ event }) => event.type === "STORED")[1],
    );
    assert.equal((await secretIn("secret", current)).data?.access_token, tokenIn(machine.home));
  });

  test("two machines, one rotates, the other adopts; un-enrolled on one, idle on both", async (t) => {
    const platform = await startPlatform(t);
    const mount = await freshMount();
    const [one, other] = [0, 1].map(() => machineOn(t, platform.url, { address: bao.address, mount }));
    assert.ok(one && other);
    await enrolled(one, platform);
    const otherAgent = other.run();
    await untilSettled(other, platform);
    assert.equal(platform.calls.filter(({ kind }) => kind === "mint").length, 1);
    assert.equal((await one.verb("refresh", "jfrog")).code, 0);
    await untilSettled(one, platform);
    await untilSettled(other, platform);
    assert.equal(tokenIn(one.home), tokenIn(other.home));
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 1);

    const revoked = await one.verb("revoke", "jfrog");
    assert.equal(revoked.code, 0, revoked.err);
    const { data, metadata } = await secretIn(mount);
    assert.deepEqual([data, metadata.version, metadata.deletion_time !== ""], [null, 2, true]);
    await other.untilState("idle.missing");
    assert.equal(other.snapshot()?.context.ask?.code, "secret-gone");
    assert.deepEqual(
      platform.ledger.pairs.map(({ state }) => state),
      ["revoked", "refreshed", "revoked"],
    );
    await otherAgent.stop();
    assert.equal((await other.verb("run", "--once")).code, 3, "that machine was not told by its person");
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("both rotate at once: the lease lets one through, the other adopts", async (t) => {
    const platform = await startPlatform(t);
    const mount = await freshMount();
    const [one, other] = [0, 1].map(() => machineOn(t, platform.url, { address: bao.address, mount }));
    assert.ok(one && other);
    await enrolled(one, platform);
    other.run();
    await untilSettled(other, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "before" });
    await one.ask("refresh", { name: "jfrog" });
    await held.struck();
    await other.ask("refresh", { name: "jfrog" });
    await other.untilState("refreshing.waiting");
    assert.equal(other.snapshot()?.context.heldBy?.phase, "presented");
    held.release();
    await untilSettled(one, platform);
    await untilSettled(other, platform);
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 1);
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("a token that OpenBao does not know is named, and the agent waits", async (t) => {
    const platform = await startPlatform(t);
    const mount = await freshMount();
    const machine = machineOn(t, platform.url, { address: bao.address, mount });
    Object.assign(machine.home.env, { DOTVAULT_TOKEN: "nobody" });
    const once = await machine.verb("run", "--once");
    assert.equal(once.code, 1, once.err);
    assert.match(once.err, /store\.token/);
  });
});
