import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";
import { bearer, client, type Reply, tokensOf } from "./simulator-client.ts";

const NOW = 1_800_000_000_000;

async function fixture(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ clock: () => NOW, ...options });
  const http = client(simulator.url);
  const { accessToken } = simulator.seed({ user: "ada" });
  const admin = simulator.seed({ user: "admin", scope: "applied-permissions/admin" }).accessToken;
  return {
    simulator,
    http,
    admin,
    mint: (fields: Record<string, unknown> = {}, token = accessToken) => http.mint(token, fields),
    ada: accessToken,
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

const code = ({ json }: Reply): unknown => (json.errors as { code?: string }[] | undefined)?.[0]?.code;

describe("the JWT", () => {
  test("verifies with the certificate that cert/root answers, and has JFrog's header and claims", async () => {
    await using it = await fixture();
    const { access, tokenId } = tokensOf(await it.mint({ expires_in: 86_400 }));
    const root = Buffer.from((await it.http.get("/access/api/v1/cert/root")).text, "base64");
    const { payload } = await jwtVerify(access, new X509Certificate(root).publicKey, { currentDate: new Date(NOW) });
    const kid = Buffer.from(await crypto.subtle.digest("SHA-256", root)).toString("base64url");
    assert.deepEqual({ ...decodeProtectedHeader(access) }, { ver: "2", typ: "JWT", alg: "RS256", kid });
    const issuer = `jfac@${it.simulator.id}`;
    assert.deepEqual(
      { ...payload },
      {
        ext: '{"revocable":"true"}',
        sub: `${issuer}/users/ada`,
        scp: "applied-permissions/user",
        aud: "*@*",
        iss: issuer,
        exp: NOW / 1000 + 86_400,
        iat: NOW / 1000,
        jti: tokenId,
      },
    );
  });

  test("has an audience of the form that is switched", async () => {
    await using it = await fixture();
    const audience = async (audienceForm: "auto" | "array" | "string", asked: string) => {
      it.simulator.switches.audienceForm = audienceForm;
      const { access } = tokensOf(await it.mint({ audience: asked }));
      if (asked.includes("jfac")) assert.equal((await it.http.show(access)).status, 200);
      return decodeJwt(access).aud;
    };
    assert.equal(await audience("auto", "jfrt@*"), "jfrt@*");
    assert.deepEqual(await audience("auto", "jfrt@* jfac@*"), ["jfrt@*", "jfac@*"]);
    assert.deepEqual(await audience("array", "jfrt@*"), ["jfrt@*"]);
    assert.equal(await audience("string", "jfrt@* jfac@*"), "jfrt@* jfac@*");
  });
});

describe("a mint", () => {
  test("answers what was asked, as JSON and as a form", async () => {
    await using it = await fixture();
    const asJson = await it.mint({ expires_in: 86_400, refreshable: true, description: "d" });
    const asForm = await it.http.send("/access/api/v1/tokens", {
      method: "POST",
      headers: bearer(it.ada),
      body: new URLSearchParams({ expires_in: "86400", refreshable: "true", description: "d" }),
    });
    for (const { status, json } of [asJson, asForm]) {
      assert.equal(status, 200);
      const { token_id, access_token, refresh_token, ...rest } = json;
      assert.match(String(refresh_token), /^[0-9a-f-]{36}$/);
      assert.equal(decodeJwt(String(access_token)).jti, token_id);
      assert.deepEqual(rest, { expires_in: 86_400, scope: "applied-permissions/user", token_type: "Bearer" });
    }
  });

  test("gives a refresh token only when it is asked for, and never where the server forces it off", async () => {
    await using it = await fixture();
    assert.equal(tokensOf(await it.mint()).refresh, "");
    it.simulator.switches.refreshable = false;
    const forced = await it.mint({ refreshable: true });
    assert.equal(forced.status, 200);
    assert.ok(!("refresh_token" in forced.json));
  });

  test("refuses what breaks a limit of the contract, with 400 in Access' shape", async () => {
    await using it = await fixture();
    for (const wrong of [
      { grant_type: "password" },
      { scope: "everything" },
      { scope: `artifact:${"x".repeat(500)}:r` },
      { expires_in: -1 },
      { expires_in: "soon" },
      { expires_in: true },
      { refreshable: "perhaps" },
      { username: "Ada" },
      { username: "a".repeat(256) },
      { audience: "me" },
      { description: "x".repeat(1025) },
      { project_key: "X" },
    ]) {
      const reply = await it.mint(wrong);
      assert.deepEqual([reply.status, code(reply)], [400, "BAD_REQUEST"], JSON.stringify(wrong).slice(0, 60));
    }
    const broken = await it.http.send("/access/api/v1/tokens", {
      method: "POST",
      headers: { ...bearer(it.ada), "content-type": "application/json" },
      body: '{"scope":',
    });
    assert.equal(broken.status, 400);
  });

  test("refuses a non-admin what only admins may: never-expiring, others' tokens, wider scopes, projects", async () => {
    await using it = await fixture();
    for (const wrong of [
      { expires_in: 0 },
      { username: "grace" },
      { scope: "applied-permissions/admin" },
      { scope: "applied-permissions/groups:administrators" },
      { scope: "applied-permissions/roles:web:Developer" },
      { scope: "system:metrics:r" },
      { project_key: "web" },
    ]) {
      const reply = await it.mint(wrong);
      assert.deepEqual([reply.status, code(reply)], [403, "FORBIDDEN"], JSON.stringify(wrong));
      assert.equal((await it.mint({ ...wrong }, it.admin)).status, 200, JSON.stringify(wrong));
    }
    assert.equal((await it.mint({ scope: "applied-permissions/groups:readers" })).status, 200);
  });

  test("gives an admin a token without exp and without expires_in for 0", async () => {
    await using it = await fixture();
    const { json } = await it.mint({ expires_in: 0 }, it.admin);
    assert.ok(!("expires_in" in json));
    assert.equal(decodeJwt(String(json.access_token)).exp, undefined);
  });

  test("over the maximum is refused with 403, or clamped", async () => {
    await using it = await fixture({ switches: { maximumSeconds: 3600 } });
    assert.equal((await it.mint({ expires_in: 3601 })).status, 403);
    it.simulator.switches.overMaximum = "clamp";
    assert.equal((await it.mint({ expires_in: 3601 })).json.expires_in, 3600);
  });

  test("has the server's default lifetime when none is asked for, and the quiet cap in every case", async () => {
    await using it = await fixture({ switches: { defaultSeconds: 500 } });
    assert.equal((await it.mint()).json.expires_in, 500);
    it.simulator.switches.capSeconds = 4;
    const { json } = await it.mint({ expires_in: 5_184_000 });
    const { iat = 0, exp = 0 } = decodeJwt(String(json.access_token));
    assert.deepEqual([json.expires_in, exp - iat], [4, 4]);
  });

  test("writes expires_in as a number, a string, or not at all", async () => {
    await using it = await fixture();
    const form = async (expiresInForm: "number" | "string" | "absent") => {
      it.simulator.switches.expiresInForm = expiresInForm;
      return (await it.mint({ expires_in: 60 })).json.expires_in;
    };
    assert.deepEqual([await form("number"), await form("string"), await form("absent")], [60, "60", undefined]);
  });

  test("on version 2 of the endpoint is for admins; others get 404", async () => {
    await using it = await fixture();
    assert.equal((await it.http.sendJson("POST", "/access/api/v2/tokens", {}, it.ada)).status, 404);
    assert.equal((await it.http.sendJson("POST", "/access/api/v2/tokens", {}, it.admin)).status, 200);
  });
});

describe("reference tokens", () => {
  test("come when asked, not otherwise, and open what the JWT opens", async () => {
    await using it = await fixture();
    assert.equal(tokensOf(await it.mint()).reference, "");
    const { reference, tokenId } = tokensOf(await it.mint({ include_reference_token: true }));
    assert.match(reference, /^cmVmdGtu.{56}$/);
    assert.equal((await it.http.show(reference)).json.token_id, tokenId);
    assert.equal((await it.http.show(`cmVmdGtu${"A".repeat(56)}`)).status, 401);
  });

  test("are ignored, always given, or given as the access token itself", async () => {
    await using it = await fixture();
    const mode = async (referenceTokens: "disabled" | "always" | "opaque", asked: boolean) => {
      it.simulator.switches.referenceTokens = referenceTokens;
      return tokensOf(await it.mint({ include_reference_token: asked }));
    };
    assert.equal((await mode("disabled", true)).reference, "");
    assert.match((await mode("always", false)).reference, /^cmVmdGtu/);
    const opaque = await mode("opaque", false);
    assert.match(opaque.access, /^cmVmdGtu.{56}$/);
    assert.equal((await it.http.show(opaque.access)).json.token_id, opaque.tokenId);
  });

  test("do not exist before Access 7.38.4", async () => {
    await using it = await fixture({ switches: { version: "7.38.3" } });
    assert.equal(tokensOf(await it.mint({ include_reference_token: true })).reference, "");
  });
});

describe("who is let in", () => {
  test("nobody without a token, with another's signature, or with a token for another service", async () => {
    await using it = await fixture();
    await using other = await startSimulator({ clock: () => NOW });
    const message = async (token: string | undefined) => {
      const { status, json } = await it.http.get("/access/api/v1/tokens/me", token);
      assert.equal(status, 401);
      return (json.errors as { message: string }[])[0]?.message;
    };
    assert.equal(await message(undefined), "Authentication is required");
    assert.equal(await message("gibberish"), "Invalid token, parse");
    assert.equal(await message(other.seed({ user: "ada" }).accessToken), "Invalid token, signature");
    const [head, , signature] = it.ada.split(".");
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(it.ada), sub: "jfac@x/users/admin" })).toString(
      "base64url",
    );
    assert.equal(await message(`${head}.${forged}.${signature}`), "Invalid token, signature");
    assert.equal(await message(tokensOf(await it.mint({ audience: "jfrt@*" })).access), "Invalid token, audience");
  });

  test("not an expired token, nor a user who is gone", async () => {
    let now = NOW;
    await using it = await fixture({ clock: () => now });
    const { access } = tokensOf(await it.mint({ expires_in: 60 }));
    now += 60_000;
    assert.match((await it.http.show(access)).text, /Invalid token, expired/);
    it.simulator.users.delete("ada");
    assert.equal((await it.http.show(it.ada)).status, 401);
  });

  test("not a suspended user, whatever the request; others go on", async () => {
    await using it = await fixture({ switches: { suspendedUsers: ["ada"] } });
    for (const reply of [await it.mint(), await it.http.show(it.ada), await it.http.revoke(it.ada)])
      assert.deepEqual([reply.status, code(reply)], [403, "FORBIDDEN"]);
    const artifact = await it.http.get("/artifactory/libs/a", it.ada);
    assert.equal((artifact.json.errors as { status: number }[])[0]?.status, 403);
    assert.equal((await it.mint({}, it.admin)).status, 200);
  });

  test("not a user who went on with an expired token, where that locks accounts", async () => {
    let now = NOW;
    await using it = await fixture({ clock: () => now, switches: { lockAfter: 2 } });
    const { access } = tokensOf(await it.mint({ expires_in: 1 }));
    now += 1_000;
    assert.deepEqual([(await it.http.show(access)).status, (await it.http.show(access)).status], [401, 401]);
    assert.equal((await it.http.show(it.ada)).status, 403);
  });
});
