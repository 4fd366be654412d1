import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from "../../src/adapters/http/port.ts";
import { type Document, parseSpelled, StoreFailure } from "../../src/adapters/store-port.ts";
import { createVaultStore, type VaultStoreOptions } from "../../src/adapters/vault/store.ts";

const serverTime = Date.parse("2026-11-23T07:27:09Z");
const fromEnvironment = {
  VAULT_TOKEN: "s.env",
  VAULT_PREFIX: "/env",
  VAULT_NAMESPACE: "env",
  VAULT_ADDR: "http://env",
};
Object.assign(process.env, fromEnvironment, { DEBUG: "*" });
after(() => {
  for (const name of [...Object.keys(fromEnvironment), "DEBUG"]) delete process.env[name];
});

type Reply = (request: HttpRequest) => Partial<HttpAnswer> | Promise<Partial<HttpAnswer>>;

/** A store whose server is this function. */
function scripted(reply: Reply, options: Partial<VaultStoreOptions> = {}) {
  const requests: HttpRequest[] = [];
  const http: Http = {
    send: async (request) => {
      requests.push(request);
      return { status: 200, headers: {}, body: "", serverTime, ...(await reply(request)) };
    },
    close: async () => {},
  };
  const store = createVaultStore({
    address: "https://vault.test:8200//",
    kvMount: "kv",
    userPrefix: "users/",
    user: "alice",
    token: async () => "s.secret",
    http,
    ...options,
  });
  return { store, requests };
}

const json = (status: number, body: unknown, headers = {}) => ({ status, body: JSON.stringify(body), headers });
const errors = (status: number, ...texts: string[]) => json(status, { errors: texts });
const writtenAs = (version: number) => json(200, { data: { version, created_time: "2026-11-23T07:27:08.918073886Z" } });
const metadata = (version: number, deletion = "") => ({
  current_version: version,
  versions: { [version]: { created_time: "2026-11-23T07:27:08Z", deletion_time: deletion, destroyed: false } },
});

async function failureOf(promise: Promise<unknown>): Promise<StoreFailure> {
  const error: unknown = await promise.then(
    () => assert.fail("it did not fail"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StoreFailure, String(error));
  assert.ok(!JSON.stringify([error.message, error.hint, error.stack]).includes("s.secret"));
  return error;
}

test("a write is one POST with check-and-set, our token and nothing from the environment", async () => {
  const { store, requests } = scripted(() => writtenAs(4));
  const written = await store.write("group/na me", { a: 1 }, 3);
  assert.deepEqual(written, { version: 4, createdAt: Date.parse("2026-11-23T07:27:08.918Z"), serverTime });
  assert.equal(requests.length, 1);
  const { method, url, headers, body } = requests[0] ?? assert.fail();
  assert.deepEqual([method, url], ["POST", "https://vault.test:8200/v1/kv/data/users/alice/group/na%20me"]);
  assert.deepEqual(headers, {
    "X-Vault-Token": "s.secret",
    "x-vault-request": "true",
    "content-type": "application/json",
  });
  assert.equal(body, '{"data":{"a":1},"options":{"cas":3}}');
});

test("mount, prefix and user are put together with single slashes, each segment encoded", async () => {
  const url = async (kvMount: string, userPrefix: string, user: string) => {
    const { store, requests } = scripted(() => errors(404), { kvMount, userPrefix, user });
    await store.read("n");
    return requests[0]?.url.slice("https://vault.test:8200/v1/".length);
  };
  assert.equal(await url("kv", "users", "alice"), "kv/data/users/alice/n");
  assert.equal(await url("/team/kv/", "/users///", "alice"), "team/kv/data/users/alice/n");
  assert.equal(await url("kv", "", "CORP\\alice"), "kv/data/CORP%5Calice/n");
  assert.equal(await url("kv", "a b/c", "é"), "kv/data/a%20b/c/%C3%A9/n");
});

test("a namespace is sent when it is set", async () => {
  const { store, requests } = scripted(() => errors(404), { namespace: "team/a" });
  await store.read("n");
  assert.equal(requests[0]?.headers?.["X-Vault-Namespace"], "team/a");
});

test("the token is asked for before every request, so that a new one is used at once", async () => {
  const tokens = ["one", "two"];
  const { store, requests } = scripted(() => errors(404), { token: async () => tokens.shift() });
  await store.read("n");
  await store.read("n");
  await assert.rejects(store.read("n"), { class: "store.no-token" });
  assert.deepEqual(
    requests.map((request) => request.headers?.["X-Vault-Token"]),
    ["one", "two"],
  );
});

test("numbers reach the server and come back as they were spelled", async () => {
  const spelled = '{"id":12345678901234567890,"price":1.50,"list":[-0,1e3,{"n":2.0}]}';
  const { store, requests } = scripted((request) =>
    request.method === "POST"
      ? writtenAs(2)
      : { body: `{"data":{"data":${spelled},"metadata":{"version":1,"created_time":"2026-11-23T07:27:08Z"}}}` },
  );
  const found = await store.read("n");
  assert.ok(found.state === "present");
  assert.deepEqual(found.fields, parseSpelled(spelled) as Document);
  await store.write("n", found.fields, 1);
  assert.equal(requests[1]?.body, `{"data":${spelled},"options":{"cas":1}}`);
});

test("the caller's signal ends the request", async () => {
  const { store, requests } = scripted(() => {
    throw new HttpFailure("aborted", "maybe", "vault.test", "stopped");
  });
  const { signal } = new AbortController();
  assert.equal((await failureOf(store.write("n", {}, 0, signal))).sent, "maybe");
  assert.equal(requests[0]?.signal, signal);
});

const troubles: [string, Partial<HttpAnswer>, { class: string; sent?: "maybe"; retryAfterMs?: number }][] = [
  ["sealed", errors(503, "Vault is sealed"), { class: "store.sealed" }],
  ["throttled", errors(429, "quota"), { class: "store.throttled" }],
  ["throttled for seconds", json(429, {}, { "retry-after": "7" }), { class: "store.throttled", retryAfterMs: 7000 }],
  [
    "unavailable until a date",
    json(503, {}, { "retry-after": "Mon, 23 Nov 2026 07:28:09 GMT" }),
    { class: "store.unavailable", sent: "maybe", retryAfterMs: 60_000 },
  ],
  [
    "a date that has passed",
    json(429, {}, { "retry-after": "Mon, 23 Nov 2026 07:20:09 GMT" }),
    { class: "store.throttled", retryAfterMs: 0 },
  ],
  ["an internal error", errors(500, "internal error"), { class: "store.unavailable", sent: "maybe" }],
  ["a proxy's 502 page", { status: 502, body: "<html>" }, { class: "store.unavailable", sent: "maybe" }],
  ["a fresh mount on a standby", errors(400, "Waiting for the primary to upgrade"), { class: "store.unavailable" }],
  ["a standby that lags behind", errors(412, "required index"), { class: "store.unavailable" }],
  ["a redirect", { status: 307, headers: { location: "https://x" } }, { class: "store.unavailable" }],
  ["no mount", errors(404, 'no handler for route "kv/data/n". route entry not found.'), { class: "store.no-mount" }],
  ["a page instead of JSON", { body: "<html>welcome</html>" }, { class: "store.odd-answer", sent: "maybe" }],
  ["an empty success", { status: 204 }, { class: "store.odd-answer", sent: "maybe" }],
  ["a strange refusal", errors(400, "error\nparsing\u001b[2J"), { class: "store.refused" }],
  ["a proxy's 404 page", { status: 404, body: "<html>" }, { class: "store.refused" }],
];
for (const [name, answer, expected] of troubles) {
  test(`${name}: ${expected.class}, whatever was asked, without a retry`, async () => {
    const { store, requests } = scripted(() => answer);
    const failure = await failureOf(store.write("n", { access_token: "s.secret" }, 0));
    const { class: failureClass, sent, retryAfterMs } = failure;
    assert.deepEqual({ class: failureClass, sent, retryAfterMs }, { sent: "no", retryAfterMs: undefined, ...expected });
    assert.ok(!/[\p{Cc}]/u.test(failure.message));
    assert.equal(requests.length, 1);
    assert.equal((await failureOf(store.read("n"))).class, expected.class);
    assert.equal((await failureOf(store.look(["n"]))).class, expected.class);
  });
}

const losses = [
  ["refused", "no", "store.unreachable"],
  ["dns", "no", "store.unreachable"],
  ["connect-timeout", "no", "store.unreachable"],
  ["proxy", "no", "store.unreachable"],
  ["reset", "maybe", "store.unreachable"],
  ["headers-timeout", "maybe", "store.unreachable"],
  ["truncated", "maybe", "store.unreachable"],
  ["tls", "no", "store.tls"],
  ["not-allowed", "no", "store.refused"],
  ["too-large", "maybe", "store.odd-answer"],
  ["protocol", "maybe", "store.odd-answer"],
] as const;
for (const [reason, sent, failureClass] of losses) {
  test(`no answer (${reason}): ${failureClass}, and the caller learns whether it may have been written`, async () => {
    const { store, requests } = scripted(() => {
      throw new HttpFailure(reason, sent, "vault.test", reason);
    });
    const failure = await failureOf(store.write("n", {}, 0));
    assert.deepEqual([failure.class, failure.sent, requests.length], [failureClass, sent, 1]);
  });
}

test("a write that a policy forbids is judged by asking about the token; if that can't be asked, by nothing", async () => {
  const forbidding = (judge: Partial<HttpAnswer>): Reply => {
    return ({ url }) => (url.includes("/kv/") ? errors(403, "permission denied") : judge);
  };
  const classWhen = async (judge: Partial<HttpAnswer>) =>
    (await failureOf(scripted(forbidding(judge)).store.write("n", {}, 2))).class;
  assert.equal(await classWhen(json(200, {})), "store.denied");
  assert.equal(await classWhen(errors(403, "permission denied")), "store.token");
  assert.equal(await classWhen(errors(503, "Vault is sealed")), "store.sealed");
});

test("an answer without the server's time is refused: leases are reckoned by it", async () => {
  const http: Http = { send: async () => ({ status: 404, headers: {}, body: '{"errors":[]}' }), close: async () => {} };
  const { store } = scripted(() => ({}), { http });
  const failure = await failureOf(store.read("n"));
  assert.deepEqual([failure.class, /Date/.test(failure.message)], ["store.odd-answer", true]);
});

test("one listing per folder answers for all its names", async () => {
  const { store, requests } = scripted(({ url }) =>
    url.endsWith("/alice")
      ? json(200, { data: { key_info: { a: metadata(3), "group/": {}, other: metadata(1) } } })
      : json(200, { data: { key_info: { b: metadata(2, "2026-11-23T07:27:09.9Z") } } }),
  );
  const seen = await store.look(["a", "absent", "constructor", "__proto__", "group/b", "group/c"]);
  assert.deepEqual(
    requests.map((request) => `${request.method} ${request.url.slice("https://vault.test:8200/v1/".length)}`),
    ["LIST kv/detailed-metadata/users/alice", "LIST kv/detailed-metadata/users/alice/group"],
  );
  assert.deepEqual(store.lookGroups(["a", "group/b", "c"]), [["a", "c"], ["group/b"]]);
  const createdAt = Date.parse("2026-11-23T07:27:08Z");
  assert.deepEqual(Object.fromEntries(seen), {
    a: { version: 3, createdAt, deleted: false },
    // Deleted later in the second that the Date header names.
    "group/b": { version: 2, createdAt, deleted: true },
  });
});

test("where listings are not offered the names are asked one by one, and no listing is tried again", async () => {
  const { store, requests } = scripted(({ method, url }) => {
    if (method === "LIST")
      return json(404, { data: null, warnings: ["Invalid path for a versioned K/V secrets engine."] });
    return url.endsWith("/none") ? errors(404) : json(200, { data: metadata(1) });
  });
  const names = ["a", "none", "group/b"];
  for (const _again of [1, 2]) assert.deepEqual([...(await store.look(names)).keys()].sort(), ["a", "group/b"]);
  const listings = requests.filter((request) => request.method === "LIST").length;
  assert.ok(listings > 0 && listings <= 2);
  await store.look(names);
  assert.equal(requests.filter((request) => request.method === "LIST").length, listings);
  assert.deepEqual(store.lookGroups(names), [["a"], ["none"], ["group/b"]]);
});

test("a listing that is too large is given up for single questions; an outage is not", async () => {
  let down = false;
  const { store, requests } = scripted(({ method }) => {
    if (down) return errors(503, "standby");
    if (method === "LIST") throw new HttpFailure("too-large", "maybe", "vault.test", "too large");
    return json(200, { data: metadata(1) });
  });
  assert.equal((await store.look(["a"])).size, 1);
  down = true;
  const before = requests.length;
  assert.equal((await failureOf(store.look(["a"]))).class, "store.unavailable");
  assert.equal(requests.length, before + 1);
});

test("an outage during the listing does not cost the cheap way for good", async () => {
  let down = true;
  const { store, requests } = scripted(() =>
    down ? errors(503, "standby") : json(200, { data: { key_info: { a: metadata(1) } } }),
  );
  assert.equal((await failureOf(store.look(["a"]))).class, "store.unavailable");
  down = false;
  assert.equal((await store.look(["a"])).size, 1);
  assert.deepEqual(
    requests.map((request) => request.method),
    ["LIST", "LIST"],
  );
});

test("single questions are asked four at a time", async () => {
  let open = 0;
  let most = 0;
  const { store } = scripted(async ({ method }) => {
    if (method === "LIST") return { status: 405 };
    most = Math.max(most, ++open);
    await new Promise((done) => setImmediate(done));
    open--;
    return json(200, { data: metadata(1) });
  });
  const names = Array.from({ length: 25 }, (_, index) => `n${index}`);
  assert.equal((await store.look(names)).size, 25);
  assert.equal(most, 4);
});

const stateOf = (value: number, cluster = "c") =>
  Buffer.from(JSON.stringify({ cluster, value: `${value}` })).toString("base64");

test("whatever node answers has to know of our writes, and an answer that was overtaken lowers nothing", async () => {
  const shown = [stateOf(7), stateOf(5), undefined];
  const { store, requests } = scripted(() => {
    const index = shown.shift();
    return { ...writtenAs(1), ...(index === undefined ? {} : { headers: { "x-vault-index": index } }) };
  });
  for (let n = 0; n < 4; n++) await store.write("n", {}, 0);
  assert.deepEqual(
    requests.map(({ headers }) => headers?.["x-vault-index"]),
    [undefined, stateOf(7), stateOf(7), stateOf(7)],
  );
  assert.equal(requests[1]?.headers?.["x-vault-inconsistent"], "forward-active-node");
});

test("a state that no node can reach (another cluster behind the same name) is not insisted on for ever", async () => {
  const { store, requests } = scripted(({ headers }) =>
    headers?.["x-vault-index"] === undefined
      ? { ...writtenAs(1), headers: { "x-vault-index": stateOf(9) } }
      : errors(412),
  );
  await store.write("n", {}, 0);
  for (let n = 0; n < 5; n++) assert.equal((await failureOf(store.write("n", {}, 0))).class, "store.unavailable");
  await store.write("n", {}, 0);
  assert.equal(requests.at(-1)?.headers?.["x-vault-index"], undefined);
});

test("a server that can't read our index gets the next request without it", async () => {
  const { store } = scripted(({ headers }) =>
    headers?.["x-vault-index"] === undefined
      ? { ...writtenAs(1), headers: { "x-vault-index": stateOf(9) } }
      : errors(400, 'failed to decode "X-Vault-Index"'),
  );
  await store.write("n", {}, 0);
  await failureOf(store.write("n", {}, 0));
  await store.write("n", {}, 0);
});
