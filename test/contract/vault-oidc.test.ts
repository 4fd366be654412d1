import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import type { LoginPorts } from "../../src/adapters/vault/login/method.ts";
import { type OidcWish, oidcLogin } from "../../src/adapters/vault/login/oidc/login.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { loginDesk, scripted, tokenOf } from "../support/login.ts";
import { Browser, type IdentityProvider, startIdentityProvider } from "../support/oidc.ts";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";

/** Signing in with a browser: OpenBao's own server, a real identity provider, and the browser's part over HTTP. */

let bao: OpenBao;
const http = createHttp();
const cleanups: (() => unknown)[] = [];
let provider: IdentityProvider;

before(async () => {
  bao = await startOpenBao();
  provider = await startIdentityProvider({ after: (work) => void cleanups.push(work) });
  await provider.attach(bao, "default");
});
after(async () => {
  for (const cleanup of cleanups) await cleanup();
  await http.close();
  await bao?.stop();
});

/** A sign-in under way: its page's address, and its end. */
async function begun(t: TestContext, wish: Partial<OidcWish> = {}, more: Partial<LoginPorts> = {}) {
  const opened = Promise.withResolvers<URL>();
  const person = scripted([], (url) => {
    opened.resolve(new URL(url));
    return true;
  });
  const desk = loginDesk(http, bao.address);
  const leave = new AbortController();
  t.after(() => leave.abort());
  const method = oidcLogin("oidc", { callbackPort: 0, nonce: () => "n".repeat(43), ...wish });
  const result = desk.login(method, { person, signal: leave.signal, ...more });
  result.catch(() => {});
  const page = await Promise.race([
    opened.promise,
    result.then((early) => Promise.reject(new Error(JSON.stringify(early)))),
  ]);
  const back = new URL(page.searchParams.get("redirect_uri") ?? "http://nowhere");
  return { desk, person, result, leave, page, back };
}

async function visit(url: string | URL): Promise<{ status: number; text: string; headers: Headers }> {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

test("signing in: PKCE, state and nonce of their own, a page to read at the end, and a token that works", async (t) => {
  const { desk, result, page, person } = await begun(t);
  const [state, nonce, challenge] = ["state", "nonce", "code_challenge"].map((name) => page.searchParams.get(name));
  assert.equal(page.searchParams.get("code_challenge_method"), "S256");
  assert.equal(new Set([state, nonce, challenge, "n".repeat(43)]).size, 4);
  const { status, text, headers } = await visit(await new Browser("ada").signIn(page.href));
  assert.equal(status, 200);
  assert.match(text, /<h1>You are signed in<\/h1>/);
  assert.match(String(headers.get("content-security-policy")), /default-src 'none'/);
  assert.deepEqual([headers.get("referrer-policy"), headers.get("cache-control")], ["no-referrer", "no-store"]);
  const granted = await result;
  const looked = await desk.as(tokenOf(granted), "auth/token/lookup-self");
  assert.match(JSON.stringify(looked.body), /"display_name":"oidc-ada"/);
  assert.equal(granted.kind === "granted" && granted.life.who, "ada");
  assert.deepEqual(person.told, ["Opened the sign-in page in your browser. Waiting for you there…"]);
});

test("without a browser the link is printed, with the way there from another machine", async (t) => {
  const person = scripted([]);
  const desk = loginDesk(http, bao.address);
  const leave = new AbortController();
  t.after(() => leave.abort());
  const link = Promise.withResolvers<string>();
  const tell = (line: string) => {
    person.tell(line);
    if (line.startsWith("  http")) link.resolve(line.trim());
  };
  const method = oidcLogin("oidc", { role: "dev", callbackPort: 0, nonce: () => "m".repeat(43) });
  const result = desk.login(method, { person: { ...person, tell }, signal: leave.signal });
  await visit(await new Browser("ada").signIn(await link.promise));
  tokenOf(await result);
  assert.match(person.told.join("\n"), /From another machine, first: ssh -L \d+:localhost:\d+ <this machine>/);
});

test("a wrong, a missing, a doubled state, and any other address are turned away, and the sign-in goes on", async (t) => {
  const { result, page, back } = await begun(t);
  const state = page.searchParams.get("state") ?? "";
  const stray = (query: string, path = back.pathname) => visit(new URL(`${path}?${query}`, back));
  for (const query of [
    "code=x&state=st_other",
    "code=x",
    "code=x&state=",
    `code=x&state=${state}x`,
    `code=x&state=${state}&state=st_other`,
    "error=access_denied&state=st_other",
    `state=${state}`,
    `code=a&code=b&state=${state}`,
  ]) {
    const { status, text } = await stray(query);
    assert.deepEqual([status, /Not this sign-in/.test(text)], [400, true], query);
    assert.ok(!text.includes(state));
  }
  assert.equal((await stray(`code=x&state=${state}`, "/")).status, 404);
  assert.equal((await stray(`code=x&state=${state}`, "/oidc/callback/")).status, 404);
  assert.equal((await fetch(`${back}?code=x&state=${state}`, { method: "POST" })).status, 400);
  await visit(await new Browser("ada").signIn(page.href));
  tokenOf(await result);
});

test("a page on the network whose name resolves to this machine is turned away", async (t) => {
  const { page, back } = await begun(t);
  const query = `code=x&state=${page.searchParams.get("state")}`;
  const answer = Promise.withResolvers<number>();
  const sent = httpRequest({
    host: "127.0.0.1",
    port: back.port,
    path: `${back.pathname}?${query}`,
    headers: { host: "evil.test" },
  });
  sent.on("response", (response) => answer.resolve(response.resume().statusCode ?? 0)).end();
  assert.equal(await answer.promise, 400);
});

test("the second callback gets nothing: a code counts once", async (t) => {
  const { result, page } = await begun(t);
  const address = await new Browser("ada").signIn(page.href);
  const [one, other] = await Promise.all(
    [visit(address), visit(address)].map((visited) => visited.catch(() => undefined)),
  );
  assert.deepEqual([one?.status ?? 400, other?.status ?? 400].sort(), [200, 400]);
  tokenOf(await result);
  await assert.rejects(visit(address), "nobody listens any more");
});

test("the provider's refusal is told in one line, without control characters", async (t) => {
  const { result, page, back } = await begun(t);
  const error = new URLSearchParams({
    ...{ error: "access_denied", error_description: "no\u001b[31m\nway <b>" },
    state: page.searchParams.get("state") ?? "",
  });
  const { status, text } = await visit(`${back}?${error}`);
  assert.equal(status, 200);
  assert.match(text, /The sign-in was refused \(access_denied: no \[31m way &#60;b&#62;\)/);
  assert.deepEqual(await result, {
    kind: "refused",
    class: "login.denied",
    message: "the provider did not let you in: access_denied: no [31m way <b>",
    hint: "run: dotvault login",
  });
});

test("a code that Vault does not take: refused, and the page sends the person to the terminal", async (t) => {
  const { result, page, back } = await begun(t);
  const { text } = await visit(`${back}?code=forged&state=${page.searchParams.get("state")}`);
  assert.match(text, /<h1>Not signed in<\/h1>/);
  const outcome = await result;
  assert.ok(
    outcome.kind === "refused" && /refuses the login at auth\/oidc/.test(outcome.message),
    JSON.stringify(outcome),
  );
  assert.ok(!JSON.stringify(outcome).includes("forged"));
});

test("whoever saw the browser's address bar can't fetch the token: Vault wants our nonce", async (t) => {
  const { page, result } = await begun(t);
  const seen = new URL(await new Browser("ada").signIn(page.href));
  const stolen = await fetch(`${bao.address}/v1/auth/oidc/oidc/callback${seen.search}`);
  assert.equal(stolen.status, 400);
  assert.match(await stolen.text(), /client_nonce/);
  await visit(seen);
  assert.equal((await result).kind, "refused");
});

test("slow clients hold nobody up", async (t) => {
  const { result, page, back } = await begun(t);
  const slow = Array.from({ length: 8 }, () => connect(Number(back.port), "127.0.0.1").on("error", () => {}));
  for (const socket of slow) socket.write("GET /oidc/callback?co");
  t.after(() => {
    for (const socket of slow) socket.destroy();
  });
  await visit(await new Browser("ada").signIn(page.href));
  tokenOf(await result);
  await Promise.all(slow.map((socket) => (socket.destroyed ? undefined : once(socket, "close"))));
});

test("it listens on this machine alone; a port that is taken is passed over, 0 takes any", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const { back } = await begun(t, { callbackPort: port });
  assert.notEqual(Number(back.port), port);
  for (const host of ["127.0.0.1", ...((await hasIpv6()) ? ["[::1]"] : [])]) {
    assert.equal((await fetch(`http://${host}:${back.port}/`)).status, 404);
  }
  // macOS has no other loopback address to ask.
  if (process.platform !== "linux") return;
  const abroad = connect(Number(back.port), "127.0.0.2");
  const [error] = (await once(abroad, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});

test("a port that somebody holds on ::1 only is passed over, too: a browser might ask there first", async (t) => {
  if (!(await hasIpv6())) return t.skip("no ::1 here");
  const taken = createServer().listen(0, "::1");
  await once(taken, "listening");
  t.after(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const { back } = await begun(t, { callbackPort: port });
  assert.notEqual(Number(back.port), port);
});

test("leaving (Ctrl-C) and waiting too long end it, and the port is free again", async (t) => {
  const left = await begun(t);
  left.leave.abort();
  await assert.rejects(left.result, { class: "store.no-token", message: "the sign-in was broken off" });
  const late = await begun(t, { patience: 30 });
  await assert.rejects(late.result, { class: "store.no-token", message: /nobody has signed in within/ });
  for (const { back } of [left, late]) await assert.rejects(fetch(back), "nobody listens any more");
});

test("a role or a callback address that Vault does not know is named", async () => {
  await bao.api("POST", "auth/oidc/role/elsewhere", {
    ...{ user_claim: "sub", allowed_redirect_uris: ["https://vault.example.com/oidc/callback"] },
  });
  const desk = loginDesk(http, bao.address);
  const login = (role: string) =>
    desk.login(oidcLogin("oidc", { role, callbackPort: 0, nonce: () => "n" }), { person: scripted([]) });
  const elsewhere = await login("elsewhere");
  assert.ok(elsewhere.kind === "refused");
  assert.match(
    elsewhere.message,
    /no sign-in page for the role elsewhere at auth\/oidc and http:\/\/localhost:\d+\/oidc/,
  );
  const unknown = await login("unknown");
  assert.ok(unknown.kind === "refused" && /role \\?"unknown\\?" could not be found/.test(unknown.message));
});

test("nobody at the terminal: nothing is sent, no port is opened", async () => {
  const desk = loginDesk(http, bao.address);
  const method = oidcLogin("oidc", { callbackPort: 0, nonce: () => "n" });
  await assert.rejects(desk.login(method), { class: "store.no-token", hint: "run: dotvault login" });
  assert.deepEqual(desk.sent, []);
});

test("a device role: any browser anywhere; Vault is asked until it has the answer, a slower pace is kept to", async (t) => {
  const pauses: number[] = [];
  let signedIn: Promise<unknown> = Promise.resolve();
  const { desk, result, page, person } = await begun(t, {
    role: "device",
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
      if (pauses.length > 1) await signedIn;
    },
  });
  signedIn = new Browser("eve").signIn(page.href);
  const looked = await desk.as(tokenOf(await result), "auth/token/lookup-self");
  assert.match(JSON.stringify(looked.body), /"display_name":"oidc-eve"/);
  assert.equal(pauses[0], 5_000);
  assert.match(person.told.join("\n"), new RegExp(`It must show this code: ${page.searchParams.get("user_code")}`));
});
