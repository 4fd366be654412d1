import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { after, before, test } from "node:test";
import {
  type Child,
  enrolled,
  type Machine,
  makeMachine,
  startPlatform,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { totp } from "../support/login.ts";
import { Browser, startIdentityProvider } from "../support/oidc.ts";
import { mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { documentedPolicies } from "../support/policies.ts";
import { enforceTotp } from "../support/second-factor.ts";

/** Logins that need a person, as one makes them: `dotvault login` at a terminal, the agent beside it, a browser over HTTP. */

let bao: OpenBao;
const cleanups: (() => unknown)[] = [];

before(async () => {
  bao = await startOpenBao();
  await mountKv(bao, "kv");
  await bao.api("POST", "sys/policies/acl/dotvault", { policy: documentedPolicies(userInfo().username).dotvault });
  const provider = await startIdentityProvider({ after: (work) => void cleanups.push(work) });
  await provider.attach(bao, "dotvault");
});
after(async () => {
  for (const cleanup of cleanups) await cleanup();
  await bao?.stop();
});

async function personsMachine(t: Parameters<typeof makeMachine>[0], vault: object) {
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const machine = makeMachine(t, JSON.stringify({ ...written, vault: { address: bao.address, ...vault } }));
  return { platform, machine };
}

/** What a program has shown, from the first line that matches. */
function shown(machine: Machine, child: Child, pattern: RegExp): Promise<string> {
  return machine.until(`it shows ${pattern}`, () => {
    if (!child.running) throw new Error(`it ended: ${child.out()}${child.err()}`);
    return pattern.exec(`${child.out()}${child.err()}`)?.[1];
  });
}

/** OpenBao's tokens, as they look. */
function showsNoToken(machine: Machine): void {
  for (const { path } of machine.outputs)
    assert.doesNotMatch(readFileSync(path, "utf8"), /\bs\.[A-Za-z0-9]{20,}/, path);
}

test("oidc: the agent waits and says so; one sign-in in a browser, and the work goes on, through SIGKILL without another", async (t) => {
  const { platform, machine } = await personsMachine(t, { auth_method: "oidc", oidc_callback_port: 0 });
  const agent = machine.run();
  await machine.ask("enrol", { name: "jfrog" });
  await machine.until("the agent waits for a login", (reader) => reader.lastSeq() > 0);
  const child = machine.start("login");
  const link = await shown(machine, child, /^(http:\S+)$/m);
  assert.match(child.err(), /ssh -L \d+:localhost:\d+/);
  const page = await fetch(await new Browser("ada").signIn(link));
  assert.match(await page.text(), /You are signed in/);
  const { code, err } = await machine.end(child);
  assert.equal(code, 0, err);
  assert.match(err, /✓ logged in to Vault as ada \(oidc\)/);
  await untilSettled(machine, platform);
  await agent.kill();
  machine.run();
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  assert.equal(machine.events("LOGGED_IN").length, 1);
  assert.match((await machine.verb("login")).err, /already logged in/);
  showsNoToken(machine);
});

test("oidc: Ctrl-C leaves at once, the port is free, the terminal is usable, and the next sign-in goes well", async (t) => {
  const { platform, machine } = await personsMachine(t, { auth_method: "oidc", oidc_callback_port: 0 });
  const terminal = machine.onTerminal("login");
  const link = await shown(machine, terminal, /(http:\/\/127\S+)/);
  terminal.press("\u0003");
  const { code, err } = await machine.end(terminal);
  assert.equal(code, 130);
  assert.match(err, /terminal: usable/);
  await assert.rejects(fetch(new URL(link).searchParams.get("redirect_uri") ?? ""), "nobody listens any more");
  const child = machine.start("login");
  await fetch(await new Browser("ada").signIn(await shown(machine, child, /^(http:\S+)$/m)));
  assert.equal((await machine.end(child)).code, 0);
  await enrolled(machine, platform);
  showsNoToken(machine);
});

test("oidc: what the provider refuses is told, with exit code 3", async (t) => {
  const { machine } = await personsMachine(t, { auth_method: "oidc", oidc_callback_port: 0 });
  const child = machine.start("login");
  const page = new URL(await shown(machine, child, /^(http:\S+)$/m));
  const back = new URL(page.searchParams.get("redirect_uri") ?? "");
  back.search = new URLSearchParams({ error: "access_denied", state: page.searchParams.get("state") ?? "" }).toString();
  await fetch(back);
  const { code, err } = await machine.end(child);
  assert.equal(code, 3);
  assert.match(err, /✗ the provider did not let you in: access_denied/);
});

test("a password and a second factor at a terminal: the password is never echoed, however soon it is typed; a mistyped code may be typed again", async (t) => {
  await bao.api("POST", "sys/auth/userpass", { type: "userpass" });
  await bao.api("POST", "auth/userpass/users/ada", { password: "correct horse", token_policies: "dotvault" });
  const url = await enforceTotp(bao, "userpass", "ada");
  const { platform, machine } = await personsMachine(t, { auth_method: "userpass", username: "ada" });
  const terminal = machine.onTerminal("login");
  await shown(machine, terminal, /(Password of ada at Vault:)/);
  terminal.press("correct horse\r");
  await shown(machine, terminal, /(Code \(totp\):)/);
  terminal.press("000000\r");
  await shown(machine, terminal, /(Vault does not take that code)/);
  terminal.press(`${totp(url)}\r`);
  const { code, out } = await machine.end(terminal);
  assert.equal(code, 0, out);
  assert.match(out, /✓ logged in to Vault/);
  assert.ok(!out.includes("correct horse"), out);
  await enrolled(machine, platform);
  showsNoToken(machine);
});
