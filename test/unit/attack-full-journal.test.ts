import assert from "node:assert/strict";
import { test } from "node:test";
import { wait } from "../../src/agent/durably.ts";
import { enrolledWorld, failEvery, fillDisk, presenting } from "../support/disk-trouble.ts";
import { MINUTE } from "../support/model/world.ts";

const types = (world: Awaited<ReturnType<typeof enrolledWorld>>) =>
  world.journal.recorded.map(({ event }) => event.type);

test("a rotation's answer that the journal can't take is in the store within seconds, and journaled when it can", async () => {
  const world = await enrolledWorld();
  await presenting(world);
  const before = world.journal.lastSeq();
  const makeRoom = fillDisk(world.journal);
  await world.runFor(5_000);
  assert.equal(world.stored?.access_token, "token-3");
  assert.equal(world.journal.lastSeq(), before);
  await world.runFor(70 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3", "nothing is rotated without a journal");
  makeRoom();
  const { version } = world.store.readNow("jfrog");
  await world.runFor(5_000);
  assert.deepEqual(types(world).slice(before, before + 2), ["PAIR_ISSUED", "STORED"]);
  assert.ok(world.store.readNow("jfrog").version >= version);
});

test("the journal that has room again writes nothing a second time", async () => {
  const world = await enrolledWorld();
  await presenting(world);
  const makeRoom = fillDisk(world.journal);
  await world.runFor(10_000);
  const { version } = world.store.readNow("jfrog");
  makeRoom();
  await world.runFor(10_000);
  assert.equal(world.state, "active.resting");
  assert.equal(world.store.readNow("jfrog").version, version);
  assert.equal(world.jfrog.presentations.length, 1);
});

test("an agent that is killed while the disk is full finds the pair in the store and adopts it", async () => {
  const world = await enrolledWorld();
  await presenting(world);
  const makeRoom = fillDisk(world.journal);
  await world.runFor(10_000);
  await world.crash(() => false);
  makeRoom();
  await world.boot();
  await world.runFor(MINUTE);
  assert.equal(world.state, "active.resting");
  assert.equal(world.stored?.access_token, "token-3");
  assert.equal(world.jfrog.presentations.length, 1, "nothing was presented again");
  assert.deepEqual(
    world.checks.findings.filter((what) => !what.includes("journal.full")),
    [],
  );
});

test("without a store either the pair waits in memory, and goes to whichever is back first", async () => {
  const world = await enrolledWorld();
  await presenting(world);
  const makeRoom = fillDisk(world.journal);
  await world.settle();
  world.storeDown = true;
  let asked = 0;
  const { read } = world.store;
  world.store.read = (...args) => {
    asked += 1;
    return read.apply(world.store, args);
  };
  await world.runFor(60 * MINUTE);
  assert.ok(asked < 60, `the store was asked ${asked} times in an hour`);
  assert.equal(world.stored?.access_token, "token-2");
  world.storeDown = false;
  await world.runFor(16 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3");
  makeRoom();
  await world.runFor(MINUTE);
  assert.equal(world.state, "active.resting");
});

test("another machine's live pair is not overwritten by an answer that was not journaled", async () => {
  const world = await enrolledWorld();
  await presenting(world);
  const makeRoom = fillDisk(world.journal);
  await world.settle();
  world.rival.enrol();
  const theirs = world.stored?.access_token;
  await world.runFor(10_000);
  assert.equal(world.stored?.access_token, theirs);
  makeRoom();
  await world.runFor(2 * MINUTE);
  assert.equal(world.stored?.access_token, theirs);
  assert.equal(world.state, "active.resting");
  assert.ok(types(world).includes("STORE_CONFLICT"));
});

test("a mint that can't be journaled is not stored: a repeated one would have it swept from there", async () => {
  const world = await enrolledWorld();
  await world.ask("enrol", { again: true });
  world.attended = true;
  while (world.state !== "exchanging.minting") await world.settle();
  const before = world.stored?.access_token;
  const makeRoom = fillDisk(world.journal);
  await world.runFor(MINUTE);
  assert.equal(world.stored?.access_token, before);
  makeRoom();
  await world.runFor(MINUTE);
  assert.notEqual(world.stored?.access_token, before);
  assert.equal(world.state, "active.resting");
});

test("a wait whose signal was given before it began is over: it keeps no stopped agent alive", async () => {
  const clock = { now: () => 0, at: () => assert.fail("nothing is waited for") };
  await wait(clock, 60_000, AbortSignal.abort());
});

for (let nth = 2; nth <= 9; nth++) {
  test(`a journal whose every ${nth}th write fails: enrolled and rotated as ever, each pair presented once`, async () => {
    const world = await enrolledWorld();
    const heal = failEvery(world.journal, nth);
    for (let hours = 0; hours < 3; hours++) await world.runFor(60 * MINUTE);
    await world.ask("refresh");
    await world.runFor(5 * MINUTE);
    heal();
    await world.runFor(20 * MINUTE);
    assert.equal(world.state, "active.resting");
    assert.ok(world.jfrog.presentations.length >= 4, `${world.jfrog.presentations.length} rotations`);
    assert.equal(types(world).filter((type) => type === "ANSWER_LOST" || type === "REFUSED").length, 0);
    assert.ok(world.stored && world.jfrog.isAlive(world.stored));
    const odd = world.checks.findings.filter((what) => !/journal\.full|no space left|a fact could not/.test(what));
    assert.deepEqual(odd, []);
  });
}
