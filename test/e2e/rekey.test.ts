import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { rekeyStore } from "../../src/adapters/embedded/rekey.ts";
import { createEmbeddedStore } from "../../src/adapters/embedded/store.ts";
import { finishRekeying } from "../../src/commands/assembly/finish-rekey.ts";
import { lockStore } from "../../src/commands/demo/store-lock.ts";
import { checkJournal } from "../../src/journal/check/check.ts";
import { rekeyJournal } from "../../src/journal/rekey.ts";
import type { Key } from "../../src/seal/key.ts";
import { createKey, loadKey } from "../../src/seal/key-file.ts";
import { Stage } from "../contract/command-stage.ts";
import { enrolled, type Machine, makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;

test("a pair that waits sealed, and the embedded store, have the new key: the next start delivers it", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  assert.match((await machine.verb("journal", "rekey")).err, /an agent has the journal/);
  const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
  await machine.ask("refresh", { name: "jfrog" });
  await held.struck();
  const letGo = lockStore(machine.home.where.store);
  held.release();
  await machine.until("the store refuses", (reader) =>
    reader.openIntents().some(({ kind, failure }) => kind === "store" && failure),
  );
  await agent.kill();
  letGo();
  const before = loadKey(machine.home.where.key);
  const { code, out } = await machine.verb("journal", "rekey");
  assert.equal(code, 0);
  const key = loadKey(machine.home.where.key);
  assert.notEqual(key?.id, before?.id);
  assert.match(out, new RegExp(`sealed with key ${key?.id} now .*key ${before?.id} opens backups`));
  assert.equal((await machine.verb("journal", "check")).code, 0);
  machine.run();
  await untilSettled(machine, platform);
  assert.equal(platform.ledger.pairs.filter(({ by }) => by === "login").length, 1, "nobody had to sign in again");
  assert.equal((await machine.verb("status")).code, 0);
});

/** After so many of its steps a rekeying was killed. */
for (const steps of [0, 1, 2]) {
  test(`killed after ${steps} of its steps: what reads finds the key, what writes finishes it`, async () => {
    using stage = new Stage(Date.now());
    const { where, key: from } = await furnished(stage);
    const to = createKey(where.nextKey);
    if (steps > 0) rekeyJournal({ directory: where.stateDir, from, to, at: stage.now });
    if (steps > 1) await rekeyStore(where.store, from, to);
    const checked = await stage.type("dotvault journal check");
    assert.match(checked.out, /the chain holds, checked with the key/);
    assert.equal((await finishRekeying(where, stage.now)).id, to.id);
    await assertWhole(stage, to);
  });
}

test("a journal that does not hold is not vouched for by a new key", async () => {
  using stage = new Stage(Date.now());
  const { where, key } = await furnished(stage);
  const { code, err } = await stage.type("dotvault journal rekey");
  assert.equal(code, 0, err);
  assert.notEqual(loadKey(where.key)?.id, key.id);
  const db = new Sqlite(where.journal);
  db.prepare("UPDATE events SET at = at + 1 WHERE seq = 1").run();
  db.close();
  const refused = await stage.type("dotvault journal rekey");
  assert.deepEqual([refused.code, existsSync(where.nextKey)], [1, false]);
  assert.match(refused.err, /the journal is damaged, and stays as it is: event 1 is not as it was written/);
});

test("SIGKILL at any moment: the next run finishes it, and nothing is lost", async (t) => {
  const machine = makeMachine(t, configText({ enrolments: {} }));
  const { where } = machine.home;
  const store = createEmbeddedStore({ path: where.store, key: createKey(where.key), clock: Date.now });
  const names = Array.from({ length: 50 }, (_, i) => `s${i}`);
  for (const name of names) await store.write(name, { value: name }, 0);
  await store.close();
  assert.equal((await machine.verb("run", "--once")).code, 0, "there is a journal");
  let kills = 0;
  for (let ms = 80; ms < 420; ms += 20) {
    const child = spawn(process.execPath, [MAIN, "journal", "rekey"], { env: machine.home.env, stdio: "ignore" });
    const ended = once(child, "exit");
    await Promise.race([pause(ms), ended]);
    if (child.kill("SIGKILL")) kills += 1;
    await ended;
  }
  assert.ok(kills > 0);
  assert.equal((await machine.verb("journal", "rekey")).code, 0);
  await assertEverySecretOpens(machine, names);
  assert.deepEqual(
    readdirSync(where.dataDir).filter((name) => name.includes("next")),
    [],
  );
});

async function furnished(stage: Stage) {
  const { where } = stage;
  const key = loadKey(where.key);
  assert.ok(key);
  stage.enrolment("jfrog", "polling", {});
  stage.journal.close();
  const store = createEmbeddedStore({ path: where.store, key, clock: () => stage.now });
  for (const name of ["one", "two", "gone"]) await store.write(name, { name }, 0);
  await store.softDelete("gone", 1);
  await store.close();
  return { where, key };
}

async function assertWhole({ where, now }: Stage, key: Key): Promise<void> {
  assert.equal(loadKey(where.key)?.id, key.id);
  assert.ok(!existsSync(where.nextKey));
  assert.deepEqual(checkJournal(where.stateDir, key)?.problems, []);
  const store = createEmbeddedStore({ path: where.store, key, clock: () => now });
  assert.deepEqual(await store.names(), ["one", "two"]);
  const found = await store.read("one");
  assert.deepEqual(found.state === "present" && found.fields, { name: "one" });
  await store.close();
}

async function assertEverySecretOpens({ home }: Machine, names: readonly string[]): Promise<void> {
  const key = loadKey(home.where.key);
  assert.ok(key);
  assert.deepEqual(checkJournal(home.where.stateDir, key)?.problems, []);
  const store = createEmbeddedStore({ path: home.where.store, key, clock: Date.now });
  for (const name of names) {
    const found = await store.read(name);
    assert.deepEqual(found.state === "present" && found.fields, { value: name });
  }
  await store.close();
}
