import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { untilUsed } from "../../src/commands/jfrog/watch.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { enrolled, type Machine, makeMachine, startPlatform } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

// Pairing tokens tie JFrog's services to each other; an administrator hands one over, and dotvault keeps nothing of it.

const USE = "mission-control";

async function machineOf(t: TestContext, user: string, env: Readonly<Record<string, string>> = {}) {
  const platform = await startPlatform(t, { autoApprove: user });
  const machine = makeMachine(t, configText(jfrogWish(platform.url)), env);
  const agent = await enrolled(machine, platform);
  await agent.stop();
  return { platform, machine };
}

async function exchange(platform: Simulator, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${platform.url}/access/api/v1/service_trust/exchange`, { method: "POST", headers })).status;
}

async function untilSaid(machine: Machine, child: { err(): string }, words: RegExp): Promise<void> {
  await machine.until(`it says ${words}`, () => words.test(child.err()));
}

test("printed on request, its use is seen, and nothing of it is kept", async (t) => {
  const { platform, machine } = await machineOf(t, "admin");
  const child = machine.start("jfrog", "pair", "access", USE, "--stdout");
  await untilSaid(machine, child, /waiting for its use/);
  const token = child.out().trim();
  const { code: rotated } = await machine.verb("refresh", "jfrog");
  assert.equal(rotated, 0);
  assert.ok(child.running, "a rotation of our own is no use of it");
  assert.equal(await exchange(platform, token), 200);
  const { code, err } = await machine.end(child);
  assert.equal(code, 0, err);
  assert.match(err, /✓ used, by all appearances: the platform issued the token [0-9a-f-]{36} of your name\n$/);
  const { directory } = machine.home;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) assert.ok(!readFileSync(join(entry.parentPath, entry.name)).includes(token), entry.name);
  }
  assert.ok(!err.includes(token));
});

test("by the clipboard, and by nothing else, where there is one", async (t) => {
  const { platform, machine } = await machineOf(t, "admin");
  const bin = machine.home.put("bin/wl-copy", `#!/bin/sh\nexec cat > "$HOME/clipboard"\n`);
  chmodSync(bin, 0o755);
  const main = join(import.meta.dirname, "../../src/main.ts");
  const env = { PATH: `${join(machine.home.directory, "bin")}:${process.env.PATH}`, WAYLAND_DISPLAY: "w" };
  const child = machine.script(main, ["jfrog", "pair", "access", USE], { env });
  await untilSaid(machine, child, /copied to the clipboard: good until .* for one use\n.*waiting/);
  assert.equal(child.out(), "");
  assert.equal(await exchange(platform, machine.home.read("clipboard")), 200);
  assert.equal((await machine.end(child)).code, 0);
});

test("without a clipboard none is made; whoever is no administrator is told so", async (t) => {
  const { platform, machine } = await machineOf(t, "ada");
  const blind = await machine.verb("jfrog", "pair", "access", USE);
  assert.equal(blind.code, 1);
  assert.match(blind.err, /no clipboard.*\n.*--stdout/);
  assert.equal(platform.calls.filter(({ kind }) => kind === "pairing").length, 0);
  const refused = await machine.verb("jfrog", "pair", "access", USE, "--stdout");
  assert.deepEqual([refused.code, refused.out], [1, ""]);
  assert.match(refused.err, /JFrog refused \(403\).*\n.*only administrators make pairing tokens; this token is of ada/);
  for (const wrong of [["pair"], ["pair", "access"], ["pair", "../x", USE], ["par"]])
    assert.equal((await machine.verb("jfrog", ...wrong)).code, 2, wrong.join(" "));
  assert.ok(!existsSync(join(machine.home.directory, "clipboard")));
});

test("the wait ends with the token's life, a failed look is no end, and Ctrl-C is one", async () => {
  let now = 0;
  const looks: number[] = [];
  const waiting = (stopped = () => false) => ({
    endsAt: 10_000,
    now: () => now,
    pause: async (milliseconds: number) => {
      now += milliseconds;
    },
    stopped,
  });
  const nothing = async () => {
    looks.push(now);
    return undefined;
  };
  assert.equal(await untilUsed(nothing, waiting()), undefined);
  assert.deepEqual(looks, [0, 3_000, 6_000, 9_000, 10_000], "a last look at the very end");
  now = 0;
  assert.equal(await untilUsed(async () => (now >= 6_000 ? "id" : undefined), waiting()), "id");
  assert.equal(
    await untilUsed(
      nothing,
      waiting(() => true),
    ),
    undefined,
  );
});
