import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { enrolled, makeMachine, startPlatform, tokenIn } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { makeIssuer } from "../support/tokens.ts";

test("token inspect, verify, print and exec: from the store, a file and stdin; the token is shown to scripts alone", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  await agent.stop();
  const token = tokenIn(machine.home) ?? "";
  const [pair] = platform.ledger.live();

  for (const what of ["jfrog", "~/.jfrog/jfrog-cli.conf.v6"]) {
    const seen = await machine.verb("token", "inspect", what);
    assert.equal(seen.code, 0, seen.err);
    assert.ok(seen.out.includes(`${pair?.tokenId}`), seen.out);
    assert.match(seen.out, /✓ .*a JWT\n {2}user +ada\n {2}subject +jfac@01\w+\/users\/ada\n/);
    assert.match(seen.out, /100 % of its life is left\n[\s\S]*ext +revocable: true\n/);
    assert.ok(!seen.out.includes(token.slice(0, 30)));
  }
  const json = JSON.parse((await machine.verb("token", "inspect", "--json")).out);
  assert.deepEqual(
    [json.schemaVersion, json.tokens.length, json.tokens[0].place, json.tokens[0].tokenId, json.tokens[0].state],
    [1, 1, "jfrog", pair?.tokenId, "valid"],
  );

  const good = await machine.verb("token", "verify", "jfrog");
  assert.equal(good.code, 0, good.err);
  assert.match(good.out, new RegExp(`✓ jfrog {2}jfac@${platform.id} vouches for it\\n {2}key ${platform.kid}`));
  const strange = machine.home.put("strange.pem", makeIssuer("01strange").certificate.toString("base64"));
  const bad = await machine.verb("token", "verify", "jfrog", "--trust", strange);
  assert.deepEqual([bad.code, /none of 1 trusted certificates vouches for it/.test(bad.out)], [1, true]);

  const printed = await machine.verb("token", "print", "jfrog");
  assert.deepEqual([printed.code, printed.out, printed.err], [0, `${token}\n`, ""]);
  assert.equal((await machine.verb("token", "print", "jfrog", "--field", "user")).out, "ada\n");
  const none = await machine.verb("token", "print", "jfrog", "--field", "nothing");
  assert.deepEqual([none.code, /it has: access_token, /.test(none.err)], [2, true]);
});

test("token exec: the credential in the child's environment, its exit code and its signals", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  await agent.stop();
  const token = tokenIn(machine.home);
  const print =
    "const { JF_URL, JF_USER, JF_ACCESS_TOKEN, JFROG_URL, JFROG_ACCESS_TOKEN } = process.env; console.log(JSON.stringify([JF_URL, JF_USER, JF_ACCESS_TOKEN, JFROG_URL, JFROG_ACCESS_TOKEN, process.argv.slice(1)]))";
  const child = await machine.verb("token", "exec", "jfrog", "--", process.execPath, "-e", print, "--", "--json", "-x");
  assert.deepEqual(
    JSON.parse(child.out),
    [platform.url, "ada", token, platform.url, token, ["--json", "-x"]],
    child.err,
  );

  const own = ["token", "exec", "jfrog", "--env", "NPM_TOKEN=access_token", "--", process.execPath, "-e"];
  const ended = await machine.verb(...own, "process.exit(process.env.NPM_TOKEN && !process.env.JF_URL ? 42 : 1)");
  assert.equal(ended.code, 42);
  const missing = await machine.verb("token", "exec", "jfrog", "--", "no-such-program");
  assert.deepEqual([missing.code, /there is no program/.test(missing.err)], [1, true]);

  const ready = join(machine.home.directory, "ready");
  const waits = `process.on('SIGTERM', () => process.exit(7)); require('fs').writeFileSync(${JSON.stringify(ready)}, ''); setInterval(() => {}, 1000)`;
  const waiting = machine.start("token", "exec", "jfrog", "--", process.execPath, "-e", waits);
  await machine.until("the child runs", () => existsSync(ready));
  assert.equal((await waiting.stop()).code, 7, "SIGTERM reached the child");
  const killed = machine.start(
    "token",
    "exec",
    "jfrog",
    "--",
    process.execPath,
    "-e",
    "process.kill(process.pid, 'SIGKILL')",
  );
  assert.equal((await machine.end(killed)).code, 137);
});

test("token print refuses a terminal unless forced", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  await agent.stop();
  const token = tokenIn(machine.home) ?? "";
  const refused = await machine.end(machine.onTerminal("token", "print", "jfrog"));
  assert.equal(refused.code, 2);
  assert.match(refused.out, /a credential is not shown on a terminal/);
  assert.ok(!refused.out.includes(token));
  const forced = await machine.end(machine.onTerminal("token", "print", "jfrog", "--force"));
  assert.ok(forced.out.includes(token.slice(0, 60)));
});
