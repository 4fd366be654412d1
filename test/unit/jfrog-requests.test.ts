import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach, test } from "node:test";
import { createJfrogEngine } from "../../src/adapters/engines/jfrog/engine.ts";
import type { Fields } from "../../src/adapters/engines/port.ts";
import { createHttp } from "../../src/adapters/http/create.ts";

interface Seen {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const seen: Seen[] = [];
/** Answers by `METHOD path`; 404 in JFrog's words for all others. */
let answers: Record<string, object | number> = {};
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString("utf8");
  });
  request.on("end", () => {
    const line = `${request.method} ${request.url}`;
    seen.push({ line, headers: request.headers, body });
    const answer = answers[line] ?? 404;
    response.setHeader("content-type", "application/json");
    if (typeof answer === "object") response.end(JSON.stringify(answer));
    else response.writeHead(answer).end(JSON.stringify({ errors: [{ code: "C", message: "m" }] }));
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const http = createHttp();
after(async () => {
  await http.close();
  server.close();
});
beforeEach(() => {
  seen.length = 0;
  answers = {};
});

const engine = createJfrogEngine({
  settings: {
    url: origin,
    tokenTtlMs: 60 * 86_400_000 + 999,
    clientName: "My CLI & co",
    clientCode: "1",
    rotation: "refresh" as const,
  },
  http,
  now: () => 0,
});
const signal = new AbortController().signal;
const session = "5b1e7f0a-3c52-4d0f-9a8e-0c5d5f1ea1b2";
const tokens = "/access/api/v1/tokens";
const jwt = (claims: object): string =>
  ["{}", JSON.stringify(claims), "s"].map((part) => Buffer.from(part).toString("base64url")).join(".");
const pair: Fields = { access_token: jwt({ jti: "id-1" }), refresh_token: "refresh 1".replace(" ", "&"), url: origin };

const only = (): Seen => {
  assert.equal(seen.length, 1);
  return seen[0] as Seen;
};

test("the login URL holds session, name and code; the one-time code is the session's last four characters", () => {
  assert.deepEqual(engine.login?.(session), {
    url: `${origin}/ui/login?jfClientSession=${session}&jfClientName=My%20CLI%20%26%20co&jfClientCode=1`,
    code: "a1b2",
  });
});

test("begin and poll carry no Authorization", async () => {
  await engine.begin?.(session, signal);
  await engine.poll?.(session, signal);
  const [begin, poll] = seen;
  const login = "/access/api/v2/authentication/jfrog_client_login";
  assert.equal(begin?.line, `POST ${login}/request`);
  assert.equal(begin?.body, `{"session":"${session}"}`);
  assert.equal(begin?.headers["content-type"], "application/json");
  assert.equal(poll?.line, `GET ${login}/token/${session}`);
  assert.deepEqual([begin?.headers.authorization, poll?.headers.authorization], [undefined, undefined]);
});

test("the mint asks for a refreshable token of the user's own rights, in whole seconds, with our description", async () => {
  await engine.exchange({ with: pair, description: "d".repeat(2000) }, signal);
  const { line, headers, body } = only();
  assert.equal(line, `POST ${tokens}`);
  assert.equal(headers.authorization, `Bearer ${pair.access_token}`);
  assert.deepEqual(JSON.parse(body), {
    scope: "applied-permissions/user",
    expires_in: 5_184_000,
    refreshable: true,
    description: "d".repeat(1024),
  });
});

test("the refresh is a form with both tokens and the bearer", async () => {
  await engine.refresh?.(pair, signal);
  const { line, headers, body } = only();
  assert.equal(line, `POST ${tokens}`);
  assert.equal(headers.authorization, `Bearer ${pair.access_token}`);
  assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
  assert.equal(body, `grant_type=refresh_token&access_token=${pair.access_token}&refresh_token=refresh%261`);
});

test("a pair with a reference token asks for the next one", async () => {
  const withReference = { ...pair, reference_token: "cmVmdGtuOjAx" };
  await engine.refresh?.(withReference, signal);
  await engine.exchange({ with: withReference, description: "x" }, signal);
  assert.ok(seen[0]?.body.endsWith("&include_reference_token=true"));
  assert.equal(JSON.parse(seen[1]?.body ?? "{}").include_reference_token, true);
});

test("the probe asks for the token's own row, the revocation names it by id", async () => {
  await engine.probe?.(pair, signal);
  await engine.revoke?.(pair, signal);
  assert.deepEqual(
    seen.map((request) => request.line),
    [`GET ${tokens}/me`, `DELETE ${tokens}/id-1`],
  );
  for (const request of seen) assert.equal(request.headers.authorization, `Bearer ${pair.access_token}`);
});

test("a token without a usable id is revoked as /me", async () => {
  for (const access_token of ["opaque-token", jwt({}), jwt({ jti: "../../x" }), jwt({ jti: "a/b" }), jwt({ jti: 7 })])
    await engine.revoke?.({ ...pair, access_token }, signal);
  for (const request of seen) assert.equal(request.line, `DELETE ${tokens}/me`);
  assert.equal(seen.length, 5);
});

test("the sweep revokes exactly our description, but the kept and the presented token", async () => {
  const description = "dotvault alice@host jfrog *";
  const list = `GET ${tokens}?description=${encodeURIComponent(description)}`;
  const row = (token_id: unknown, text: unknown = description) => ({ token_id, description: text });
  answers = {
    [list]: {
      tokens: [
        row("orphan-1"),
        row("kept"),
        row("id-1"),
        row("other", `${description}2`),
        row("gone"),
        row("short"),
        row("../me"),
        row(5),
        null,
        { token_id: "bare" },
        row("orphan-2"),
      ],
    },
    [`DELETE ${tokens}/orphan-1`]: {},
    [`DELETE ${tokens}/orphan-2`]: {},
    [`DELETE ${tokens}/short`]: 400,
  };
  const result = await engine.sweep?.({ with: pair, description, keep: "kept" }, signal);
  assert.deepEqual(result, { kind: "swept", revoked: ["orphan-1", "orphan-2"] });
  assert.deepEqual(seen.map((request) => request.line.split(" ")[1]?.split("/").at(-1)).slice(1), [
    "orphan-1",
    "gone",
    "short",
    "orphan-2",
  ]);
});

test("the sweep leaves alone what is younger than the token that is presented: it came of that one, and is in use", async () => {
  const description = "dotvault alice@host jfrog #1";
  const row = (token_id: string, issued_at: number) => ({ token_id, description, issued_at });
  answers = {
    [`GET ${tokens}?description=${encodeURIComponent(description)}`]: {
      tokens: [row("orphan", 1000), row("twin", 1001), row("successor", 1002)],
    },
    [`DELETE ${tokens}/orphan`]: {},
    [`DELETE ${tokens}/twin`]: {},
    [`DELETE ${tokens}/successor`]: {},
  };
  const access_token = jwt({ jti: "kept", iat: 1001 });
  const result = await engine.sweep?.({ with: { ...pair, access_token }, description, keep: "kept" }, signal);
  assert.deepEqual(result, { kind: "swept", revoked: ["orphan", "twin"] });
});

test("a sweep whose token is refused half-way says so", async () => {
  const list = `GET ${tokens}?description=d`;
  for (const [status, kind] of [
    [401, "refused"],
    [403, "refused"],
    [500, "trouble"],
  ] as const) {
    answers = { [list]: { tokens: [{ token_id: "o", description: "d" }] }, [`DELETE ${tokens}/o`]: status };
    assert.equal((await engine.sweep?.({ with: pair, description: "d", keep: "kept" }, signal))?.kind, kind);
  }
});

test("nothing is sent when nothing is kept, or there is nothing to present", async () => {
  const missing = { refresh_token: "r", url: origin };
  const broken = { ...pair, access_token: "a\r\nb: c" };
  const results = [
    await engine.sweep?.({ with: pair, description: "d", keep: "" }, signal),
    await engine.refresh?.({ access_token: "a", url: origin }, signal),
    await engine.refresh?.(missing, signal),
    await engine.probe?.(broken, signal),
    await engine.revoke?.(missing, signal),
  ];
  for (const result of results) assert.ok(result?.kind === "trouble" && result.sent === "no", JSON.stringify(result));
  const empty = await engine.exchange({ description: "d" }, signal);
  assert.ok(empty.kind === "refused" && empty.status === 0, "a login of another kind is over");
  assert.equal(seen.length, 0);
});

test("a pair is presented only to the platform that issued it", async () => {
  for (const url of ["https://other.example.com", `${origin}1`, origin.replace("127.0.0.1", "localhost"), undefined]) {
    const { url: _, ...rest } = pair;
    const foreign: Fields = url === undefined ? rest : { ...rest, url };
    const results = [
      await engine.exchange({ with: foreign, description: "d" }, signal),
      await engine.refresh?.(foreign, signal),
      await engine.probe?.(foreign, signal),
      await engine.revoke?.(foreign, signal),
      await engine.sweep?.({ with: foreign, description: "d", keep: "k" }, signal),
    ];
    for (const result of results)
      assert.ok(result?.kind === "trouble" && result.class === "jfrog.other-origin", JSON.stringify(result));
  }
  assert.equal(seen.length, 0);
  await engine.probe?.({ ...pair, url: `${origin}/` }, signal);
  assert.equal(seen.length, 1, "a slash at the end is the same platform");
});
