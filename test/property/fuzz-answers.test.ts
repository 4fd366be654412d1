import assert from "node:assert/strict";
import fc from "fast-check";
import { readClaims } from "../../src/adapters/engines/jfrog/claims.ts";
import { createJfrogEngine } from "../../src/adapters/engines/jfrog/engine.ts";
import type { Http, HttpAnswer } from "../../src/adapters/http/port.ts";
import { fromAnswer, serverWords } from "../../src/adapters/vault/failures.ts";
import { property } from "../support/property.ts";

const origin = "https://mycompany.jfrog.io";
const signal = new AbortController().signal;
const prototype = () => JSON.stringify(Object.getOwnPropertyNames(Object.prototype).toSorted());
const untouched = prototype();

const b64 = (text: string) => Buffer.from(text).toString("base64url");
const name = fc.constantFrom("__proto__", "constructor", "sub", "jti", "iat", "exp", "ext", "aud", "scp");
const odd = fc.oneof(
  fc.constantFrom(null, -1, 1e300, "\u001b]0;x\u0007", 'a"\n,"b": "c', "../..", {}, [], "x".repeat(100_000)),
  fc.constantFrom('jfac@01/users/a"\n,"evil": "b', "jfac@01/users/\u001b[2Jx", "jfac@01/users/a'b"),
  fc.jsonValue(),
);
const claims = fc
  .array(fc.tuple(name, odd), { maxLength: 6 })
  .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
const manyClaims = fc.nat(20_000).map((n) => `{${Array.from({ length: n }, (_, i) => `"c${i}":${i}`).join(",")}}`);
const deepClaims = fc.nat(5_000).map((n) => `${'{"a":'.repeat(n)}1${"}".repeat(n)}`);
const jwt = fc
  .oneof(claims, manyClaims, deepClaims, fc.string())
  .map((body) => `${b64('{"alg":"none"}')}.${b64(body)}.sig`);

property(
  "a JWT of any claims, many or deep or odd, is read or has none, at once, and reaches no prototype",
  [jwt],
  (token) => {
    const began = performance.now();
    const found = readClaims(token);
    for (const time of [found.issuedAt, found.expiresAt]) assert.ok(time === undefined || Number.isFinite(time));
    for (const text of [found.user, found.tokenId]) assert.doesNotMatch(text ?? "", /[\p{C}"]/u);
    assert.equal(prototype(), untouched);
    assert.ok(performance.now() - began < 10_000, "it hangs");
    return true;
  },
);

const member = fc.constantFrom(
  ...["__proto__", "constructor", "access_token", "refresh_token", "token_id", "expires_in", "username", "errors"],
  ...["code", "message", "tokens", "scope", "token_type", "reference_token"],
);
const text = fc
  .tuple(
    fc.constantFrom(
      [],
      [
        ["access_token", "abc.def.ghi"],
        ["refresh_token", "r"],
      ],
    ),
    fc.array(fc.tuple(member, fc.oneof(odd, jwt)), { maxLength: 8 }),
  )
  .map(([usable, more]) => [...usable, ...more])
  .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
const answer: fc.Arbitrary<HttpAnswer> = fc.record({
  status: fc.constantFrom(200, 201, 204, 301, 307, 400, 401, 403, 404, 429, 500, 503, 999),
  headers: fc.constantFrom(
    {},
    { "content-type": "application/json" },
    { "content-type": "text/html", "retry-after": "-1" },
  ),
  body: fc.oneof(text, fc.string(), fc.constantFrom("[".repeat(100_000), "\u0000", "null", "<html>")),
  serverTime: fc.constantFrom(0, 1_764_000_000_000),
});

property(
  "whatever a service answers to any call is an outcome, one line, and nothing that breaks a file or a prototype",
  [answer],
  async (given) => {
    const http: Http = { send: async () => given, close: async () => {} };
    const settings = {
      url: origin,
      tokenTtlMs: 3_600_000,
      clientName: "c",
      clientCode: "1",
      rotation: "refresh",
    } as const;
    const engine = createJfrogEngine({ settings, http, now: () => 0 });
    const pair = { access_token: "old-access", refresh_token: "old-refresh", url: origin };
    const session = "5b1e7f0a-3c52-4d0f-9a8e-0c5d5f1ea1b2";
    const outcomes = await Promise.all([
      engine.begin?.(session, signal),
      engine.poll?.(session, signal),
      engine.exchange({ with: pair, description: "d" }, signal),
      engine.refresh?.(pair, signal),
      engine.probe?.(pair, signal),
      engine.revoke?.(pair, signal),
      engine.sweep?.({ with: pair, description: "d", keep: "k" }, signal),
    ]);
    for (const outcome of outcomes) {
      assert.equal(typeof outcome?.kind, "string");
      const said = outcome && "message" in outcome ? String(outcome.message) : "";
      assert.ok(!/\p{C}/u.test(said), JSON.stringify(said));
      const fields = outcome && "fields" in outcome ? (outcome.fields as Record<string, string>) : {};
      for (const [field, value] of Object.entries(fields)) {
        assert.equal(typeof value, "string");
        assert.ok(!/[\p{C}"\\]/u.test(value), `${field}: ${JSON.stringify(value).slice(0, 80)}`);
      }
    }
    assert.equal(prototype(), untouched);
    return true;
  },
  { runs: 200 },
);

const words = fc.oneof(
  odd,
  fc.string({ unit: "binary" }),
  fc.constantFrom("\u001b[2J\u009b31m", "a\u202eb\u2066c\r\nd", "sealed\u0000"),
);
const vaultAnswer = fc.record({
  status: fc.constantFrom(200, 307, 400, 403, 404, 412, 429, 472, 500, 503),
  headers: fc.constantFrom({}, { "retry-after": "-1" }, { "retry-after": "99999999999999" }, { "retry-after": "soon" }),
  body: fc.oneof(
    fc.constant(undefined),
    fc.string(),
    fc.record({ errors: fc.oneof(words, fc.array(words, { maxLength: 4 })) }),
  ),
  serverTime: fc.constantFrom(undefined, 1_764_000_000_000),
});

property("whatever Vault says of an error is one harmless line, and short", [vaultAnswer], (given) => {
  const answer = given as Parameters<typeof fromAnswer>[0];
  const { message, hint, retryAfterMs } = fromAnswer(answer, { capability: "read", path: "kv/data/users/ada/jfrog" });
  for (const said of [message, hint ?? "", serverWords(answer)]) {
    assert.doesNotMatch(said, /\p{C}/u);
    assert.ok(said.length < 400);
  }
  assert.ok(retryAfterMs === undefined || (Number.isFinite(retryAfterMs) && retryAfterMs >= 0));
  assert.equal(prototype(), untouched);
  return true;
});
