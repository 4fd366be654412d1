import assert from "node:assert/strict";
import { existsSync } from "node:fs";
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
import { configText, jfRule, jfrogWish } from "../support/home.ts";

describe("a configuration that changes", { concurrency: 4 }, () => {
  test("SIGHUP brings a new rule; a broken configuration changes nothing", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const second = ".second/jfrog-cli.conf.v6";
    const two = [jfRule(), { ...jfRule("jfrog", `~/${second}`), name: "second" }];
    machine.home.configure(configText(jfrogWish(platform.url, { rules: two })));
    agent.signal("SIGHUP");
    await machine.until("the second file", () => existsSync(join(machine.home.directory, second)));

    machine.home.configure("enrolments: {jfrog: {engine: jfrgo}}\nrules: []\n");
    agent.signal("SIGHUP");
    await machine.until("it is named", () => agent.err().includes("going on with the last one"));
    const before = tokenIn(machine.home);
    await machine.ask("refresh", { name: "jfrog" });
    await machine.until(
      "the agent works on",
      () => tokenIn(machine.home) !== before && tokenIn(machine.home, second) !== before,
    );
    await untilSettled(machine, platform);
    assert.ok(showsLivePair(machine.home, platform, second));
  });

  test("a provider that hangs holds up nobody: not at the login, not in a rotation", async (t) => {
    const [platform, hanging] = [await startPlatform(t), await startPlatform(t)];
    const other = ".other/jfrog-cli.conf.v6";
    const wish = {
      enrolments: {
        jfrog: { engine: "jfrog", settings: { url: platform.url } },
        "team/hanging": { engine: "jfrog", settings: { url: hanging.url } },
      },
      rules: [jfRule(), jfRule("team/hanging", `~/${other}`)],
    };
    const machine = makeMachine(t, configText(wish));
    const login = hanging.inject({ on: "register", kind: "hold" });
    machine.run();
    await machine.ask("enrol", { name: "team/hanging" });
    await login.struck();
    await machine.ask("enrol", { name: "jfrog" });
    await untilSettled(machine, platform);
    login.release();
    await machine.untilState("active.resting", "team/hanging");
    const rotation = hanging.inject({ on: "refresh", kind: "hold" });
    await machine.ask("refresh", { name: "team/hanging" });
    await rotation.struck();
    await machine.ask("refresh", { name: "jfrog" });
    await machine.until("rotated", () => platform.calls.some(({ kind }) => kind === "refresh"));
    await untilSettled(machine, platform);
    rotation.release();
    await machine.until("the other too", () => hanging.ledger.pairs.some(({ by }) => by === "refresh"));
    await machine.until("its file", () => showsLivePair(machine.home, hanging, other));
  });

  test("SIGHUP while the agent still starts: it does not end it, and what was written meanwhile holds", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText({ enrolments: { ssh: { engine: "sshkey" } } }));
    await machine.verb("run", "--once");
    assert.ok(machine.snapshot("ssh"), "there is a journal to look into");
    const { stateDir } = machine.home.where;
    const verb = acquireLock({ directory: stateDir, command: "dotvault sync", clock: Date.now });
    assert.ok("release" in verb);
    const agent = machine.run();
    await machine.until("it waits for its turn", () => agent.err().includes("waiting for"));
    machine.home.configure(configText(jfrogWish(platform.url)));
    agent.signal("SIGHUP");
    verb.release();
    await machine.until("read again", () => agent.err().includes("configuration read again"));
    await machine.ask("enrol", { name: "jfrog" });
    await untilSettled(machine, platform);
  });

  test("a changed url: the pair is presented to nobody else, the person is asked, and going back is enough", async (t) => {
    const [platform, elsewhere] = [await startPlatform(t, { capSeconds: 20 }), await startPlatform(t)];
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    machine.home.configure(configText(jfrogWish(elsewhere.url)));
    agent.signal("SIGHUP");
    await machine.untilState("active.moved");
    assert.equal(machine.snapshot()?.context.ask?.code, "moved");
    const { code, err } = await machine.verb("refresh", "jfrog");
    assert.notEqual(code, 0, err);
    await agent.kill();
    assert.equal((await machine.verb("run", "--once")).code, 3);
    assert.deepEqual(elsewhere.calls, []);
    machine.home.configure(configText(jfrogWish(platform.url)));
    machine.run();
    await machine.until("rotated at home", () => platform.calls.some(({ kind }) => kind === "refresh"));
    await machine.untilState("active.resting");
    assert.deepEqual(elsewhere.calls, []);
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("an enrolment that is taken out pauses and keeps its secret; back in, it goes on", async (t) => {
    // Long enough that no rotation is under way when it is taken out.
    const platform = await startPlatform(t, { capSeconds: 20 });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    const dueAt = await machine.until("a timer", (reader) => reader.wakes().find(({ name }) => name === "rotate")?.at);
    const other = { ssh: { engine: "sshkey" } };
    machine.home.configure(configText({ enrolments: other }));
    agent.signal("SIGHUP");
    await machine.until("read again", () => agent.err().includes("configuration read again"));
    const calls = platform.calls.filter(({ kind }) => kind === "refresh").length;
    await machine.until("past its half-life", () => Date.now() > dueAt + 1_000);
    assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, calls);
    assert.equal((await machine.verb("refresh", "jfrog")).code, 2);
    machine.home.configure(configText(jfrogWish(platform.url)));
    agent.signal("SIGHUP");
    await machine.until("rotated", () => platform.calls.filter(({ kind }) => kind === "refresh").length > calls);
    await machine.until("the file follows", () => showsLivePair(machine.home, platform));
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });
});
