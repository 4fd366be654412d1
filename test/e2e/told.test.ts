import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { enrolled, type Machine, makeMachine, startPlatform } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

/** A desktop on which notifications are written down, a line each. */
function withDesktop(machine: Machine, program = "notify-send"): void {
  const { home } = machine;
  chmodSync(
    home.put(`bin/${program}`, `#!/bin/sh\nfor last; do :; done\nprintf '%s\\n' "$last" >> "$HOME/told"\n`),
    0o700,
  );
  Object.assign(home.env, { PATH: `${join(home.directory, "bin")}:${home.env.PATH}`, DISPLAY: ":0" });
}

function told({ home }: Machine): string[] {
  return existsSync(join(home.directory, "told")) ? home.read("told").trim().split("\n") : [];
}

describe("what a person is told", { concurrency: 2 }, () => {
  test("once an episode, also across restarts; status says what to run and exits 3; the service prints no login", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    withDesktop(machine);
    const first = machine.run();
    await machine.until("told", () => told(machine).length > 0);
    await machine.until("it is journaled", (reader) => reader.openIntents().length === 0);
    await first.kill();
    const restartedAt = Date.now();
    const second = machine.run();
    await machine.until("all is looked at again", (reader) => Number(reader.fact("syncs")) >= restartedAt);
    assert.deepEqual(told(machine), ["jfrog needs you: nobody has signed in yet · dotvault enrol jfrog"]);
    const status = await machine.verb("status");
    assert.equal(status.code, 3);
    assert.match(status.out, /run: dotvault enrol jfrog/);
    const check = await machine.verb("login-check", "--quiet");
    assert.deepEqual([check.code, check.out], [3, ""]);
    assert.equal(check.err, "dotvault: jfrog needs you: nobody has signed in yet · dotvault enrol jfrog\n");
    const enrolling = machine.start("enrol", "jfrog");
    const session = await machine.until("a link", () => /jfClientSession=([0-9a-f-]{36})/.exec(enrolling.err())?.[1]);
    await machine.ask("cancel", { name: "jfrog" });
    assert.equal((await machine.end(enrolling)).code, 3);
    assert.equal(told(machine).length, 1, "whoever gives a login up was there");
    const { err } = await second.stop();
    assert.ok(first.err().includes(told(machine)[0] ?? "?"), "the log says it, too");
    assert.ok(!`${err}${told(machine).join()}`.includes(session), "no session in the log, none on the desktop");
  });

  test("that nobody is logged in to Vault: once, also across restarts", async (t) => {
    const platform = await startPlatform(t);
    const vault = { address: "http://127.0.0.1:9" };
    const machine = makeMachine(t, configText(jfrogWish(platform.url, { vault })));
    withDesktop(machine);
    const first = machine.run();
    await machine.until("told", () => told(machine).length > 0);
    const [notice = ""] = told(machine);
    assert.match(notice, /^the store needs you: .*Vault/);
    await first.kill();
    const restartedAt = Date.now();
    const second = machine.run();
    await machine.until("it has found that out again", (reader) => {
      const trouble = reader.fact("storeTrouble") as { at?: number } | null | undefined;
      return (trouble?.at ?? 0) >= restartedAt && Number(reader.fact("syncs")) >= restartedAt;
    });
    await second.stop();
    assert.deepEqual(told(machine), [notice]);
    const check = await machine.verb("login-check", "--quiet");
    assert.equal(check.code, 3);
    const bring = "put a token into ~/.dotvault-token (mode 0600) or DOTVAULT_TOKEN";
    assert.equal(check.err, `dotvault: Vault needs you: nobody is logged in · ${bring}\n`);
  });

  test("a rotation killed on its way: status tells it while nobody runs, then how it came out, as do log and desktop", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    withDesktop(machine, "gdbus");
    const agent = await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "before" });
    platform.inject({ on: "refresh", kind: "reset", when: "before" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await agent.kill();
    held.release();
    const gone = await machine.verb("status");
    assert.match(gone.out, /a rotation was sent at \d\d:\d\d:\d\d and no answer was recorded; the next start asks/);
    assert.equal(gone.code, 1);
    const again = machine.run();
    await machine.untilState("active");
    const came =
      /a rotation was sent at \d\d:\d\d:\d\d and no answer was recorded;? *\n? *asked again: the old pair still works, nothing was lost \([\d.]+ s\)/;
    const status = await machine.verb("status");
    assert.match(status.out, came);
    const [enrolment] = JSON.parse((await machine.verb("status", "--json")).out).enrolments;
    const { state, reason, outcome, lostAt, outcomeAt } = enrolment.unanswered;
    assert.deepEqual([state, reason, outcome], ["over", "agent.restarted", "answered"]);
    const { out } = await machine.verb("log", "jfrog");
    assert.match(
      out,
      /a rotation was sent at \d\d:\d\d:\d\d and no answer was recorded: the agent was stopped meanwhile/,
    );
    assert.match(out, /new pair sealed.*asked again: the old pair still works, nothing was lost/);
    await machine.until("told on the desktop", () => told(machine).length > 0);
    assert.equal(machine.events("NOTIFIED").at(-1)?.event.code, "answer-lost");
    const why = await machine.verb("why", "jfrog");
    const tookWords = `nothing was lost (${((Date.parse(outcomeAt) - Date.parse(lostAt)) / 1000).toFixed(1)} s)`;
    const places = { status: status.out, log: out, why: why.out, agent: again.err() };
    for (const [place, text] of Object.entries(places))
      assert.ok(text.includes(tookWords), `${place}: ${tookWords}\n${text}`);
  });
});
