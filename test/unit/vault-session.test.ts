import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreFailure } from "../../src/adapters/store-port.ts";
import type { LoginMethod } from "../../src/adapters/vault/login/method.ts";
import { type Answer, auth, HEALTHY, LOGIN, MINUTE, RENEW, sessionOf } from "../support/vault-session-script.ts";

/** The session's rules about time and crashes, where a real server would need hours. Against OpenBao: contract/vault-logins. */

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
