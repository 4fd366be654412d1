import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { StoreFailure } from "../../src/adapters/store-port.ts";
import type { VaultAnswer } from "../../src/adapters/vault/answer.ts";
import type { VaultClient, VaultRequest } from "../../src/adapters/vault/client.ts";
import type { LoginMethod } from "../../src/adapters/vault/login/method.ts";
import { unattendedLogin } from "../../src/adapters/vault/login/unattended.ts";
import { SessionStage } from "../support/vault-session.ts";

/** The session's rules about time and crashes, where a real server would need hours. Against OpenBao: contract/vault-logins. */

type Answer = { readonly status: number; readonly body?: unknown };
type Answers = (request: VaultRequest) => Answer | Promise<Answer>;

const stages: SessionStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.stop();
});

const LOGIN = "auth/ci/login";
const RENEW = "auth/token/renew-self";
const MINUTE = 60_000;

function sessionOf(answers: Answers, more: { renews?: boolean; method?: LoginMethod } = {}) {
  const asked: string[] = [];
  const client: VaultClient = {
    async call(request): Promise<VaultAnswer> {
      if (request.path.startsWith("sys/health")) {
        const { status = 200 } = request.path === "" ? {} : await health(answers, request);
        return { status, headers: {}, serverTime: 0, body: undefined };
      }
      asked.push(request.path);
      return { headers: {}, serverTime: 0, body: undefined, ...(await answers(request)) };
    },
  };
  const method = more.method ?? unattendedLogin("ci", { method: "jwt", jwt: "x" });
  const stage = new SessionStage({ client, method, renews: more.renews ?? true, now: 0 });
  stages.push(stage);
  const logins = () => asked.filter((path) => path === LOGIN).length;
  return { stage, asked, logins };
}

/** A server that is down says so here, too; the rest of the script knows nothing of health. */
async function health(answers: Answers, request: VaultRequest): Promise<{ status?: number }> {
  const { status } = await answers(request);
  return status >= 500 ? { status } : {};
}

const auth = (token: string, seconds: number, renewable = true): Answer => ({
  status: 200,
  body: { auth: { client_token: token, lease_duration: seconds, renewable } },
});
const HEALTHY = { status: 200 };

test("a renewal that gives no more time (explicit_max_ttl) is followed by a login before the token's end", async () => {
  let made = 0;
  const { stage, asked } = sessionOf(({ path }) => {
    if (path === LOGIN) return auth(`t${++made}`, 3600);
    return path === RENEW ? auth("t1", 3600 - stage.clock.now() / 1000) : HEALTHY;
  });
  assert.equal(await stage.token(), "t1");
  await stage.pass(2400_000);
  assert.equal(await stage.token(), "t2");
  assert.deepEqual(asked, [LOGIN, RENEW, LOGIN]);
});

for (const [what, renewable, renews] of [
  ["a token that is not renewable", false, true],
  ["a token with vault.disable_token_renewal", true, false],
] as const) {
  test(`${what} is replaced by a login at two thirds of its life, and no renewal is tried`, async () => {
    const { stage, asked } = sessionOf(() => auth("t", 300, renewable), { renews });
    await stage.token();
    await stage.pass(199_000);
    assert.deepEqual(asked, [LOGIN]);
    await stage.pass(1_000);
    assert.deepEqual(asked, [LOGIN, LOGIN]);
  });
}

test("a life of which two thirds are no whole number of milliseconds is journaled like any other", async () => {
  const { stage, asked } = sessionOf(() => auth("t", 20));
  await stage.token();
  await stage.pass(13_334);
  assert.deepEqual([asked, stage.state], [[LOGIN, RENEW], "live"]);
});

test("a periodic token is renewed for ever; a token without end never", async () => {
  const periodic = sessionOf(() => auth("t", 60));
  await periodic.stage.token();
  await periodic.stage.pass(100 * 40_000);
  assert.deepEqual([periodic.logins(), periodic.asked.length], [1, 101]);
  assert.deepEqual(new Set(periodic.asked.slice(1)), new Set([RENEW]));
  const endless = sessionOf(() => auth("t", 0));
  await endless.stage.token();
  await endless.stage.pass(600 * MINUTE);
  assert.deepEqual(endless.asked, [LOGIN]);
});

test("Vault answers 503 for three days past the token's end: no login, two events; then it goes on by itself", async () => {
  let down = false;
  let dead = false;
  const { stage, logins } = sessionOf(({ path }) => {
    if (down) return { status: 503 };
    if (path === LOGIN) return auth("t", 3600);
    return dead ? { status: 403 } : auth("t", 3600);
  });
  await stage.token();
  down = true;
  const events = stage.events.length;
  await stage.pass(3 * 24 * 60 * MINUTE);
  assert.equal(await stage.token(), "t", "only the server's word ends a token");
  assert.deepEqual([logins(), stage.types().slice(events)], [1, ["WOKE", "FAILED"]]);
  [down, dead] = [false, true];
  await stage.pass(16 * MINUTE);
  assert.deepEqual([stage.state, logins()], ["live", 2]);
});

test("Vault is away when the first login is due: who needs a token is told, and the login comes when Vault does", async () => {
  let down = true;
  const { stage, logins } = sessionOf(() => (down ? { status: 503 } : auth("t", 3600)));
  for (let minute = 0; minute < 30; minute++) {
    await assert.rejects(stage.token(), { class: "store.unavailable", waitsForSession: true });
    await stage.pass(MINUTE);
  }
  assert.deepEqual([logins(), stage.types()], [0, ["CONFIGURED", "TOKEN_NEEDED", "FAILED"]]);
  down = false;
  await stage.pass(MINUTE);
  assert.equal(await stage.token(), "t");
  assert.equal(logins(), 1);
});

test("a login that wants a second factor is told as what it is, and is not made again and again", async () => {
  const wish = { mfa_requirement: { mfa_request_id: "r", mfa_constraints: {} } };
  const { stage, logins } = sessionOf(() => ({ status: 200, body: { auth: wish } }));
  for (let tries = 0; tries < 3; tries++) {
    await assert.rejects(stage.token(), { class: "store.token", message: /second factor/, hint: /dotvault login/ });
    await stage.pass(60 * MINUTE);
  }
  assert.equal(logins(), 1);
  assert.equal(stage.session.snapshot.context.refusal?.person, true);
});

test("a restart goes on with the sealed token, and with its renewal: no login", async () => {
  const { stage, asked } = sessionOf(() => auth("sealed-token", 3600));
  await stage.token();
  for (let start = 0; start < 5; start++) {
    stage.crash();
    stage.restart();
    assert.equal(await stage.token(), "sealed-token");
  }
  assert.deepEqual(asked, [LOGIN]);
  await stage.pass(2400_000);
  assert.deepEqual(asked, [LOGIN, RENEW]);
  const told = JSON.stringify(stage.events);
  assert.ok(!told.includes("sealed-token"));
});

test("killed during a login: the answer is lost by name, the next login comes after a pause, and its count is kept", async () => {
  const hangs = Promise.withResolvers<Answer>();
  let first = true;
  const { stage, logins } = sessionOf(({ path }) => {
    if (path !== LOGIN || !first) return auth("t2", 3600);
    first = false;
    return hangs.promise;
  });
  const waiting = stage.token();
  while (logins() === 0) await new Promise(setImmediate);
  stage.crash();
  await assert.rejects(waiting);
  stage.restart();
  assert.equal(stage.state, "signingIn.pausing");
  assert.equal(stage.session.snapshot.context.lost?.count, 1);
  const [lost] = stage.events.slice(-1);
  assert.deepEqual([lost?.event.type, lost?.event.class], ["ANSWER_LOST", "agent.restarted"]);
  await stage.pass(MINUTE);
  assert.deepEqual([await stage.token(), logins(), stage.session.snapshot.context.lost], ["t2", 2, null]);
});

test("killed during a renewal: it is simply asked for again", async () => {
  const hangs = Promise.withResolvers<Answer>();
  let renewals = 0;
  const { stage, asked } = sessionOf(({ path }) =>
    path === RENEW && ++renewals === 1 ? hangs.promise : auth("t", 60),
  );
  await stage.token();
  stage.clock.moveTo(40_000);
  while (renewals === 0) await new Promise(setImmediate);
  stage.crash();
  stage.restart();
  await stage.settle();
  assert.deepEqual([asked, stage.state], [[LOGIN, RENEW, RENEW], "live"]);
});

test("what can't be had twice is journaled before it is used, and serves every later login, after a crash as well", async () => {
  const seen: (string | undefined)[] = [];
  let unwrapped = 0;
  const method: LoginMethod = {
    name: "approle",
    needsPerson: false,
    fingerprint: async () => "file",
    async login({ kept, now }) {
      seen.push(kept && Buffer.from(kept).toString());
      if (kept)
        return {
          kind: "granted",
          life: { token: `t${seen.length}`, expiresAt: now() + 9000, dueAt: now() + 6000, renewable: false },
        };
      unwrapped++;
      return { kind: "kept", secret: Buffer.from("secret-id") };
    },
  };
  const { stage } = sessionOf(() => HEALTHY, { method });
  await stage.token();
  await stage.pass(6_000);
  stage.crash();
  stage.restart();
  await stage.pass(6_000);
  assert.deepEqual([seen, unwrapped], [[undefined, "secret-id", "secret-id", "secret-id"], 1]);
  assert.ok(!JSON.stringify(stage.events).includes("secret-id"));
});

test("a lost answer while the agent runs is named as well; one that is known not to have been sent is a plain retry", async () => {
  let failure: StoreFailure | undefined = new StoreFailure("store.unreachable", "reset", { sent: "maybe" });
  const { stage, logins } = sessionOf(({ path }) => {
    if (path === LOGIN && failure !== undefined) throw failure;
    return auth("t", 3600);
  });
  await assert.rejects(stage.token(), { class: "store.unavailable", message: /answer to a login/ });
  assert.equal(stage.types().at(-1), "ANSWER_LOST");
  failure = new StoreFailure("store.unreachable", "refused", { sent: "no" });
  await stage.pass(5 * MINUTE);
  assert.equal(stage.types().filter((type) => type === "ANSWER_LOST").length, 1);
  assert.ok(logins() > 2);
  failure = undefined;
  await stage.pass(MINUTE);
  assert.deepEqual([await stage.token(), stage.state], ["t", "live"]);
});

test("another identity in the configuration: the old one's token is not presented any more", async () => {
  let made = 0;
  const { stage } = sessionOf(({ path }) => (path === LOGIN ? auth(`t${++made}`, 3600) : HEALTHY));
  assert.equal(await stage.token(), "t1");
  stage.crash();
  stage.restart({ identity: "another role" });
  assert.equal(await stage.token(), "t2");
  await stage.settle();
  assert.equal(stage.journal.sealedRefs(stage.session.stream).length, 1);
});

const GIVE_BACK = "auth/token/revoke-self";
const DAY = 24 * 60 * MINUTE;

/** Logged in at vault.test; what the server says to the token's return. */
async function loggedIn(returned: (request: VaultRequest) => Answer) {
  let made = 0;
  const given: unknown[] = [];
  const { stage } = sessionOf((request) => {
    if (request.path === LOGIN) return auth(`t${++made}`, 3 * DAY);
    if (request.path === GIVE_BACK) given.push(request.token);
    return /lookup|revoke-self|ui\/mounts/.test(request.path) ? returned(request) : HEALTHY;
  });
  assert.equal(await stage.token(), "t1");
  return { stage, given, rows: () => stage.journal.sealedRefs("vault/vault.test").length };
}

for (const [what, change] of [
  ["another server", { host: "elsewhere.test" }],
  ["the embedded store", { host: null }],
] as const) {
  test(`the configuration names ${what}: the token is revoked at the old address, and its row goes`, async () => {
    const { stage, given, rows } = await loggedIn(() => ({ status: 204 }));
    stage.crash();
    stage.restart(change);
    await stage.settle();
    assert.deepEqual([given, stage.reached], [["t1"], ["https://vault.test"]]);
    assert.deepEqual([stage.typesAt("vault.test").slice(-2), rows()], [["LEFT", "GIVEN_BACK"], 0]);
    stage.crash();
    stage.restart();
    await stage.settle();
    assert.equal(given.length, 1);
  });
}

test("another identity or method: the old token is revoked; a login with the new one does not wait for it", async () => {
  const { stage, given, rows } = await loggedIn(() => ({ status: 503 }));
  stage.crash();
  stage.restart({ identity: "another role" });
  assert.equal(await stage.token(), "t2");
  await stage.settle();
  assert.deepEqual([given, rows()], [["t1"], 2]);
});

test("the old server is away for good: tried within a day, then on record as not revoked; nothing sealed is left", async () => {
  const { stage, given, rows } = await loggedIn(() => ({ status: 503 }));
  stage.crash();
  stage.restart({ host: null });
  await stage.pass(2 * DAY);
  assert.deepEqual(stage.typesAt("vault.test").slice(-3), ["LEFT", "FAILED", "NOT_GIVEN_BACK"]);
  assert.ok(given.length > 8 && given.length < 300, String(given.length));
  assert.equal(rows(), 0);
});

for (const [what, lookup, event] of [
  ["knows the token no more", 403, { type: "GIVEN_BACK", how: "gone" }],
  ["lets nobody revoke by a policy", 200, { type: "NOT_GIVEN_BACK", class: "store.denied" }],
] as const) {
  test(`the old server ${what}: told as such, and not asked again`, async () => {
    const { stage, given } = await loggedIn(({ path }) => ({ status: path === GIVE_BACK ? 403 : lookup }));
    stage.crash();
    stage.restart({ host: null });
    await stage.pass(2 * DAY);
    const [last] = stage.journal.events({ stream: "vault/vault.test", newestFirst: true, limit: 1 });
    assert.deepEqual({ ...last?.event, ...event }, last?.event);
    assert.equal(given.length, 1);
  });
}

test("killed in a login, then another server in the configuration: the lost answer is named before it is left", async () => {
  const { stage } = sessionOf(({ path }) => (path === LOGIN ? new Promise<Answer>(() => {}) : HEALTHY));
  void stage.token().catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  stage.crash();
  stage.restart({ host: "elsewhere.test" });
  assert.deepEqual(stage.typesAt("vault.test").slice(-2), ["ANSWER_LOST", "LEFT"]);
});
