import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultRequest } from "../../src/adapters/vault/client.ts";
import type { Settings } from "../../src/machines/vault-session/context.ts";
import { initialSession, step, upcast } from "../../src/machines/vault-session/decide.ts";
import { type Answer, auth, HEALTHY, LOGIN, MINUTE, sessionOf } from "../support/vault-session-script.ts";

/** A login that is no longer wanted: revoked where it came from, or on record as alive. */

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

test("a session of an older journal, where the way to the server is not on record, is left without a guess", () => {
  const life = { expiresAt: null, dueAt: null, renewable: false };
  const token = { id: "t", kind: "vaultToken", digest: "d" } as const;
  const before = { method: "approle", needsPerson: false, renews: true, identity: "" };
  const place = { stream: "vault/v", version: 0, snapshot: initialSession(), open: [], wakes: [] };
  const configured = step(place, { type: "CONFIGURED", at: 0, settings: before as Settings });
  const live = step({ ...place, ...configured }, { type: "LOGGED_IN", at: 0, token, life, who: null });
  const today = upcast(live.snapshot, 1);
  assert.equal(today.context.settings?.way, null);
  for (const snapshot of [live.snapshot, today]) {
    const left = step({ ...place, snapshot }, { type: "LEFT", at: 1 });
    assert.deepEqual([left.begins, left.live.size], [[], 0]);
  }
});

test("killed in a login, then another server in the configuration: the lost answer is named before it is left", async () => {
  const { stage } = sessionOf(({ path }) => (path === LOGIN ? new Promise<Answer>(() => {}) : HEALTHY));
  void stage.token().catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  stage.crash();
  stage.restart({ host: "elsewhere.test" });
  assert.deepEqual(stage.typesAt("vault.test").slice(-2), ["ANSWER_LOST", "LEFT"]);
});
