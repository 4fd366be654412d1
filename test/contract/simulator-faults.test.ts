import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { client, tokensOf } from "./simulator-client.ts";

async function fixture() {
  const simulator = await startSimulator();
  const http = client(simulator.url);
  const ada = simulator.seed({ user: "ada" }).accessToken;
  const issued = () => simulator.ledger.pairs.length - 1;
  return { simulator, http, ada, issued, [Symbol.asyncDispose]: () => simulator.close() };
}

const causeCode = (error: unknown): string =>
  String(((error as { cause?: { code?: string } }).cause ?? (error as { code?: string })).code);

describe("a status in place of the answer", () => {
  test("strikes before the server acts, once, with a proxy's page by default", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "mint", kind: "status", status: 502 });
    const struck = await it.http.mint(it.ada);
    assert.deepEqual([struck.status, struck.headers.get("content-type")], [502, "text/html; charset=utf-8"]);
    assert.equal(it.issued(), 0);
    assert.equal((await it.http.mint(it.ada)).status, 200);
  });

  test("strikes after the server has acted, when asked", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "mint", kind: "status", status: 504, when: "after" });
    assert.equal((await it.http.mint(it.ada)).status, 504);
    assert.equal(it.issued(), 1);
    assert.equal(it.simulator.ledger.pairs.at(-1)?.answered, false);
  });

  test("has the body that is asked for: Access', Artifactory's, flat, empty, or any text", async () => {
    await using it = await fixture();
    const body = async (fault: { body?: "access" | "artifactory" | "flat" | "empty"; text?: string }) => {
      it.simulator.inject({ on: "ping", kind: "status", status: 503, ...fault });
      return (await it.http.get("/access/api/v1/system/ping")).text;
    };
    assert.match(await body({ body: "access" }), /"code":"SERVICE_UNAVAILABLE"/);
    assert.match(await body({ body: "artifactory" }), /"status":503/);
    assert.match(await body({ body: "flat" }), /^\{"code".*"detail"/);
    assert.equal(await body({ body: "empty" }), "");
    assert.equal(await body({ text: "odd \u0000 body" }), "odd \u0000 body");
  });

  test("throttles with and without Retry-After, and can redirect", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "poll", kind: "status", status: 429, body: "access", retryAfter: 7 });
    it.simulator.inject({ on: "poll", kind: "status", status: 429, body: "access" });
    it.simulator.inject({ on: "poll", kind: "status", status: 302, headers: { location: "http://127.0.0.1:1/" } });
    const [first, second] = [await it.http.poll(randomUUID()), await it.http.poll(randomUUID())];
    assert.deepEqual([first.status, first.headers.get("retry-after")], [429, "7"]);
    assert.deepEqual([second.status, second.headers.get("retry-after")], [429, null]);
    const third = await it.http.send(`/access/api/v2/authentication/jfrog_client_login/token/${randomUUID()}`, {
      redirect: "manual",
    });
    assert.equal(third.headers.get("location"), "http://127.0.0.1:1/");
  });

  test("lasts until it is cleared, when asked", async () => {
    await using it = await fixture();
    const fault = it.simulator.inject({ on: "any", kind: "status", status: 503, times: "always" });
    for (let turn = 0; turn < 3; turn += 1) assert.equal((await it.http.mint(it.ada)).status, 503);
    assert.equal(fault.hits, 3);
    fault.clear();
    assert.equal((await it.http.mint(it.ada)).status, 200);
  });

  test("strikes one user only, when asked", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "any", kind: "status", status: 403, body: "access", user: "grace", times: "always" });
    assert.equal((await it.http.mint(it.ada)).status, 200);
    assert.equal((await it.http.mint(it.simulator.seed({ user: "grace" }).accessToken)).status, 403);
  });
});

describe("a connection that breaks", () => {
  test("by a reset before the server acts", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "mint", kind: "reset" });
    await assert.rejects(it.http.mint(it.ada), (error) => causeCode(error) === "ECONNRESET");
    assert.equal(it.issued(), 0);
  });

  test("by a reset after the server has acted: the answer is lost", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "mint", kind: "reset", when: "after" });
    await assert.rejects(it.http.mint(it.ada), (error) => causeCode(error) === "ECONNRESET");
    assert.equal(it.issued(), 1);
  });

  test("in the middle of the body, after the server has acted", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "mint", kind: "cut", where: "connection" });
    await assert.rejects(it.http.mint(it.ada));
    assert.equal(it.issued(), 1);
    const [call] = it.simulator.calls;
    assert.deepEqual([call?.status, call?.complete, call?.faults], [200, false, ["cut-connection"]]);
  });

  test("because nobody listens, until the instance is back at its address", async () => {
    await using it = await fixture();
    await it.simulator.offline();
    await assert.rejects(it.http.mint(it.ada), (error) => causeCode(error) === "ECONNREFUSED");
    await it.simulator.online();
    assert.equal((await it.http.mint(it.ada)).status, 200);
  });
});

describe("a body that is not what it should be", () => {
  test("JSON cut in the middle, whole by its length", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "mint", kind: "cut", where: "json" });
    const { status, text } = await it.http.mint(it.ada);
    assert.equal(status, 200);
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.equal(it.simulator.ledger.pairs.at(-1)?.answered, false);
  });

  test("huge, plain and compressed to little", async () => {
    await using it = await fixture();
    const size = 3_000_000;
    it.simulator.inject({ on: "mint", kind: "huge", bytes: size });
    it.simulator.inject({ on: "mint", kind: "huge", bytes: size, gzip: true });
    const [plain, packed] = [await it.http.mint(it.ada), await it.http.mint(it.ada)];
    assert.deepEqual([plain.text.length, packed.text.length], [size, size]);
    assert.ok(Number(packed.headers.get("content-length")) < 10_000);
    assert.ok(tokensOf(packed).access);
  });
});

describe("a hold", () => {
  test("keeps the request from the server until it is released", async () => {
    await using it = await fixture();
    const hold = it.simulator.inject({ on: "mint", kind: "hold" });
    const pending = it.http.mint(it.ada);
    await hold.struck();
    assert.equal(it.issued(), 0);
    hold.release();
    assert.equal((await pending).status, 200);
    assert.equal(it.simulator.ledger.pairs.at(-1)?.answered, true);
  });

  test("keeps the answer from the client until it is released", async () => {
    await using it = await fixture();
    const hold = it.simulator.inject({ on: "mint", kind: "hold", when: "after" });
    const pending = it.http.mint(it.ada);
    await hold.struck();
    assert.deepEqual([it.issued(), it.simulator.ledger.pairs.at(-1)?.answered], [1, false]);
    hold.clear();
    assert.equal((await pending).status, 200);
  });

  test("is followed by the other fault that matches", async () => {
    await using it = await fixture();
    const hold = it.simulator.inject({ on: "mint", kind: "hold", when: "after" });
    it.simulator.inject({ on: "mint", kind: "reset", when: "after" });
    const pending = assert.rejects(it.http.mint(it.ada));
    await hold.struck();
    hold.release();
    await pending;
    assert.deepEqual(it.simulator.calls[0]?.faults, ["hold-after", "reset-after"]);
  });

  test("whose client has gone is applied all the same once released, as a server does", async () => {
    await using it = await fixture();
    const hold = it.simulator.inject({ on: "probe", kind: "hold" });
    const gone = new AbortController();
    const pending = it.http.send("/access/api/v1/tokens/me", {
      signal: gone.signal,
      headers: { authorization: `Bearer ${it.ada}` },
    });
    await hold.struck();
    gone.abort();
    await assert.rejects(pending);
    const ended = it.simulator.waitFor("probe", 1, "ended");
    hold.release();
    assert.deepEqual((await ended).phases, ["arrived", "applied", "ended"]);
  });

  test("holds up nobody else, and does not keep the instance from closing", async () => {
    const it = await fixture();
    const hold = it.simulator.inject({ on: "mint", kind: "hold" });
    const pending = assert.rejects(it.http.mint(it.ada));
    await hold.struck();
    assert.equal((await it.http.show(it.ada)).status, 200);
    await it.simulator.close();
    await pending;
    assert.equal(it.issued(), 0);
  });
});

describe("a stall", () => {
  test("of the body: status and half of it arrive, the rest when it is released", async () => {
    await using it = await fixture();
    const stall = it.simulator.inject({ on: "root", kind: "stall", part: "body" });
    const response = await fetch(`${it.simulator.url}/access/api/v1/cert/root`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader?.read())?.value ?? "";
    assert.equal(first.length, Math.floor(it.simulator.rootCertificate.length / 2));
    await stall.struck();
    stall.release();
    assert.equal(first + ((await reader?.read())?.value ?? ""), it.simulator.rootCertificate);
  });

  test("of the headers: nothing arrives until it is released, though the server has acted", async () => {
    await using it = await fixture();
    const stall = it.simulator.inject({ on: "mint", kind: "stall", part: "headers" });
    const pending = it.http.mint(it.ada);
    await stall.struck();
    assert.deepEqual([it.issued(), it.simulator.calls[0]?.status], [1, null]);
    stall.release();
    assert.equal((await pending).status, 200);
  });

  test("of so many milliseconds ends by itself", async () => {
    await using it = await fixture();
    for (const part of ["headers", "body"] as const) {
      it.simulator.inject({ on: "mint", kind: "stall", part, ms: 1 });
      assert.equal((await it.http.mint(it.ada)).status, 200);
      assert.equal(it.simulator.ledger.pairs.at(-1)?.answered, true);
    }
  });
});

describe("the call log", () => {
  test("lets a test act when a request arrives: it finds the request applied", async () => {
    await using it = await fixture();
    const session = randomUUID();
    const approved = it.simulator.waitFor("register").then(() => it.simulator.approve());
    await it.http.register(session);
    await approved;
    assert.equal((await it.http.poll(session)).status, 200);
  });

  test("counts requests of a kind since the start, and tells every phase to a listener", async () => {
    await using it = await fixture();
    const heard: string[] = [];
    const stop = it.simulator.onCall(({ kind }, phase) => heard.push(`${kind} ${phase}`));
    const third = it.simulator.waitFor("probe", 3, "ended");
    for (let turn = 0; turn < 3; turn += 1) await it.http.show(it.ada);
    assert.equal((await third).sequence, 3);
    assert.equal((await it.simulator.waitFor("probe", 2)).sequence, 2);
    stop();
    await it.http.show(it.ada);
    assert.deepEqual(heard.slice(0, 3), ["probe arrived", "probe applied", "probe ended"]);
    assert.equal(heard.length, 9);
  });

  test("names route, user, fault and status", async () => {
    await using it = await fixture();
    it.simulator.inject({ on: "probe", kind: "status", status: 503 });
    await it.http.show(it.ada, "some-id");
    const [call] = it.simulator.calls;
    const { at: _, ...rest } = call ?? { at: 0 };
    assert.deepEqual(rest, {
      sequence: 1,
      kind: "probe",
      method: "GET",
      route: "/access/api/v1/tokens/<id>",
      user: "ada",
      faults: ["status-503"],
      phases: ["arrived", "ended"],
      status: 503,
      complete: true,
    });
  });
});

test("two instances in one process share nothing", async () => {
  await using one = await fixture();
  await using two = await fixture();
  one.simulator.switches.capSeconds = 5;
  one.simulator.inject({ on: "any", kind: "status", status: 500 });
  assert.equal((await two.http.mint(two.ada)).json.expires_in, 31_536_000);
  assert.equal(one.simulator.calls.length, 0);
  assert.notEqual(one.simulator.kid, two.simulator.kid);
});
