import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { decodeJwt, SignJWT } from "jose";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { bearer, client, tokensOf } from "./simulator-client.ts";

describe("the system routes", () => {
  test("both pings say OK without a token", async () => {
    await using simulator = await startSimulator();
    const http = client(simulator.url);
    for (const path of ["/access/api/v1/system/ping", "/artifactory/api/system/ping"]) {
      const { status, text } = await http.get(path);
      assert.deepEqual([status, text], [200, "OK"]);
    }
  });

  test("the version may need a token", async () => {
    await using simulator = await startSimulator({ switches: { version: "7.90.1" } });
    const http = client(simulator.url);
    assert.equal((await http.get("/artifactory/api/system/version")).json.version, "7.90.1");
    simulator.switches.versionNeedsToken = true;
    assert.equal((await http.get("/artifactory/api/system/version")).status, 401);
    const { accessToken } = simulator.seed({ user: "ada" });
    assert.equal((await http.get("/artifactory/api/system/version", accessToken)).status, 200);
  });

  test("unknown paths answer 404 in the shape of their service", async () => {
    await using simulator = await startSimulator();
    const http = client(simulator.url);
    assert.match((await http.get("/access/api/v1/nothing")).text, /"code":"NOT_FOUND"/);
    assert.match((await http.get("/artifactory/")).text, /"status":404/);
  });

  test("the Date header follows the server's clock, an error of its own, or is absent", async () => {
    const now = 1_800_000_000_000;
    await using simulator = await startSimulator({ clock: () => now });
    const http = client(simulator.url);
    const date = async () => (await http.get("/access/api/v1/system/ping")).headers.get("date");
    assert.equal(await date(), new Date(now).toUTCString());
    simulator.switches.clockSkewMs = 3_600_000;
    assert.equal(await date(), new Date(now + 3_600_000).toUTCString());
    assert.equal(decodeJwt(simulator.seed({ user: "ada" }).accessToken).iat, (now + 3_600_000) / 1000);
    simulator.switches.dateSkewMs = -7_200_000;
    assert.equal(await date(), new Date(now - 3_600_000).toUTCString());
    simulator.switches.dateHeader = false;
    assert.equal(await date(), null);
  });
});

describe("artifacts", () => {
  const put = (url: string, headers: Record<string, string>, path = "libs/a/b.txt") =>
    client(url).send(`/artifactory/${path}`, { method: "PUT", headers, body: "content" });

  test("are put and got with a bearer token, or with the token as a password", async () => {
    await using simulator = await startSimulator();
    const { accessToken } = simulator.seed({ user: "ada" });
    const basic = { authorization: `Basic ${Buffer.from(`ada:${accessToken}`).toString("base64")}` };
    const stored = await put(simulator.url, bearer(accessToken));
    assert.deepEqual([stored.status, stored.json.repo, stored.json.createdBy], [201, "libs", "ada"]);
    const got = await client(simulator.url).send("/artifactory/libs/a/b.txt", { headers: basic });
    assert.deepEqual([got.status, got.text], [200, "content"]);
    assert.equal((await client(simulator.url).get("/artifactory/libs/none", accessToken)).status, 404);
  });

  test("are closed without a token, with a dead one, and beyond the scope, in Artifactory's shape", async () => {
    await using simulator = await startSimulator();
    const seeded = simulator.seed({ user: "ada", scope: "artifact:libs/a/*:r" });
    const refused = async (headers: Record<string, string>, path?: string) => {
      const { status, json } = await put(simulator.url, headers, path);
      assert.equal((json.errors as { status: number }[])[0]?.status, status);
      return status;
    };
    assert.equal(await refused({}), 401);
    assert.equal(await refused(bearer(seeded.accessToken)), 403);
    assert.equal(await refused(bearer(simulator.seed({ user: "ada", audience: ["jfac@*"] }).accessToken)), 401);
    simulator.revoke(seeded.pair.tokenId);
    assert.equal(await refused(bearer(seeded.accessToken)), 401);
  });
});

describe("a circle of trust", () => {
  async function pair() {
    const [a, b] = await Promise.all([
      startSimulator(),
      startSimulator({ users: [{ name: "ada", groups: ["shared"] }] }),
    ]);
    return {
      a,
      b,
      http: client(b.url),
      async [Symbol.asyncDispose]() {
        await Promise.all([a.close(), b.close()]);
      },
    };
  }

  test("opens one instance to the other's tokens, one way, and while it lasts", async () => {
    await using it = await pair();
    const { accessToken } = it.a.seed({ user: "ada", seconds: 3600 });
    const status = async () => (await it.http.get("/artifactory/libs/x", accessToken)).status;
    assert.equal(await status(), 401);
    it.b.trust(it.a.rootCertificate);
    assert.equal(await status(), 404);
    const back = await client(it.a.url).get("/artifactory/libs/x", it.b.seed({ user: "ada" }).accessToken);
    assert.equal(back.status, 401);
    it.b.distrust(it.a.rootCertificate);
    assert.equal(await status(), 401);
  });

  test("wants the user, or a group that the token names, on both, and an audience that holds the other", async () => {
    await using it = await pair();
    it.b.trust(it.a.rootCertificate);
    const status = async (request: Parameters<typeof it.a.seed>[0]) =>
      (await it.http.get("/artifactory/libs/x", it.a.seed({ seconds: 3600, ...request }).accessToken)).status;
    assert.equal(await status({ user: "grace" }), 401);
    assert.equal(await status({ user: "grace", scope: "applied-permissions/groups:shared" }), 404);
    assert.equal(await status({ user: "ada", audience: [`jfrt@${it.a.id}`] }), 401);
    assert.equal(await status({ user: "ada", audience: [`jfrt@${it.b.id}`] }), 404);
  });

  test("takes a revocable token of another member for revoked, unless Access is federated", async () => {
    await using it = await pair();
    it.b.trust(it.a.rootCertificate);
    const { accessToken } = it.a.seed({ user: "ada" });
    const status = async () => (await it.http.get("/artifactory/api/system/version", accessToken)).status;
    assert.equal(await status(), 401);
    it.b.switches.foreignRevocable = true;
    assert.equal(await status(), 200);
  });

  test("lets only the issuer refresh and revoke, and no reference token across", async () => {
    await using it = await pair();
    it.b.trust(it.a.rootCertificate);
    const seeded = it.a.seed({ user: "ada", seconds: 3600, refreshable: true, reference: true });
    const tokens = {
      tokenId: seeded.pair.tokenId,
      access: seeded.accessToken,
      refresh: seeded.refreshToken ?? "",
      reference: seeded.referenceToken ?? "",
    };
    assert.equal((await it.http.refresh(tokens)).status, 404);
    assert.equal((await it.http.revoke(tokens.access)).status, 404);
    assert.equal((await it.http.get("/artifactory/libs/x", tokens.reference)).status, 401);
    assert.equal((await client(it.a.url).refresh(tokens)).status, 200);
  });
});

describe("an ID token's exchange", () => {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const provider = { name: "ci", issuer: "https://ci.example", audience: "jfrog", publicKey: keys.publicKey };
  const idToken = (claims: Record<string, unknown> = {}, key = keys.privateKey) =>
    new SignJWT({ iss: provider.issuer, aud: "jfrog", sub: "ada", exp: 4_000_000_000, ...claims })
      .setProtectedHeader({ alg: "ES256" })
      .sign(key);
  const body = (token: string, more: Record<string, unknown> = {}) => ({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    subject_token: token,
    provider_name: "ci",
    ...more,
  });

  test("gives an access token for the user that it names, without a refresh token", async () => {
    await using simulator = await startSimulator({ identityProviders: [provider] });
    const http = client(simulator.url);
    const reply = await http.sendJson("POST", "/access/api/v1/oidc/token", body(await idToken()));
    assert.deepEqual([reply.status, reply.json.expires_in, reply.json.username], [200, 3600, "ada"]);
    assert.ok(!("refresh_token" in reply.json));
    assert.equal((await http.mint(tokensOf(reply).access)).status, 200);
  });

  test("refuses another's signature, issuer or audience, an old token, an unknown user and an unknown provider", async () => {
    await using simulator = await startSimulator({ identityProviders: [provider] });
    const status = async (token: string, more = {}) =>
      (await client(simulator.url).sendJson("POST", "/access/api/v1/oidc/token", body(token, more))).status;
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
    assert.equal(await status(await idToken({}, stranger.privateKey)), 401);
    assert.equal(await status(await idToken({ iss: "https://other.example" })), 401);
    assert.equal(await status(await idToken({ aud: "other" })), 401);
    assert.equal(await status(await idToken({ exp: 1 })), 401);
    assert.equal(await status("gibberish"), 401);
    assert.equal(await status(await idToken({ sub: "nobody" })), 403);
    assert.equal(await status(await idToken(), { provider_name: "unknown" }), 404);
    assert.equal(await status(await idToken(), { grant_type: "password" }), 400);
    assert.equal(await status(await idToken(), { subject_token_type: "x" }), 400);
  });
});

describe("a pairing token", () => {
  test("is for admins, for five minutes, for one exchange, and for nothing else", async () => {
    let now = 1_800_000_000_000;
    await using simulator = await startSimulator({ clock: () => now });
    const http = client(simulator.url);
    const path = "/access/api/v1/service_trust/pairing/mission-control";
    const token = (user: string) => simulator.seed({ user }).accessToken;
    const create = async () => String((await http.sendJson("POST", path, {}, token("admin"))).json.pairing_token);
    const exchange = (pairing: string) => http.sendJson("POST", "/access/api/v1/service_trust/exchange", {}, pairing);
    assert.equal((await http.sendJson("POST", path, {}, token("ada"))).status, 403);
    const pairing = await create();
    const { scp, iat = 0, exp = 0 } = decodeJwt(pairing);
    assert.deepEqual([scp, exp - iat], ["internal:service-trust/pairing/mission-control:x", 300]);
    assert.equal((await http.show(pairing)).status, 401);
    assert.deepEqual([(await exchange(pairing)).status, (await exchange(pairing)).status], [200, 401]);
    assert.equal((await exchange(token("admin"))).status, 401);
    const late = await create();
    now += 300_000;
    assert.equal((await exchange(late)).status, 401);
  });
});
