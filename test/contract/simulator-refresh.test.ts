import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";
import { client, tokensOf } from "./simulator-client.ts";

const START = 1_800_000_000_000;
const HOUR = 3_600_000;

async function fixture(options: SimulatorOptions = {}) {
  const clock = { now: START };
  const simulator = await startSimulator({ clock: () => clock.now, ...options });
  const http = client(simulator.url);
  const login = simulator.seed({ user: "ada" }).accessToken;
  const pair = async (fields: Record<string, unknown> = {}) =>
    tokensOf(await http.mint(login, { refreshable: true, expires_in: 86_400, ...fields }));
  return { simulator, http, login, clock, pair, [Symbol.asyncDispose]: () => simulator.close() };
}

describe("a refresh", () => {
  test("rotates both tokens and keeps scope, audience and description", async () => {
    await using it = await fixture();
    const old = await it.pair({ description: "mine", audience: "jfrt@* jfac@*" });
    const reply = await it.http.refresh(old);
    const fresh = tokensOf(reply);
    assert.equal(reply.status, 200);
    assert.notEqual(fresh.access, old.access);
    assert.notEqual(fresh.refresh, old.refresh);
    const record = it.simulator.ledger.byId(fresh.tokenId);
    assert.deepEqual(
      [record?.by, record?.parent, record?.description, record?.audience],
      ["refresh", old.tokenId, "mine", ["jfrt@*", "jfac@*"]],
    );
  });

  test("takes each refresh token once: the second time it is not found, in JFrog's words", async () => {
    await using it = await fixture();
    const old = await it.pair();
    assert.equal((await it.http.refresh(old)).status, 200);
    const again = await it.http.refresh(old);
    assert.equal(again.status, 404);
    assert.deepEqual(again.json, {
      errors: [{ code: "NOT_FOUND", message: "Token matching the provided refresh token was not found." }],
    });
  });

  test("says 401 or 403 to a spent, a revoked and an unknown refresh token, where so switched", async () => {
    await using it = await fixture();
    const [spent, revoked] = [await it.pair(), await it.pair()];
    await it.http.refresh(spent);
    it.simulator.revoke(revoked.tokenId);
    const unknown = { ...spent, refresh: "12345678-1234-4234-8234-123456789012" };
    for (const status of [404, 401, 403] as const) {
      it.simulator.switches.spentRefresh = status;
      for (const tokens of [spent, revoked, unknown]) assert.equal((await it.http.refresh(tokens)).status, status);
    }
  });

  test("works without Authorization unless the server wants it", async () => {
    await using it = await fixture();
    const first = tokensOf(await it.http.refresh(await it.pair(), {}, null));
    assert.ok(first.access);
    it.simulator.switches.refreshNeedsBearer = true;
    assert.equal((await it.http.refresh(first, {}, null)).status, 401);
    assert.equal((await it.http.refresh(first)).status, 200);
  });

  test("has the lifetime of the mint, the server's default, or the one asked for", async () => {
    await using it = await fixture({ switches: { defaultSeconds: 777 } });
    const lifetime = async (more: Record<string, string> = {}) =>
      (await it.http.refresh(await it.pair(), more)).json.expires_in;
    assert.equal(await lifetime(), 86_400);
    assert.equal(await lifetime({ expires_in: "60" }), 60);
    it.simulator.switches.refreshLifetime = "default";
    assert.equal(await lifetime(), 777);
    it.simulator.switches.capSeconds = 9;
    assert.equal(await lifetime(), 9);
  });

  test("keeps the lifetime that was asked for when a cap goes away", async () => {
    await using it = await fixture({ switches: { capSeconds: 10 } });
    const capped = await it.pair();
    it.simulator.switches.capSeconds = null;
    assert.equal((await it.http.refresh(capped)).json.expires_in, 86_400);
  });

  test("may answer 200 without a refresh token once the policy has changed", async () => {
    await using it = await fixture();
    const old = await it.pair();
    it.simulator.switches.refreshable = false;
    const reply = await it.http.refresh(old);
    assert.equal(reply.status, 200);
    assert.ok(!("refresh_token" in reply.json));
  });

  test("gives a reference token only when it is asked for again", async () => {
    await using it = await fixture();
    const first = await it.pair({ include_reference_token: true });
    const second = tokensOf(await it.http.refresh(first));
    assert.equal(second.reference, "");
    assert.match(tokensOf(await it.http.refresh(second, { include_reference_token: "true" })).reference, /^cmVmdGtu/);
  });

  test("rotates opaque tokens as well", async () => {
    await using it = await fixture({ switches: { referenceTokens: "opaque" } });
    const old = await it.pair();
    const fresh = tokensOf(await it.http.refresh(old));
    assert.match(fresh.access, /^cmVmdGtu/);
    assert.deepEqual([(await it.http.show(old.access)).status, (await it.http.show(fresh.access)).status], [401, 200]);
  });

  test("refuses half a request, a mixed pair, a forged bearer and a token that is not for Access", async () => {
    await using it = await fixture();
    const [one, other] = [await it.pair(), await it.pair()];
    assert.equal((await it.http.refresh({ ...one, refresh: "" })).status, 400);
    assert.equal((await it.http.refresh({ ...one, access: "" }, {}, one.access)).status, 400);
    assert.equal((await it.http.refresh({ ...one, access: other.access })).status, 404);
    assert.equal((await it.http.refresh(one, {}, `${one.access.slice(0, -8)}AAAAAAAA`)).status, 401);
    const foreign = await it.pair({ audience: "jfrt@*" });
    assert.match((await it.http.refresh(foreign)).text, /Invalid token, audience/);
    assert.equal((await it.http.refresh(one)).status, 200);
  });

  test("works on an expired token within the grace, and not after it, nor before 7.59.5", async () => {
    await using it = await fixture({ switches: { graceSeconds: 3600 } });
    const [early, late, old] = [await it.pair(), await it.pair(), await it.pair()];
    it.clock.now += 24 * HOUR;
    assert.equal((await it.http.refresh(early)).status, 200);
    it.simulator.switches.version = "7.59.4";
    assert.match((await it.http.refresh(old)).text, /Invalid token, expired/);
    it.simulator.switches.version = "7.104.5";
    it.clock.now += HOUR;
    assert.match((await it.http.refresh(late)).text, /Invalid token, expired/);
  });
});

describe("the old access token", () => {
  test("dies at once", async () => {
    await using it = await fixture();
    const old = await it.pair();
    await it.http.refresh(old);
    assert.equal((await it.http.show(old.access)).status, 401);
  });

  test("dies after a lag", async () => {
    await using it = await fixture({ switches: { oldAccessToken: { lagMs: 5_000 } } });
    const old = await it.pair();
    await it.http.refresh(old);
    it.clock.now += 4_999;
    assert.equal((await it.http.mint(old.access)).status, 200);
    it.clock.now += 1;
    assert.equal((await it.http.mint(old.access)).status, 401);
  });

  test("lives to its expiry, though its row is gone", async () => {
    await using it = await fixture({ switches: { oldAccessToken: "lives" } });
    const old = await it.pair();
    await it.http.refresh(old);
    assert.equal((await it.http.mint(old.access)).status, 200);
    assert.equal((await it.http.show(old.access)).status, 404);
    it.clock.now += 24 * HOUR;
    assert.equal((await it.http.mint(old.access)).status, 401);
  });
});

describe("the ledger", () => {
  test("holds every pair with its parent, its digests and its times", async () => {
    await using it = await fixture();
    const old = await it.pair({ description: "d" });
    it.clock.now += 1_500;
    const fresh = tokensOf(await it.http.refresh(old));
    const [, first, second] = it.simulator.ledger.pairs;
    const digest = (secret: string) => createHash("sha256").update(secret).digest("hex");
    assert.deepEqual(
      [first?.accessDigest, first?.refreshDigest, second?.accessDigest, second?.refreshDigest],
      [old.access, old.refresh, fresh.access, fresh.refresh].map(digest),
    );
    assert.deepEqual(
      [first?.state, first?.spentAt, first?.successor, first?.user, first?.description],
      ["refreshed", START + 1_500, fresh.tokenId, "ada", "d"],
    );
    assert.deepEqual([second?.issuedAt, second?.expiresAt], [START + 1_000, START + 1_000 + 24 * HOUR]);
    assert.deepEqual([second?.state, second?.answered], ["live", true]);
    assert.deepEqual(it.simulator.ledger.live().slice(1), [second]);
  });

  test("counts presentations of spent, revoked and unknown refresh tokens, and no first ones", async () => {
    await using it = await fixture();
    const { ledger } = it.simulator;
    const old = await it.pair();
    const fresh = tokensOf(await it.http.refresh(old));
    assert.deepEqual(ledger.stalePresentations(), []);
    await it.http.refresh(old);
    it.simulator.revoke(fresh.tokenId);
    await it.http.refresh(fresh, {}, null);
    await it.http.refresh({ ...fresh, refresh: "never-heard-of-this-one" }, {}, null);
    assert.deepEqual(
      ledger.stalePresentations().map(({ pairWas, outcome }) => [pairWas, outcome]),
      [
        ["refreshed", "refused"],
        ["revoked", "refused"],
        ["revoked", "refused"],
      ],
    );
    assert.equal(ledger.strangers.length, 1);
  });

  test("tells a presentation that a fault kept from the server, and an answer that was lost", async () => {
    await using it = await fixture();
    const old = await it.pair();
    it.simulator.inject({ on: "refresh", kind: "status", status: 503 });
    await it.http.refresh(old);
    it.simulator.inject({ on: "refresh", kind: "reset", when: "after" });
    await assert.rejects(it.http.refresh(old));
    await it.http.refresh(old);
    const [, first, second] = it.simulator.ledger.pairs;
    assert.deepEqual(
      first?.presentations.map(({ pairWas, outcome }) => [pairWas, outcome]),
      [
        ["live", "unapplied"],
        ["live", "accepted"],
        ["refreshed", "refused"],
      ],
    );
    assert.deepEqual([second?.state, second?.answered], ["live", false]);
  });

  test("lets one of two simultaneous presentations through", async () => {
    await using it = await fixture();
    const old = await it.pair();
    const replies = await Promise.all([it.http.refresh(old), it.http.refresh(old)]);
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 404]);
    assert.equal(it.simulator.ledger.pairs.filter(({ by }) => by === "refresh").length, 1);
  });
});
