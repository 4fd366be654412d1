import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { acquireLock } from "../../src/journal/lock.ts";
import {
  enrolled,
  makeMachine,
  showsLivePair,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish, listing } from "../support/home.ts";
import { startOpenBao } from "../support/openbao.ts";

describe("verbs and the agent", { concurrency: 4 }, () => {
  test("a second agent ends with 1 and names the first; verbs go to the one that runs", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const second = await machine.verb("run");
    assert.equal(second.code, 1);
    assert.match(second.err, new RegExp(`pid ${agent.pid}\\b`));
    const before = tokenIn(machine.home);
    const refreshed = await machine.verb("refresh", "jfrog");
    assert.equal(refreshed.code, 0, refreshed.err);
    await untilSettled(machine, platform);
    assert.notEqual(tokenIn(machine.home), before);
    rmSync(join(machine.home.directory, ".jfrog"), { recursive: true });
    const synced = await machine.verb("sync");
    assert.equal(synced.code, 0, synced.err);
    assert.ok(showsLivePair(machine.home, platform), "sync has written it when it ends");
    assert.equal((await agent.stop()).code, 0);
  });

  test("an agent that is started while a verb does its work waits for it, and goes on from there", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const enrolling = machine.start("enrol", "jfrog");
    await machine.untilState("polling");
    const agent = machine.run();
    await machine.until("it waits", () => agent.err().includes("waiting for"));
    platform.approve();
    assert.equal((await machine.end(enrolling)).code, 0);
    await untilSettled(machine, platform);
    await machine.until("the agent has started", () => agent.err().includes("agent started"));
    agent.signal("SIGINT");
    assert.equal((await machine.end(agent)).code, 0);
  });

  test("SIGTERM and SIGINT are heard while an agent still waits for its turn: it ends by itself, and `--once` says that nothing was done", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText({ enrolments: { ssh: { engine: "sshkey" } } }));
    await machine.verb("run", "--once");
    assert.ok(machine.snapshot("ssh"), "there is a journal to look into");
    machine.home.configure(configText(jfrogWish(platform.url)));
    const { stateDir } = machine.home.where;
    const verb = acquireLock({ directory: stateDir, command: "dotvault sync", clock: Date.now });
    assert.ok("release" in verb);
    t.after(() => verb.release());
    for (const [signal, code, ...args] of [
      ["SIGTERM", 0],
      ["SIGINT", 0, "--revoke-on-exit"],
      ["SIGTERM", 1, "--once"],
    ] as const) {
      const agent = machine.run(...args);
      await machine.until("it waits", () => agent.err().includes("waiting for"));
      agent.signal(signal);
      const ended = await machine.end(agent);
      assert.deepEqual([ended.code, ended.signal], [code, null], ended.err);
    }
    assert.deepEqual(platform.calls, []);
  });

  test("refresh, sync and revoke without an agent do its part themselves", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
    assert.ok(showsLivePair(machine.home, platform));
    rmSync(join(machine.home.directory, ".jfrog"), { recursive: true });
    assert.equal((await machine.verb("sync")).code, 0);
    assert.ok(showsLivePair(machine.home, platform));
    assert.equal((await machine.verb("revoke", "jfrog")).code, 0);
    assert.deepEqual(platform.ledger.live(), []);
    assert.equal((await machine.verb("refresh", "jfrog")).code, 1, "nothing to rotate any more");
  });

  test("un-enrolled: secret and tokens are gone, the file stays, no start begins a login, enrol does", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const token = tokenIn(machine.home);
    const revoked = await machine.verb("revoke", "jfrog");
    assert.equal(revoked.code, 0, revoked.err);
    assert.deepEqual(
      platform.ledger.pairs.map(({ state }) => state),
      ["revoked", "revoked"],
    );
    assert.equal(tokenIn(machine.home), token);
    await agent.stop();
    const once = await machine.verb("run", "--once");
    assert.equal(once.code, 0, "a person wanted it so");
    assert.deepEqual(machine.snapshot()?.value, { idle: "unenrolled" });
    assert.equal(platform.calls.filter(({ kind }) => kind === "register").length, 1);
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    assert.ok(showsLivePair(machine.home, platform));
    assert.ok(machine.events("REVOKE_ASKED").length === 1, "the history stays");
  });

  test("run --once: 3 while a person is needed, 0 when all is well", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    assert.equal((await machine.verb("run", "--once")).code, 3);
    assert.equal((await machine.verb("enrol")).code, 0);
    assert.equal((await machine.verb("run", "--once")).code, 0);
  });

  test("a dry run changes nothing anywhere: no home, no rotation, no file", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const before = listing(machine.home.directory);
    const fresh = await machine.verb("run", "--dry-run");
    assert.equal(fresh.code, 0, fresh.err);
    assert.deepEqual(listing(machine.home.directory), before);

    platform.switches.capSeconds = 6;
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    const token = tokenIn(machine.home) ?? "?";
    machine.home.put(".jfrog/jfrog-cli.conf.v6", '{"servers": [], "version": "6"}');
    const dueAt = platform.ledger.live()[0]?.expiresAt ?? 0;
    await machine.until("a rotation is due", () => Date.now() > dueAt - 2_000);
    const [home, ledger, calls] = [
      listing(machine.home.directory),
      JSON.stringify(platform.ledger),
      platform.calls.length,
    ];
    for (const verb of ["run", "sync"]) {
      const dry = await machine.verb(verb, "--dry-run");
      assert.equal(dry.code, 0, dry.err);
      assert.match(dry.err, /would change/);
      assert.match(dry.out, /^\+.*"serverId"/m);
      assert.ok(!dry.out.includes(token), "the token is masked");
    }
    assert.deepEqual(listing(machine.home.directory), home);
    assert.deepEqual([JSON.stringify(platform.ledger), platform.calls.length], [ledger, calls]);
  });

  test("a dry run leaves Vault as it is, and an unreachable one is an error for --once", async (t) => {
    const platform = await startPlatform(t);
    const bao = await startOpenBao();
    t.after(() => bao.kill());
    const machine = makeMachine(t, configText(jfrogWish(platform.url, { vault: { address: bao.address } })), {
      DOTVAULT_TOKEN: "root",
    });
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    const versions = async () => {
      const path = `secret/metadata/users/${userInfo().username}/jfrog`;
      return ((await bao.api("GET", path)) as { data: object }).data;
    };
    const [home, metadata] = [listing(machine.home.directory), await versions()];
    assert.equal((await machine.verb("run", "--dry-run")).code, 0);
    assert.deepEqual(listing(machine.home.directory), home);
    assert.deepEqual(await versions(), metadata);
    await bao.kill();
    assert.equal((await machine.verb("run", "--once")).code, 1);
  });

  test("a missing key is named, nothing is sealed with a new one", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    const { key } = machine.home.where;
    rmSync(key);
    const [home, calls] = [listing(machine.home.directory), platform.calls.length];
    for (const verb of [["run"], ["enrol", "jfrog"], ["sync"]]) {
      const { code, err } = await machine.verb(...verb);
      assert.equal(code, 1);
      assert.match(err, /the key .* is missing/);
      assert.ok(err.includes("embedded store"), "what is lost is named");
    }
    assert.ok(!existsSync(key));
    assert.equal(platform.calls.length, calls);
    const after = listing(machine.home.directory);
    for (const path of [machine.home.where.journal, machine.home.where.store].map((one) =>
      one.slice(machine.home.directory.length + 1),
    ))
      assert.equal(after[path], home[path]);
  });

  test("an SSH key needs nobody and nothing: enrolled, stored, rendered", async (t) => {
    const rule = {
      name: "key",
      vault_key: "ssh",
      target: { path: "~/.ssh/id_dotvault", format: "text", template: "{{ .private_key }}" },
    };
    const machine = makeMachine(
      t,
      configText({ enrolments: { ssh: { engine: "sshkey", settings: { comment: "mine" } } }, rules: [rule] }),
    );
    const { code, err } = await machine.verb("enrol", "ssh");
    assert.equal(code, 0, err);
    assert.match(machine.home.read(".ssh/id_dotvault"), /^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    assert.equal((await machine.verb("run", "--once")).code, 0);
    assert.equal((await machine.verb("revoke", "ssh")).code, 0);
  });
});
