import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  makeMachine,
  showsLivePair,
  snapshotOf,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, digest, jfrogWish } from "../support/home.ts";

const FILE = ".jfrog/jfrog-cli.conf.v6";

describe("from the login to the file", { concurrency: 3 }, () => {
  test("enrol, store, render beside the user's other servers, rotate at the half-life, the file follows", async (t) => {
    const platform = await startPlatform(t, { capSeconds: 8 });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const other = { serverId: "work", url: "https://work.example/", accessToken: "theirs", isDefault: true };
    machine.home.put(FILE, JSON.stringify({ version: "6", servers: [other] }));
    const agent = machine.run();
    const enrolled = await machine.verb("enrol", "jfrog");
    assert.equal(enrolled.code, 0, enrolled.err);
    assert.match(enrolled.err, /credentials acquired for @ada/);
    await machine.until("the rotated pair in the file", (reader) => {
      const issued = [...reader.events()].filter(({ event }) => event.type === "PAIR_ISSUED").length;
      return issued > 1 && tokenIn(machine.home, FILE, 1) !== undefined;
    });
    assert.equal((await agent.stop()).code, 0);
    const file = JSON.parse(machine.home.read(FILE));
    assert.equal(file.version, "6");
    assert.deepEqual(file.servers[0], other);
    assert.equal(file.servers.length, 2);
    const [live] = platform.ledger.live();
    assert.equal(platform.ledger.byAccessToken(file.servers[1].accessToken)?.tokenId, live?.tokenId);
    assert.equal(platform.ledger.live().length, 1);
    assert.equal(platform.ledger.pairs.find(({ by }) => by === "login")?.state, "revoked");
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("two terminals follow one login", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    machine.run();
    await machine.untilState("idle.missing");
    const terminals = [machine.start("enrol", "jfrog"), machine.start("enrol", "jfrog")];
    const urls = await machine.until("both show a URL", () => {
      const shown = terminals.map((one) => /open (\S+) in your browser/.exec(one.err())?.[1]);
      return shown.every((url) => url !== undefined) && shown;
    });
    assert.equal(urls[0], urls[1]);
    platform.approve();
    for (const one of terminals) assert.equal((await machine.end(one)).code, 0);
    assert.equal(platform.calls.filter(({ kind }) => kind === "register").length, 1);
    await machine.until("the file", () => showsLivePair(machine.home, platform));
  });

  test("enrol without a running agent does the agent's part itself, and the next agent goes on from there", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const enrolled = await machine.verb("enrol");
    assert.equal(enrolled.code, 0, enrolled.err);
    assert.ok(showsLivePair(machine.home, platform), "the file is there when enrol has ended");
    machine.run();
    await machine.untilState("active");
    await platform.waitFor("revoke", 1, "ended");
    assert.equal(platform.ledger.pairs.filter(({ by }) => by === "mint").length, 1);
    assert.equal(platform.ledger.pairs.find(({ by }) => by === "login")?.state, "revoked");
  });

  test("run without a terminal prints no login URL and opens no browser; enrol does both", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const recorder = "browser.sh";
    const machine = makeMachine(t, configText(jfrogWish(platform.url)), { BROWSER: "browser.sh" });
    const { directory } = machine.home;
    chmodSync(machine.home.put(recorder, `#!/bin/sh\nprintf '%s\\n' "$1" >> "$HOME/opened"\n`), 0o700);
    const inPath = { PATH: `${directory}:${machine.home.env.PATH}` };
    Object.assign(machine.home.env, inPath);
    const agent = machine.run();
    await machine.untilState("idle.missing");
    await machine.until("the person was asked", (reader) => reader.openIntents().length === 0);
    assert.ok(!existsSync(join(directory, "opened")));
    const enrolling = machine.start("enrol", "jfrog");
    const url = await machine.until("a URL", () => /✓ Opened (\S+) in browser/.exec(enrolling.err())?.[1]);
    assert.equal(machine.home.read("opened").trim(), url);
    platform.approve();
    assert.equal((await machine.end(enrolling)).code, 0);
    assert.equal(machine.home.read("opened").trim(), url, "once");
    const { out, err } = await agent.stop();
    for (const secret of [url, new URL(url).searchParams.get("jfClientSession") ?? "?"]) {
      assert.ok(!`${out}${err}`.includes(secret), "the agent says nothing of the login");
    }
  });

  test("run on a terminal enrols what is missing by itself, but not what a person has un-enrolled", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const first = machine.onTerminal("run");
    await untilSettled(machine, platform);
    await machine.until("it says so", () => first.out().includes("credentials acquired for @ada"));
    assert.match(first.out(), /○ jfrog \(JFrog\) — missing/);
    assert.equal((await machine.verb("revoke", "jfrog")).code, 0);
    first.signal("SIGTERM");
    assert.equal((await machine.end(first)).code, 0);
    const second = machine.onTerminal("run");
    await machine.until("it has looked", () => second.out().includes("checking enrolments"));
    await machine.until("nothing is under way", (reader) => reader.openIntents().length === 0);
    second.signal("SIGTERM");
    assert.equal((await machine.end(second)).code, 0);
    assert.ok(!second.out().includes("missing"));
    assert.deepEqual(machine.snapshot()?.value, { idle: "unenrolled" });
    assert.equal(platform.calls.filter(({ kind }) => kind === "register").length, 1);
  });

  test("enrol on an active enrolment says so and asks nobody; --again signs in anew and the old pair goes", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    machine.run();
    await machine.verb("enrol", "jfrog");
    const idle = await machine.verb("enrol", "jfrog");
    assert.equal(idle.code, 0);
    assert.match(idle.err, /jfrog is active/);
    assert.equal(platform.calls.filter(({ kind }) => kind === "register").length, 1);
    const again = await machine.verb("enrol", "jfrog", "--again");
    assert.equal(again.code, 0, again.err);
    const minted = platform.ledger.pairs.filter(({ by }) => by === "mint");
    assert.equal(minted.length, 2);
    await machine.until("the new token in the file", () => minted[1]?.accessDigest === digestIn(machine.home));
    // Those of what the two logins gave may be under way as well.
    const open = await machine.until("its revocation is journaled", (reader) => {
      const old = snapshotOf(reader)?.context.cleanups.find(({ why }) => why === "superseded");
      return reader.openIntents().find(({ kind, subject }) => kind === "revoke" && subject === old?.ref.id);
    });
    assert.equal(open.params.after, 60_000, "a running jf finishes with the old one first");
  });
});

function digestIn(home: Parameters<typeof tokenIn>[0]) {
  return digest(tokenIn(home) ?? "");
}
