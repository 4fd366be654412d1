import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";
import { client, tokensOf } from "./simulator-client.ts";

async function fixture(options: SimulatorOptions = {}) {
  const simulator = await startSimulator(options);
  const session = randomUUID();
  return {
    simulator,
    session,
    http: client(simulator.url),
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

describe("registering a login session", () => {
  test("takes a lower-case uuid v4 without Authorization, and the same one again", async () => {
    await using it = await fixture();
    assert.equal((await it.http.register(it.session)).status, 200);
    assert.equal((await it.http.register(it.session)).status, 200);
  });

  test("refuses every other session id in Access' error shape", async () => {
    await using it = await fixture();
    for (const wrong of [it.session.toUpperCase(), "x", "12345678-1234-1234-8234-123456789012", ""]) {
      const { status, json } = await it.http.register(wrong);
      assert.equal(status, 400);
      assert.deepEqual(Object.keys((json.errors as object[])[0] ?? {}), ["code", "message"]);
    }
  });

  test("answers 404 on a server before 7.64.0, which otherwise works", async () => {
    await using it = await fixture({ switches: { version: "7.63.14" } });
    assert.equal((await it.http.register(it.session)).status, 404);
    assert.equal((await it.http.poll(it.session)).status, 404);
    assert.equal((await it.http.mint(it.simulator.seed({ user: "ada" }).accessToken)).status, 200);
  });

  test("is approved at once where a user approves everything", async () => {
    await using it = await fixture({ switches: { autoApprove: "grace" } });
    await it.http.register(it.session);
    assert.equal((await it.http.poll(it.session)).json.username, "grace");
  });
});

describe("polling", () => {
  test("answers 400 until the user has approved, then a refreshable token of a year, once", async () => {
    await using it = await fixture();
    await it.http.register(it.session);
    assert.equal((await it.http.poll(it.session)).status, 400);
    it.simulator.approve();
    const granted = await it.http.poll(it.session);
    assert.equal(granted.status, 200);
    const { access_token, refresh_token, token_id, ...rest } = granted.json;
    assert.deepEqual(rest, {
      expires_in: 31_536_000,
      scope: "applied-permissions/user",
      token_type: "Bearer",
      username: "ada",
    });
    assert.ok(access_token && refresh_token && token_id);
    assert.equal((await it.http.poll(it.session)).status, 400);
    assert.equal(it.simulator.ledger.pairs.length, 1);
  });

  test("answers 404 after the collection where so switched", async () => {
    await using it = await fixture({ switches: { collectedPoll: 404, autoApprove: "ada" } });
    await it.http.register(it.session);
    assert.deepEqual([(await it.http.poll(it.session)).status, (await it.http.poll(it.session)).status], [200, 404]);
  });

  test("has a pending body of each kind", async () => {
    await using it = await fixture();
    await it.http.register(it.session);
    const body = async (pendingBody: "access" | "flat" | "empty" | "html") => {
      it.simulator.switches.pendingBody = pendingBody;
      const { status, text } = await it.http.poll(it.session);
      assert.equal(status, 400);
      return text;
    };
    assert.match(await body("access"), /^\{"errors":\[\{"code":"BAD_REQUEST"/);
    assert.match(await body("flat"), /^\{"code":"BAD_REQUEST","message":.*"detail"/);
    assert.equal(await body("empty"), "");
    assert.match(await body("html"), /^<!doctype html>/);
  });

  test("yields nothing for an unknown session, a denied one, and one that is over", async () => {
    let now = 1_800_000_000_000;
    await using it = await fixture({ clock: () => now, switches: { collectedPoll: 404 } });
    assert.equal((await it.http.poll(it.session)).status, 404);
    await it.http.register(it.session);
    it.simulator.deny();
    assert.equal((await it.http.poll(it.session)).status, 404);
    assert.throws(() => it.simulator.approve(), { code: "simulator.session" });
    const second = randomUUID();
    await it.http.register(second);
    it.simulator.approve(second);
    now += 300_000;
    assert.equal((await it.http.poll(second)).status, 404);
    assert.equal(it.simulator.ledger.pairs.length, 0);
  });

  test("can be blocked by a proxy with an HTML page, on its path alone", async () => {
    for (const pollBlocked of [403, 404] as const) {
      await using it = await fixture({ switches: { pollBlocked } });
      assert.equal((await it.http.register(it.session)).status, 200);
      const { status, headers } = await it.http.poll(it.session);
      assert.equal(status, pollBlocked);
      assert.match(headers.get("content-type") ?? "", /^text\/html/);
    }
  });

  test("may leave the user's name out, and give a bootstrap of another length", async () => {
    await using it = await fixture({ switches: { pollUsername: false, bootstrapSeconds: 60, autoApprove: "ada" } });
    await it.http.register(it.session);
    const { json } = await it.http.poll(it.session);
    assert.equal(json.expires_in, 60);
    assert.ok(!("username" in json));
  });

  test("gives a bootstrap that mints, and that can be revoked by itself", async () => {
    await using it = await fixture({ switches: { autoApprove: "ada" } });
    await it.http.register(it.session);
    const { access, tokenId } = tokensOf(await it.http.poll(it.session));
    const minted = await it.http.mint(access, { refreshable: true });
    assert.equal(it.simulator.ledger.byId(tokensOf(minted).tokenId)?.parent, tokenId);
    assert.equal((await it.http.revoke(access)).status, 200);
    assert.equal((await it.http.show(access)).status, 401);
    assert.equal(it.simulator.ledger.byId(tokenId)?.state, "revoked");
  });
});

describe("approving from outside", () => {
  test("finds the login by its uuid or its code, among several, for the user that is named", async () => {
    await using it = await fixture();
    const sessions = ["aaaa", "bbbb", "cccc"].map((code) => `12345678-1234-4234-8234-12345678${code}`);
    for (const session of sessions) await it.http.register(session);
    it.simulator.approve("aaaa", "grace");
    it.simulator.approve(sessions[1]);
    const polled = await Promise.all(sessions.map((session) => it.http.poll(session)));
    assert.deepEqual(
      polled.map(({ json }) => json.username),
      ["grace", "ada", undefined],
    );
  });

  test("refuses an unknown user", async () => {
    await using it = await fixture();
    await it.http.register(it.session);
    assert.throws(() => it.simulator.approve(it.session, "nobody"), { code: "simulator.user" });
  });
});

describe("the login page", () => {
  const address = (session: string, name = "JFrog-CLI") =>
    `/ui/login?jfClientSession=${session}&jfClientName=${encodeURIComponent(name)}&jfClientCode=1`;
  const confirm = (it: Awaited<ReturnType<typeof fixture>>, fields: Record<string, string>) =>
    it.http.send("/ui/login", {
      method: "POST",
      body: new URLSearchParams({ jfClientSession: it.session, ...fields }),
    });

  test("asks for user and code, never shows the code apart from the address's own uuid, and escapes the client's name", async () => {
    await using it = await fixture();
    await it.http.register(it.session);
    const { status, text, headers } = await it.http.get(address(it.session, "<script>alert(1)</script>"));
    assert.equal(status, 200);
    assert.match(text, /name="user"[\s\S]*name="code"/);
    assert.ok(!text.includes("<script>"));
    assert.ok(!text.replaceAll(it.session, "").includes(it.session.slice(-4)));
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
  });

  test("approves only with an existing user and the right code, and only once", async () => {
    await using it = await fixture();
    await it.http.register(it.session);
    const code = it.session.slice(-4);
    assert.equal((await confirm(it, { user: "nobody", code })).status, 400);
    assert.equal((await confirm(it, { user: "ada", code: "zzzz" })).status, 400);
    assert.equal((await it.http.poll(it.session)).status, 400);
    assert.equal((await confirm(it, { user: "ada", code: code.toUpperCase() })).status, 200);
    assert.match((await confirm(it, { user: "grace", code })).text, /Already signed in/);
    assert.equal((await it.http.poll(it.session)).json.username, "ada");
  });

  test("refuses a suspended user and an unknown session", async () => {
    await using it = await fixture({ switches: { suspendedUsers: ["ada"] } });
    assert.equal((await it.http.get(address(it.session))).status, 404);
    await it.http.register(it.session);
    assert.equal((await confirm(it, { user: "ada", code: it.session.slice(-4) })).status, 400);
  });
});
