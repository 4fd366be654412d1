import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { readClaims } from "../../src/adapters/engines/jfrog/claims.ts";
import { describe, serverId } from "../../src/adapters/engines/jfrog/fields.ts";
import { readIssued } from "../../src/adapters/engines/jfrog/issued.ts";
import { notices } from "../../src/adapters/engines/jfrog/notices.ts";
import { property } from "../support/property.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64url");
const jwt = (claims: unknown): string => `${encode('{"alg":"RS256"}')}.${encode(JSON.stringify(claims))}.c2ln`;
const iat = 1_795_400_000;
const serverTime = 1_795_399_000_000;
const origin = "https://mycompany.jfrog.io";

function issued(body: object, options: { serverTime?: number; user?: string } = { serverTime }) {
  const { user, ...time } = options;
  const known = { origin, now: () => 42_000, ...(user === undefined ? {} : { user }) };
  const result = readIssued(
    { status: 200, headers: {}, body: JSON.stringify(body), ...time },
    { host: "h", secrets: [] },
    known,
  );
  assert.ok(result.kind === "issued", JSON.stringify(result));
  return result;
}

test("the stored fields have exactly their names", () => {
  const access_token = jwt({ sub: "jfac@01/users/alice", iat, exp: iat + 3600, jti: "t-1" });
  const { fields, facts } = issued({
    token_id: "t-1",
    access_token,
    refresh_token: "r-1",
    reference_token: "cmVmdGtuOjAx",
    expires_in: 99,
    scope: "applied-permissions/user",
    token_type: "Bearer",
    novelty: { a: [1] },
  });
  assert.deepEqual(fields, {
    access_token,
    refresh_token: "r-1",
    reference_token: "cmVmdGtuOjAx",
    url: origin,
    server_id: "mycompany",
    user: "alice",
    issued_at: "2026-11-23T02:13:20Z",
    expires_at: "2026-11-23T03:13:20Z",
  });
  assert.deepEqual(facts, {
    complete: true,
    digest: createHash("sha256")
      .update(JSON.stringify([access_token, "r-1"]))
      .digest("hex"),
    refreshable: true,
    tokenId: "t-1",
    user: "alice",
    origin,
    issuedAt: iat * 1000,
    expiresAt: (iat + 3600) * 1000,
  });
  assert.deepEqual(describe(fields), facts);
});

test("the life comes from the answer: the JWT, else expires_in from the server's Date, else never", () => {
  const rows: [name: string, body: object, life: number | undefined, issuedAt: number][] = [
    ["JWT before expires_in", { access_token: jwt({ iat, exp: iat + 3600 }), expires_in: 99 }, 3600_000, iat * 1000],
    ["JWT without exp: expires_in", { access_token: jwt({ iat }), expires_in: 99 }, 99_000, iat * 1000],
    ["JWT without exp, no expires_in", { access_token: jwt({ iat }) }, undefined, iat * 1000],
    ["JWT without exp, expires_in 0", { access_token: jwt({ iat }), expires_in: 0 }, undefined, iat * 1000],
    ["exp beyond all dates", { access_token: jwt({ iat, exp: 2 ** 63 }) }, undefined, iat * 1000],
    ["exp of another type", { access_token: jwt({ iat, exp: "3600" }), expires_in: 99 }, 99_000, iat * 1000],
    ["JWT without iat", { access_token: jwt({ exp: serverTime / 1000 + 60 }) }, 60_000, serverTime],
    ["opaque, number", { access_token: "opaque", expires_in: 3600 }, 3600_000, serverTime],
    ["opaque, text", { access_token: "opaque", expires_in: "3600" }, 3600_000, serverTime],
    ["opaque, 0", { access_token: "opaque", expires_in: 0 }, undefined, serverTime],
    ["opaque, absent", { access_token: "opaque" }, undefined, serverTime],
    ["opaque, negative", { access_token: "opaque", expires_in: -5 }, undefined, serverTime],
    ["opaque, odd", { access_token: "opaque", expires_in: [3600] }, undefined, serverTime],
    ["opaque, endless", { access_token: "opaque", expires_in: 999_999_999_999_999 }, undefined, serverTime],
  ];
  for (const [name, body, life, issuedAt] of rows) {
    const { facts, fields } = issued(body);
    assert.equal(facts.issuedAt, issuedAt, name);
    assert.equal(facts.expiresAt, life === undefined ? undefined : issuedAt + life, name);
    assert.equal("expires_at" in fields, life !== undefined, name);
    assert.deepEqual(describe(fields).expiresAt, facts.expiresAt, name);
  }
});

test("a service that sends no Date gets our clock as the time of issue", () => {
  const { facts } = issued({ access_token: "opaque", expires_in: 10 }, {});
  assert.deepEqual([facts.issuedAt, facts.expiresAt], [42_000, 52_000]);
});

test("the user is the answer's, else the subject's, else the presented credential's, else blank", () => {
  const access_token = jwt({ sub: "jfac@01/users/from-sub" });
  const user = (body: object, known?: string): string | undefined =>
    issued(body, known === undefined ? { serverTime } : { serverTime, user: known }).fields.user;
  assert.equal(user({ access_token, username: "from-answer" }, "known"), "from-answer");
  assert.equal(user({ access_token, username: 7 }, "known"), "from-sub");
  assert.equal(user({ access_token: "cmVmdGtuOjAx" }, "known"), "known");
  assert.equal(user({ access_token: "cmVmdGtuOjAx" }), "");
  assert.equal(user({ access_token, username: "a\u001b[31mb" }), "from-sub");
});

test("an odd refresh or reference token is none", () => {
  for (const odd of ["", 7, null, {}, "a b", "a\nb"]) {
    const { fields, facts } = issued({ access_token: "opaque", refresh_token: odd, reference_token: odd });
    assert.deepEqual([fields.refresh_token, fields.reference_token, facts.refreshable], [undefined, undefined, false]);
  }
});

test("a token without claims is known by the answer's id, if that can stand in a path", () => {
  assert.equal(issued({ access_token: "opaque", token_id: "t-9" }).facts.tokenId, "t-9");
  assert.equal(issued({ access_token: jwt({ jti: "t-1" }), token_id: "t-9" }).facts.tokenId, "t-1");
  for (const odd of ["a/b", "..", "", 5, "x".repeat(200)])
    assert.equal(issued({ access_token: "opaque", token_id: odd }).facts.tokenId, undefined);
});

test("a subject's user is the text after the first /users/", () => {
  const user = (sub: unknown): string | undefined => readClaims(jwt({ sub })).user;
  assert.equal(user("jfac@01/users/alice"), "alice");
  assert.equal(user("jfac@01/users/a/users/b"), "a/users/b");
  for (const none of ["jfac@01", "jfac@01/users/", "alice", 7, null, ["/users/x"], "/users/a\nb"])
    assert.equal(user(none), undefined, String(none));
});

test("claims of odd types are left out, and nothing inherited is read", () => {
  assert.deepEqual(readClaims(jwt({ iat: "5", exp: -1, jti: {}, sub: 1 })), {});
  assert.deepEqual(readClaims(jwt({ iat: 0, exp: null, jti: "" })), {});
  assert.deepEqual(readClaims(`${encode("{}")}.${encode('{"__proto__":{"jti":"x","iat":5}}')}.s`), {});
  assert.deepEqual(readClaims(jwt({ iat: 1.5 })), { issuedAt: 1500 });
});

test("what is no JWT has no claims", () => {
  const good = jwt({ jti: "x" });
  for (const text of [
    "",
    ".",
    "..",
    "a.b",
    "a.b.c",
    `${good}.x`,
    "a.!!.c",
    jwt([1]),
    jwt(null),
    jwt("x"),
    `a.${encode("{")}.c`,
  ])
    assert.equal(readClaims(text).tokenId, undefined, text);
  assert.deepEqual(readClaims(jwt({ jti: "x", pad: "p".repeat(40_000) })), {});
});

property("readClaims takes any text without failing", [fc.string({ unit: "binary" })], (text) => {
  readClaims(text);
  readClaims(`a.${encode(text)}.c`);
  return true;
});

property(
  "describe takes any document without failing, and calls nothing complete without a token and a url",
  [
    fc.dictionary(
      fc.constantFrom("access_token", "refresh_token", "url", "issued_at", "expires_at", "user"),
      fc.anything(),
    ),
  ],
  (document) => {
    const facts = describe(document);
    return !facts.complete || (typeof document.access_token === "string" && typeof document.url === "string");
  },
);

test("a document is complete with an access token and a url, and refreshable with a refresh token, too", () => {
  const look = (document: object) => {
    const { complete, refreshable } = describe(document as Record<string, unknown>);
    return [complete, refreshable];
  };
  assert.deepEqual(look({ access_token: "a", url: origin }), [true, false]);
  assert.deepEqual(look({ access_token: "a", url: origin, refresh_token: "r" }), [true, true]);
  assert.deepEqual(look({ access_token: "a" }), [false, false]);
  assert.deepEqual(look({ url: origin, refresh_token: "r" }), [false, false]);
  assert.deepEqual(look({ access_token: "a", url: "ftp://x" }), [false, false]);
  assert.deepEqual(look({ access_token: 5, url: origin }), [false, false]);
  assert.deepEqual(look(Object.create({ access_token: "a", url: origin })), [false, false]);
});

test("the digest changes with either token and with nothing else", () => {
  const base = { access_token: "a", refresh_token: "r", url: origin };
  const { digest } = describe(base);
  assert.equal(digest, describe({ ...base, url: "https://x", user: "u", expires_at: "x" }).digest);
  for (const other of [{ ...base, access_token: "b" }, { ...base, refresh_token: "s" }, { access_token: "a" }])
    assert.notEqual(describe(other).digest, digest);
});

test("times beside an opaque token count only in RFC 3339", () => {
  const times = (issued_at: unknown): number | undefined =>
    describe({ access_token: "a", url: origin, issued_at }).issuedAt;
  assert.equal(times("2026-11-23T02:13:20Z"), iat * 1000);
  assert.equal(times("2026-11-23T03:13:20.5+01:00"), iat * 1000 + 500);
  for (const odd of ["2026-11-23", "yesterday", "1795400000", 1795400000, "2026-99-23T02:13:20Z", null])
    assert.equal(times(odd), undefined);
});

test("the server's id is its host's first label, and default-server for an address", () => {
  const rows = [
    ["https://mycompany.jfrog.io", "mycompany"],
    ["https://artifactory", "artifactory"],
    ["http://localhost:8082", "localhost"],
    ["http://127.0.0.1:8082", "default-server"],
    ["http://[::1]:8082", "default-server"],
  ] as const;
  for (const [url, expected] of rows) assert.equal(serverId(url), expected);
});

test("a person is told of a missing refresh token, a shorter or endless life, a lost reference token", () => {
  const facts = { complete: true, digest: "", refreshable: true, issuedAt: 0, expiresAt: 3_600_000 };
  const day = 86_400_000;
  const wish = { reference: false, rotation: "refresh" } as const;
  const asked = (life: number) => ({ ...wish, life });
  assert.deepEqual(notices(facts, {}, asked(3_600_000)), []);
  assert.deepEqual(notices(facts, {}, wish), []);
  assert.deepEqual(notices(facts, {}, asked(60 * day)), ["asked for a token of 60 d, JFrog gave 60 min"]);
  const { expiresAt: _, ...endless } = facts;
  assert.deepEqual(notices(endless, {}, asked(36 * 3_600_000)), [
    "asked for a token of 36 h, JFrog gave one without an end",
  ]);
  const stuck = notices({ ...facts, refreshable: false }, {}, wish);
  assert.deepEqual(stuck, ["JFrog gave no refresh token: this token can't be rotated"]);
  assert.deepEqual(notices(facts, {}, { ...wish, reference: true }), ["JFrog gave no reference token"]);
  const narrowed = notices({ ...facts, scope: "applied-permissions/user" }, {}, { ...wish, scope: "system:metrics:r" });
  assert.deepEqual(narrowed, ["asked for the scope system:metrics:r, JFrog gave applied-permissions/user"]);
});
