import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createEmbeddedStore } from "../../src/adapters/embedded/store.ts";
import { createKey, loadKey } from "../../src/seal/key-file.ts";
import { enrolled, makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;

describe("store move", { concurrency: 2 }, () => {
  let bao: OpenBao;
  before(async () => {
    bao = await startOpenBao();
  });
  after(() => bao.kill());

  test("an enrolment moves with its credential: nobody signs in again, and it is rotated in Vault from then on", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)), { DOTVAULT_TOKEN: "root" });
    const agent = await enrolled(machine, platform);
    await mountKv(bao, "moved");
    machine.home.configure(configText(jfrogWish(platform.url, { vault: { address: bao.address, mount: "moved" } })));
    assert.match((await machine.verb("store", "move")).err, /an agent is running/);
    await agent.stop();
    assert.match((await machine.verb("store", "move", "--dry-run")).out, /^jfrog → /);
    const moved = await machine.verb("store", "move");
    assert.equal(moved.code, 0, moved.err);
    assert.match(moved.err, /✓ moved: jfrog\n1 secret in /);
    assert.match((await machine.verb("store", "move")).err, /^0 secrets in /, "once more is no error");
    machine.run();
    await untilSettled(machine, platform);
    assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
    await untilSettled(machine, platform);
    assert.equal(platform.ledger.pairs.filter(({ by }) => by === "login").length, 1);
    const user = (await bao.api("LIST", "moved/metadata/users")) as { data: { keys: string[] } };
    const stored = (await bao.api("GET", `moved/metadata/users/${user.data.keys[0]}jfrog`)) as {
      data: { current_version: number };
    };
    assert.equal(stored.data.current_version, 2);
  });

  test("another secret by that name in Vault: both stay, and it says so", async (t) => {
    const machine = makeMachine(t, "{}", { DOTVAULT_TOKEN: "root" });
    await mountKv(bao, "other");
    machine.home.configure(configText({ enrolments: {}, vault: { address: bao.address, mount: "other" } }));
    assert.match((await machine.verb("store", "move")).err, /nothing to move/);
    const store = await embedded(machine.home.where);
    await store.write("mine", { a: "1" }, 0);
    await store.write("both", { a: "1" }, 0);
    await bao.api("POST", `other/data/users/${process.env.USER ?? "root"}/both`, { data: { a: "2" } });
    const { code, err } = await machine.verb("store", "move");
    assert.equal(code, 1);
    assert.match(err, /another secret is there by this name; both stay: both/);
    assert.deepEqual(await store.names(), ["both"]);
    await store.close();
  });

  test("killed at any moment, every secret is in one of the stores, and the next run goes on", async (t) => {
    const machine = makeMachine(t, "{}", { DOTVAULT_TOKEN: "root" });
    await mountKv(bao, "killed");
    machine.home.configure(configText({ enrolments: {}, vault: { address: bao.address, mount: "killed" } }));
    const names = Array.from({ length: 40 }, (_, i) => `s${String(i).padStart(2, "0")}`);
    const store = await embedded(machine.home.where);
    for (const name of names) await store.write(name, { value: name }, 0);
    const user = process.env.USER ?? "root";
    const inVault = async () => {
      const listed = await bao.api("LIST", `killed/metadata/users/${user}`).catch(() => ({ data: { keys: [] } }));
      return (listed as { data: { keys: string[] } }).data.keys;
    };
    let kills = 0;
    for (let ms = 60; (await store.names()).length > 0 && kills < 30; ms += 40) {
      const child = spawn(process.execPath, [MAIN, "store", "move"], { env: machine.home.env, stdio: "ignore" });
      const ended = once(child, "exit");
      await Promise.race([pause(ms), ended]);
      if (child.kill("SIGKILL")) kills += 1;
      await ended;
      const somewhere = new Set([...(await store.names()), ...(await inVault())]);
      assert.deepEqual(
        names.filter((name) => !somewhere.has(name)),
        [],
        `after ${ms} ms`,
      );
    }
    assert.equal((await machine.verb("store", "move")).code, 0);
    assert.deepEqual(await store.names(), []);
    assert.deepEqual((await inVault()).toSorted(), names);
    await store.close();
  });
});

async function embedded(where: { readonly key: string; readonly store: string }) {
  const key = loadKey(where.key) ?? createKey(where.key);
  return createEmbeddedStore({ path: where.store, key, clock: Date.now });
}
