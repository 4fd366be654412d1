import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";
import { client, tokensOf } from "./simulator-client.ts";

const START = 1_800_000_000_000;
const HOURS = 3600;

async function fixture(options: SimulatorOptions = {}) {
  const clock = { now: START };
  const simulator = await startSimulator({ clock: () => clock.now, ...options });
  const http = client(simulator.url);
  const token = (user: string) => simulator.seed({ user }).accessToken;
  const [ada, grace, admin] = [token("ada"), token("grace"), token("admin")];
  const mint = async (fields: Record<string, unknown> = {}) => tokensOf(await http.mint(ada, fields));
  return { simulator, http, clock, ada, grace, admin, mint, [Symbol.asyncDispose]: () => simulator.close() };
}

describe("the row of a token", () => {
  test("is shown by me and by id, with epoch seconds", async () => {
    await using it = await fixture();
    const { access, tokenId } = await it.mint({ expires_in: 4 * HOURS, description: "d", refreshable: true });
    const mine = await it.http.show(access);
    const issuer = `jfac@${it.simulator.id}`;
    assert.deepEqual(mine.json, {
      token_id: tokenId,
      subject: `${issuer}/users/ada`,
      expiry: START / 1000 + 4 * HOURS,
      issued_at: START / 1000,
      issuer,
      description: "d",
      refreshable: true,
      scope: "applied-permissions/user",
    });
    assert.deepEqual((await it.http.show(it.ada, tokenId)).json, mine.json);
  });

  test("has no expiry when the token has none", async () => {
    await using it = await fixture();
    const { access } = tokensOf(await it.http.mint(it.admin, { expires_in: 0 }));
    assert.ok(!("expiry" in (await it.http.show(access)).json));
  });

  test("is shown to its user and to admins only", async () => {
    await using it = await fixture();
    const { tokenId } = await it.mint();
    assert.equal((await it.http.show(it.grace, tokenId)).status, 403);
    assert.equal((await it.http.show(it.admin, tokenId)).status, 200);
    assert.equal((await it.http.show(it.ada, "unknown")).status, 404);
  });

  test("is not kept below three hours, though the token works; the threshold is a switch", async () => {
    await using it = await fixture();
    const { access } = await it.mint({ expires_in: 3 * HOURS - 1 });
    assert.equal((await it.http.show(access)).status, 404);
    assert.equal((await it.http.mint(access)).status, 200);
    assert.equal((await it.http.show((await it.mint({ expires_in: 3 * HOURS })).access)).status, 200);
    it.simulator.switches.storedFromSeconds = 0;
    assert.equal((await it.http.show((await it.mint({ expires_in: 1 })).access)).status, 200);
  });

  test("is gone once the token has expired", async () => {
    await using it = await fixture();
    const { tokenId } = await it.mint({ expires_in: 4 * HOURS });
    it.clock.now += 4 * HOURS * 1000;
    assert.equal((await it.http.show(it.ada, tokenId)).status, 404);
    assert.equal((await it.http.revoke(it.ada, tokenId)).status, 404);
  });
});

describe("a revocation", () => {
  test("answers 200, then 204; both tokens of the pair are dead", async () => {
    await using it = await fixture();
    const pair = await it.mint({ refreshable: true });
    assert.equal((await it.http.revoke(it.ada, pair.tokenId)).status, 200);
    assert.equal((await it.http.revoke(it.ada, pair.tokenId)).status, 204);
    assert.match((await it.http.show(pair.access)).text, /UNAUTHORIZED.*Invalid token, revoked/);
    assert.equal((await it.http.refresh(pair)).status, 404);
    assert.equal(it.simulator.ledger.byId(pair.tokenId)?.revokedAt, START);
  });

  test("works on oneself by me, and by a reference token", async () => {
    await using it = await fixture();
    const [one, other] = [await it.mint(), await it.mint({ include_reference_token: true })];
    assert.equal((await it.http.revoke(one.access)).status, 200);
    assert.equal((await it.http.revoke(other.reference)).status, 200);
    assert.equal((await it.http.show(other.access)).status, 401);
  });

  test("by me does not exist before 7.53.1", async () => {
    await using it = await fixture({ switches: { version: "7.53.0" } });
    const { access, tokenId } = await it.mint();
    assert.equal((await it.http.revoke(access)).status, 404);
    assert.equal((await it.http.revoke(access, tokenId)).status, 200);
  });

  test("is refused below six hours with a flat body, unless it was forced; the threshold is a switch", async () => {
    await using it = await fixture();
    const short = await it.mint({ expires_in: 6 * HOURS - 1 });
    const { status, json } = await it.http.revoke(short.access);
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(json), ["code", "message", "detail"]);
    assert.deepEqual([json.code, json.message], ["BAD_REQUEST", "Token not revocable"]);
    assert.equal((await it.http.mint(short.access)).status, 200);
    const forced = await it.mint({ expires_in: 60, force_revocable: true });
    assert.equal((await it.http.revoke(forced.access)).status, 200);
    it.simulator.switches.revocableFromSeconds = 10;
    assert.equal((await it.http.revoke((await it.mint({ expires_in: 10 })).access)).status, 200);
  });

  test("of another's token, of an unknown one, and with a dead token is refused", async () => {
    await using it = await fixture();
    const { access, tokenId } = await it.mint();
    assert.equal((await it.http.revoke(it.grace, tokenId)).status, 403);
    assert.equal((await it.http.revoke(it.ada, "unknown")).status, 404);
    await it.http.revoke(access);
    assert.equal((await it.http.revoke(access)).status, 401);
    assert.equal((await it.http.revoke((await it.mint({ audience: "jfrt@*" })).access)).status, 401);
  });

  test("of a superseded token ends what is left of it", async () => {
    await using it = await fixture({ switches: { oldAccessToken: "lives" } });
    const old = await it.mint({ refreshable: true });
    const fresh = tokensOf(await it.http.refresh(old));
    assert.equal((await it.http.revoke(fresh.access, old.tokenId)).status, 200);
    assert.equal((await it.http.revoke(fresh.access, old.tokenId)).status, 204);
    assert.deepEqual([(await it.http.mint(old.access)).status, (await it.http.show(fresh.access)).status], [401, 200]);
    assert.equal(it.simulator.ledger.byId(old.tokenId)?.state, "refreshed");
  });
});

describe("the list", () => {
  test("finds one's own live tokens by description, exactly or with a wildcard", async () => {
    await using it = await fixture();
    const [one, two] = [
      await it.mint({ description: "dotvault host-1" }),
      await it.mint({ description: "dotvault h.2" }),
    ];
    await it.mint({ description: "other" });
    await it.mint({ description: "dotvault short", expires_in: 60 });
    await it.http.mint(it.grace, { description: "dotvault of grace" });
    const ids = async (filter: string, token = it.ada) =>
      ((await it.http.list(token, filter)).json.tokens as { token_id: string }[]).map((row) => row.token_id);
    assert.deepEqual(await ids("dotvault*"), [one.tokenId, two.tokenId]);
    assert.deepEqual(await ids("dotvault h.2"), [two.tokenId]);
    assert.deepEqual(await ids("dotvault"), []);
    assert.equal((await ids("dotvault*", it.admin)).length, 3);
    await it.http.revoke(one.access);
    assert.deepEqual(await ids("dotvault*"), [two.tokenId]);
  });

  test("needs a token", async () => {
    await using it = await fixture();
    assert.equal((await it.http.get("/access/api/v1/tokens")).status, 401);
  });
});
