import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findTokens } from "../../src/adapters/engines/jfrog/token/find.ts";
import { inspectToken, stateAt } from "../../src/adapters/engines/jfrog/token/inspect.ts";
import { reportOf } from "../../src/commands/token/inspect.ts";
import { referenceToken } from "../../src/simulator/random.ts";
import { styleFor } from "../../src/terminal/style.ts";
import { inspectText } from "../../src/terminal/token/inspect.ts";
import { property } from "../support/property.ts";
import { encoded, usual } from "../support/tokens.ts";

const NOW = Date.UTC(2026, 10, 21, 14);
const plain = styleFor({ isTerminal: false }, {});

/** Unsigned: nothing is checked here. */
function token(claims: object | string = {}, header: object = {}): string {
  const payload = typeof claims === "string" ? claims : { ...usual("01abc", NOW), ...claims };
  return `${encoded({ ver: "2", typ: "JWT", alg: "RS256", kid: "k".repeat(43), ...header })}.${encoded(payload)}.c2ln`;
}

function shown(text: string): string {
  return inspectText([reportOf({ token: text, place: "here", enrolment: null }, NOW)], new Date(NOW), plain);
}

test("what a token of JFrog's says of itself", () => {
  const found = inspectToken(
    token({
      scp: 'applied-permissions/groups:"build agents",readers artifact:libs/**:r',
      aud: ["jfrt@01abc jfac@*", "jfxr@*"],
      nbf: NOW / 1000,
    }),
  );
  assert.deepEqual(found, {
    kind: "jwt",
    tokenId: "5b1e7f0a-3c52-4d0f-9a8e-0c5d5f1ea1b2",
    subject: "jfac@01abc/users/ada",
    user: "ada",
    scope: ['applied-permissions/groups:"build agents",readers', "artifact:libs/**:r"],
    audience: ["jfrt@01abc", "jfac@*", "jfxr@*"],
    issuer: "jfac@01abc",
    issuedAt: NOW,
    notBefore: NOW,
    expiresAt: NOW + 3_600_000,
    algorithm: "RS256",
    keyId: "k".repeat(43),
    extension: { revocable: "true" },
    oddities: [],
  });
});

test("expired, not valid yet, without an end, and the life that is left", () => {
  assert.equal(stateAt(inspectToken(token()), NOW), "valid");
  assert.equal(stateAt(inspectToken(token()), NOW + 3_600_000), "expired");
  assert.equal(stateAt(inspectToken(token({ nbf: NOW / 1000 + 60 })), NOW), "not-yet-valid");
  assert.equal(stateAt(inspectToken(token({ exp: undefined })), NOW), "valid");
  assert.equal(inspectToken(token({ exp: 2 ** 63 })).expiresAt, null);
  const report = reportOf({ token: token(), place: "here", enrolment: null }, NOW + 900_000);
  assert.equal(report.lifeLeft, 0.75);
  assert.match(shown(token({ exp: NOW / 1000 - 60 })), /^✗ here[\s\S]*expired +.*1 min ago/);
});

test("a reference token tells its end, and nothing else", () => {
  const reference = referenceToken(NOW / 1000 + 60, (bytes) => Buffer.alloc(bytes, 7));
  const found = inspectToken(reference);
  assert.deepEqual([found.kind, found.expiresAt, found.user], ["reference", NOW + 60_000, null]);
  assert.ok(!shown(reference).includes(reference));
  assert.equal(inspectToken(referenceToken(0, (bytes) => Buffer.alloc(bytes, 7))).expiresAt, null);
});

test("claims that stand twice, times that are none, a subject of another issuer and alg none are told", () => {
  const twice = '{"sub":"jfac@01abc/users/ada","sub":"jfac@01abc/users/root","iss":"jfac@01abc","x":{"a":1,"a":2}}';
  assert.deepEqual(inspectToken(token(twice)).oddities, ["sub stands twice in it", "a stands twice in it"]);
  assert.deepEqual(inspectToken(token({ iat: "soon" })).oddities, ["iat is no time"]);
  assert.deepEqual(inspectToken(token({ iss: "jfac@01zzz" })).oddities, ["its subject belongs to another issuer"]);
  assert.deepEqual(inspectToken(token({}, { alg: "none" })).oddities, ["it is not signed (alg none)"]);
});

const inner = token({ jti: "inner" });
const reference = referenceToken(9, (bytes) => Buffer.alloc(bytes, 9));
const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    inner,
    reference,
    `\u001b]0;x\u0007${inner}`,
    "\u001b[2J",
    "\u202eevil",
    `${inner.slice(0, 9)}\u001b[0m${inner.slice(9)}`,
    `a/${inner}/b`,
  ),
);
const claimName = fc.constantFrom("sub", "scp", "aud", "iss", "ext", "jti", "iat", "exp", "nbf");
const claimValue: fc.Arbitrary<unknown> = fc.oneof(odd, fc.array(odd, { maxLength: 3 }), fc.double(), fc.object());

property(
  "whatever stands in the claims, no escape reaches the terminal, and no token inside is shown",
  [fc.dictionary(claimName, claimValue), odd],
  (claims, kid) => {
    const text = token(claims, { kid, alg: kid });
    const screen = shown(text);
    assert.doesNotMatch(screen.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
    return [text, inner, reference].every((secret) => !screen.includes(secret.slice(8, 60)));
  },
);

test("tokens are found in whatever file holds them, each once, with their lines", () => {
  const [one, other] = [token(), token({ jti: "other" })];
  const jf = JSON.stringify({ servers: [{ accessToken: one }, { accessToken: other }, { accessToken: one }] }, null, 2);
  assert.deepEqual(findTokens(jf, "f"), [
    { token: one, line: 4 },
    { token: other, line: 7 },
  ]);
  assert.deepEqual(findTokens(`//acme.jfrog.io/:_authToken=${one}\n`, "f"), [{ token: one, line: 1 }]);
  const exported = Buffer.from(JSON.stringify({ version: 2, accessToken: one })).toString("base64");
  assert.equal(findTokens(exported, "f")[0]?.token, one, "jf config export");
});

test("files that hold a credential which is no token say so", () => {
  const code = (text: string) => {
    try {
      findTokens(text, "f");
      return "found";
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  assert.equal(code('{"servers":[{"accessToken":"q83jfs","enc":true}],"version":"6"}'), "token.encrypted");
  assert.equal(code("_auth=YWRhOnBhc3N3b3Jk\n"), "token.basic-auth");
  assert.equal(code("//acme.jfrog.io/artifactory/api/npm/npm/:_auth=YWRhOnBhc3N3b3Jk\n"), "token.basic-auth");
  assert.equal(code("nothing here"), "token.none");
  assert.equal(code("x".repeat(2 ** 21)), "token.too-large");
});
