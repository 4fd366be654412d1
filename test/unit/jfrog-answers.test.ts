import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { createJfrogEngine } from "../../src/adapters/engines/jfrog/engine.ts";
import type { Fields, Trouble } from "../../src/adapters/engines/port.ts";
import { createHttp } from "../../src/adapters/http/create.ts";

// One server for the whole file; each case sets what it answers next. All calls are awaited, so no two cases overlap.
let answering: (response: ServerResponse) => void = (response) => response.end();
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => answering(response));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const http = createHttp();
after(async () => {
  await http.close();
  server.closeAllConnections();
  server.close();
});

const engine = createJfrogEngine({
  settings: {
    url: origin,
    tokenTtlMs: 3_600_000,
    clientName: "JFrog-CLI",
    clientCode: "1",
    rotation: "refresh" as const,
  },
  http,
  now: () => assert.fail("our clock was asked although the server said the time"),
});
const signal = new AbortController().signal;
const session = "5b1e7f0a-3c52-4d0f-9a8e-0c5d5f1ea1b2";
const pair: Fields = { access_token: "opaque-access-0001", refresh_token: "opaque-refresh-0001", url: origin };
const date = "Sun, 06 Nov 1994 08:49:37 GMT";
const serverTime = 784111777000;

interface Canned {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

function answer({ status, type = "application/json", body = "", headers = {} }: Canned): void {
  answering = (response) => {
    if (type !== "") response.setHeader("content-type", type);
    response.writeHead(status, { date, ...headers }).end(body);
  };
}

const calls = {
  begin: () => engine.begin?.(session, signal),
  poll: () => engine.poll?.(session, signal),
  exchange: () => engine.exchange({ with: pair, description: "dotvault" }, signal),
  refresh: () => engine.refresh?.(pair, signal),
  probe: () => engine.probe?.(pair, signal),
  revoke: () => engine.revoke?.(pair, signal),
  sweep: () => engine.sweep?.({ with: pair, description: "dotvault", keep: "kept" }, signal),
};
type CallName = keyof typeof calls;
const all = Object.keys(calls) as CallName[];

/** Kind, and what tells results of that kind apart. */
async function outcome(name: CallName, canned?: Canned): Promise<string> {
  if (canned !== undefined) answer(canned);
  const result = await calls[name]();
  assert.ok(result !== undefined);
  if ("serverTime" in result) assert.equal(result.serverTime, serverTime);
  if (result.kind === "refused") return `refused ${result.status} ${result.class}`;
  if (result.kind === "trouble") return `trouble ${result.sent} ${result.class}`;
  if (result.kind === "revoked") return `revoked ${result.how}`;
  if (result.kind === "alive") return `alive ${result.listed ? "listed" : ""}`;
  return result.kind;
}

const access = (status: number, message = "No.") => ({
  status,
  body: JSON.stringify({ errors: [{ code: "X_Y", message }] }),
});
const artifactory = (status: number) => ({ status, body: JSON.stringify({ errors: [{ status, message: "No." }] }) });
const flat = (status: number) => ({ status, body: JSON.stringify({ code: "NO", message: "No.", detail: "" }) });
const html = (status: number) => ({ status, type: "text/html; charset=utf-8", body: "<html><h1>No</h1></html>" });
const token = (more: object = {}) => ({ status: 200, body: JSON.stringify({ access_token: "new-access-1", ...more }) });

const shapes: readonly ((status: number) => Canned)[] = [access, artifactory, flat];
const ordinary: Record<number, string> = Object.fromEntries(
  [400, 401, 403, 404].map((status) => [status, `refused ${status} jfrog.refused.${status}`]),
);
/** What the four refusals in JFrog's own words mean where they don't mean a plain refusal. */
const special: Partial<Record<CallName, Record<number, string>>> = {
  begin: { 404: "refused 404 jfrog.login.too-old" },
  poll: { 400: "pending", 404: "refused 404 jfrog.poll.gone" },
  probe: { 401: "dead", 404: "unlisted" },
  revoke: { 400: "revoked not-revocable", 401: "revoked dead", 404: "revoked unlisted" },
};

for (const name of all) {
  // The flat shape is that of revocation alone; elsewhere it is a gateway's, which must not count as the service's word.
  const shapesHere = name === "revoke" ? shapes : [access, artifactory];

  test(`${name}: a refusal is one only in JFrog's words, in any of the shapes that it has here`, async () => {
    for (const status of [400, 401, 403, 404]) {
      const expected = special[name]?.[status] ?? ordinary[status];
      for (const shape of shapesHere) assert.equal(await outcome(name, shape(status)), expected);
      assert.equal(await outcome(name, { ...access(status), type: "" }), expected, "no content type");
      assert.equal(await outcome(name, { ...access(status), type: "application/problem+json;v=1" }), expected);
    }
  });

  test(`${name}: bodies that are nearly JFrog's are not its word`, async () => {
    const near: [status: number, canned: Omit<Canned, "status">][] = [
      [401, { body: '{"message":"Forbidden"}' }],
      ...(name === "revoke"
        ? []
        : [[401, { body: '{"code":"UNAUTHORIZED","message":"no"}' }] as [number, Omit<Canned, "status">]]),
      [401, { body: '{"errors":[]}' }],
      [401, { body: '{"errors":"no"}' }],
      [401, { body: '{"errors":[{"message":"no"}]}' }],
      [401, { body: '{"errors":[{"status":404,"message":"no"}]}' }],
      [401, { body: '{"errors":[{"code":"A","message":"no"},{"code":"B"}]}' }],
      [401, { body: '{"code":401,"message":"no"}' }],
      [401, { body: '{"code":"401","message":"no","requestId":"1"}' }],
      [401, { body: '[{"code":"A","message":"no"}]' }],
      [401, { body: '{"errors":[{"code":"A","mess' }],
      [401, { body: "" }],
      [401, { ...access(401), type: "text/plain" }],
      [401, { body: '{"__proto__":{"errors":[{"code":"A","message":"no"}]}}' }],
    ];
    for (const [status, canned] of near)
      assert.equal(await outcome(name, { status, ...canned }), `trouble maybe jfrog.http.${status}`, canned.body ?? "");
  });

  test(`${name}: 429 and a 503 of JFrog's were not acted on, all else may have been`, async () => {
    assert.equal(await outcome(name, { status: 429, body: "slow down" }), "trouble no jfrog.http.429");
    const proxys = {
      status: 503,
      type: "text/plain",
      body: "upstream connect error or disconnect/reset before headers",
    };
    assert.equal(await outcome(name, proxys), "trouble maybe jfrog.http.503");
    for (const status of [503, 429])
      for (const shape of shapesHere)
        assert.equal(await outcome(name, shape(status)), `trouble no jfrog.http.${status}`);
    for (const status of [402, 405, 408, 409, 418, 500, 501, 502, 504, 520])
      for (const shape of [access, flat])
        assert.equal(await outcome(name, shape(status)), `trouble maybe jfrog.http.${status}`);
    for (const status of [200, 401, 429, 500, 502, 503, 504])
      assert.equal(await outcome(name, html(status)), `trouble maybe jfrog.html.${status}`);
    const untyped = { status: 502, type: "", body: "\n <!DOCTYPE html>" };
    assert.equal(await outcome(name, untyped), "trouble maybe jfrog.html.502");
  });

  test(`${name}: a redirect is never followed and never an answer`, async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const canned = { status, headers: { location: `${origin}/elsewhere` } };
      assert.equal(await outcome(name, canned), `trouble maybe jfrog.redirect.${status}`);
    }
  });

  test(`${name}: Retry-After arrives in milliseconds`, async () => {
    const rows = [
      ["7", 7000],
      ["Sun, 06 Nov 1994 08:50:37 GMT", 60_000],
      ["soon", undefined],
    ] as const;
    for (const [value, expected] of rows) {
      answer({ ...access(429), headers: { "retry-after": value } });
      const result = (await calls[name]()) as Trouble;
      assert.equal(result.retryAfterMs, expected);
      assert.equal("retryAfterMs" in result, expected !== undefined);
    }
  });

  test(`${name}: a connection that breaks is trouble by its own name, maybe acted on`, async () => {
    answering = (response) => response.socket?.resetAndDestroy();
    assert.equal(await outcome(name), "trouble maybe net.reset");
    answering = (response) => {
      response.writeHead(200, { "content-length": "99" }).write('{"access_token":"new-ac');
      setImmediate(() => response.socket?.resetAndDestroy());
    };
    assert.equal(await outcome(name), "trouble maybe net.truncated");
    answering = (response) => response.end("x".repeat(9 * 1024 * 1024));
    assert.equal(await outcome(name), "trouble maybe net.too-large");
  });
}

for (const name of ["poll", "exchange", "refresh"] as const) {
  const good = name === "poll" ? "granted" : "issued";

  test(`${name}: a 200 without a usable token may have been acted on`, async () => {
    const rows: [body: string, expected: string][] = [
      ['{"access_token":"new-access-1"', "jfrog.truncated"],
      ["", "jfrog.truncated"],
      ["null", "jfrog.truncated"],
      ['["access_token"]', "jfrog.truncated"],
      ["{}", "jfrog.odd-answer"],
      ['{"access_token":null}', "jfrog.odd-answer"],
      ['{"access_token":""}', "jfrog.odd-answer"],
      ['{"access_token":"a b"}', "jfrog.odd-answer"],
      ['{"access_token":"a\\r\\nx-evil: 1"}', "jfrog.odd-answer"],
      ['{"__proto__":{"access_token":"new-access-1"}}', "jfrog.odd-answer"],
    ];
    for (const [body, expected] of rows)
      assert.equal(await outcome(name, { status: 200, body }), `trouble maybe ${expected}`, body);
  });

  test(`${name}: a token that is there is taken, whatever the content type says`, async () => {
    for (const type of ["application/json", "", "text/plain", "text/html"])
      assert.equal(await outcome(name, { ...token(), type }), good);
    assert.equal(await outcome(name, { ...token(), status: 201 }), good);
  });
}

test("begin: any 2xx that is no page registers; a page with 404 is told from an old server", async () => {
  for (const body of ["", "{}", "OK", "null"])
    assert.equal(await outcome("begin", { status: 200, body }), "registered");
  assert.equal(await outcome("begin", html(404)), "refused 404 jfrog.login.blocked");
  answer(access(404));
  const old = await calls.begin();
  assert.ok(old?.kind === "refused" && old.message.includes("older than 7.64.0"));
  answer(html(404));
  const page = await calls.begin();
  assert.ok(page?.kind === "refused" && !page.message.includes("7.64.0") && page.message.includes("web page"));
});

test("begin: a bare 404 is an old server, too", async () => {
  assert.equal(await outcome("begin", { status: 404, type: "" }), "refused 404 jfrog.login.too-old");
});

test("poll: every 400 means not yet", async () => {
  for (const canned of [access(400), flat(400), html(400), { status: 400, type: "" }])
    assert.equal(await outcome("poll", canned), "pending");
});

test("poll: a 403 or 404 that is not JFrog's blocks it, and the message names the URL without the session", async () => {
  for (const status of [403, 404]) {
    for (const canned of [html(status), { status, type: "" }, { status, body: '{"message":"Forbidden"}' }]) {
      assert.equal(await outcome("poll", canned), `refused ${status} jfrog.poll.blocked`);
      const result = await calls.poll();
      assert.ok(result?.kind === "refused");
      assert.ok(result.message.includes(`${origin}/access/api/v2/authentication/jfrog_client_login/token/<session>`));
      assert.ok(!JSON.stringify(result).includes(session));
    }
  }
});

test("probe: 200 with the token's row is alive and listed; anything else in a 200 is trouble", async () => {
  assert.equal(await outcome("probe", { status: 200, body: '{"token_id":"t1"}' }), "alive listed");
  assert.equal(await outcome("probe", { status: 200, body: '{"token_id":"t1"' }), "trouble maybe jfrog.truncated");
  assert.equal(await outcome("probe", { status: 200, body: '{"token_id":1}' }), "trouble maybe jfrog.odd-answer");
});

test("probe and revoke: a token that is not meant for Access is not dead", async () => {
  for (const name of ["probe", "revoke"] as const)
    assert.equal(await outcome(name, access(401, "Invalid token, audience")), "refused 401 jfrog.refused.401");
  for (const message of ["Invalid token, expired", "Invalid token, signature", "Bad credentials"])
    assert.equal(await outcome("probe", access(401, message)), "dead");
});

test("revoke: 200 revoked, 204 already", async () => {
  assert.equal(await outcome("revoke", { status: 200 }), "revoked revoked");
  assert.equal(await outcome("revoke", { status: 204 }), "revoked already");
});

test("sweep: a list that is none is trouble, an empty one is done", async () => {
  assert.equal(await outcome("sweep", { status: 200, body: '{"tokens":{}}' }), "trouble maybe jfrog.odd-answer");
  assert.equal(await outcome("sweep", { status: 200, body: "[]" }), "trouble maybe jfrog.odd-answer");
  assert.equal(await outcome("sweep", { status: 200, body: '{"tokens":[]}' }), "swept");
});

test("a cancelled call is trouble, not an exception", async () => {
  const result = await engine.refresh?.(pair, AbortSignal.abort());
  assert.ok(result?.kind === "trouble");
  assert.deepEqual([result.sent, result.class], ["no", "net.aborted"]);
});
