import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultClient, VaultRequest } from "../../src/adapters/vault/client.ts";
import { unattendedLogin } from "../../src/adapters/vault/login/unattended.ts";
import { createSession } from "../../src/adapters/vault/session.ts";

/** The session's rules about time, where a real server would need hours. Logins against OpenBao: contract/vault-logins. */

type Answers = (request: VaultRequest) => { readonly status: number; readonly body?: unknown };

function sessionOf(answers: Answers, { renews = true }: { renews?: boolean } = {}) {
  const asked: string[] = [];
  const client: VaultClient = {
    async call(request) {
      asked.push(request.path);
      return { headers: {}, serverTime: 0, body: undefined, ...answers(request) };
    },
  };
  const clock = { now: 0 };
  const session = createSession({
    own: async () => undefined,
    method: unattendedLogin("ci", { method: "jwt", jwt: "x" }),
    client,
    clock: () => clock.now,
    renews,
  });
  return { session, clock, asked };
}

const auth = (token: string, seconds: number, renewable = true) => ({
  status: 200,
  body: { auth: { client_token: token, lease_duration: seconds, renewable } },
});
const LOGIN = "auth/ci/login";
const RENEW = "auth/token/renew-self";

test("a renewal that gives no more time (explicit_max_ttl) is followed by a login before the token's end", async () => {
  let made = 0;
  const { session, clock, asked } = sessionOf(({ path }) =>
    path === LOGIN ? auth(`t${++made}`, 3600) : auth("t1", 3600 - clock.now / 1000),
  );
  assert.equal(await session.token(), "t1");
  clock.now = 2400_000;
  assert.equal(await session.token(), "t2");
  assert.deepEqual(asked, [LOGIN, RENEW, LOGIN]);
});

for (const [what, renewable, renews] of [
  ["a token that is not renewable", false, true],
  ["a token with vault.disable_token_renewal", true, false],
] as const) {
  test(`${what} is replaced by a login at two thirds of its life, and no renewal is tried`, async () => {
    const { session, clock, asked } = sessionOf(() => auth("t", 300, renewable), { renews });
    await session.token();
    clock.now = 199_000;
    await session.token();
    assert.deepEqual(asked, [LOGIN]);
    clock.now = 200_000;
    await session.token();
    assert.deepEqual(asked, [LOGIN, LOGIN]);
  });
}

test("a periodic token is renewed for ever; a token without end never", async () => {
  const periodic = sessionOf(() => auth("t", 60));
  for (let minute = 0; minute < 100; minute++) {
    periodic.clock.now = minute * 40_000;
    await periodic.session.token();
  }
  assert.deepEqual(new Set(periodic.asked.slice(1)), new Set([RENEW]));
  const endless = sessionOf(() => auth("t", 0));
  await endless.session.token();
  endless.clock.now = 1e14;
  await endless.session.token();
  assert.deepEqual(endless.asked, [LOGIN]);
});

test("while Vault answers 503 the token serves until its end, asked about now and then; then the outage is told", async () => {
  let down = false;
  const { session, clock, asked } = sessionOf(() => (down ? { status: 503 } : auth("t", 3600)));
  await session.token();
  down = true;
  for (clock.now = 2400_000; clock.now < 3600_000; clock.now += 1000) assert.equal(await session.token(), "t");
  assert.ok(!asked.slice(1).includes(LOGIN));
  assert.ok(asked.length < 60, `${asked.length} requests in 20 minutes`);
  await assert.rejects(session.token(), { class: "store.unavailable" });
});

test("a login that wants a second factor is told as what it is, and is not made again and again", async () => {
  const { session, asked } = sessionOf(() => ({
    status: 200,
    body: { auth: { client_token: "", lease_duration: 0 } },
  }));
  await assert.rejects(session.token(), { class: "store.token", hint: /second factor/ });
  await assert.rejects(session.token(), { class: "store.token" });
  assert.deepEqual(asked, [LOGIN]);
});
