import assert from "node:assert/strict";
import { test } from "node:test";
import { createCircle } from "../../src/adapters/engines/jfrog/circle/circle.ts";
import type { Jfrog } from "../../src/adapters/engines/jfrog/client.ts";
import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from "../../src/adapters/http/port.ts";
import { makeIssuer } from "../support/tokens.ts";

const ISSUER = "https://acme.jfrog.io";
const OTHER = "https://eu.jfrog.io";
const MINUTE = 60_000;
const { signal } = new AbortController();
const acme = makeIssuer("01acme");

/** A circle whose platforms answer what the test says; what was sent is kept. */
function circleOf(answer: (request: HttpRequest) => HttpAnswer, settings: object) {
  const sent: HttpRequest[] = [];
  const clock = { now: Date.now() };
  const http: Http = {
    async send(request) {
      sent.push(request);
      return answer(request);
    },
    close: async () => {},
  };
  const all = { url: ISSUER, tokenTtlMs: MINUTE, clientName: "c", clientCode: "1", rotation: "refresh", ...settings };
  const circle = createCircle({ settings: all, http, now: () => clock.now } as unknown as Jfrog);
  return { circle, sent, clock };
}

function answered(status: number, body: unknown, type = "application/json"): HttpAnswer {
  return { status, headers: { "content-type": type }, body: typeof body === "string" ? body : JSON.stringify(body) };
}

const refusal = (message: string) => ({ errors: [{ status: 401, message }] });

async function trial(answer: HttpAnswer, token = acme.sign()) {
  const { circle, sent } = circleOf(() => answer, { platforms: [OTHER] });
  const [, other] = circle.platforms;
  assert.ok(other);
  return { result: await circle.try(other, { access_token: token, url: ISSUER }, signal), sent };
}

test("a platform accepts a token when Artifactory tells its version, and not when a page or another thing comes", async () => {
  const { result, sent } = await trial(answered(200, { version: "7.104.5", revision: "1" }));
  assert.deepEqual(result, { kind: "accepted" });
  assert.deepEqual(
    sent.map(({ method, url }) => [method, url]),
    [["GET", `${OTHER}/artifactory/api/system/version`]],
  );
  for (const odd of [
    answered(200, "<html>sign in</html>", "text/html"),
    answered(200, {}),
    answered(200, "OK"),
    answered(302, ""),
    answered(401, "<html>401</html>", "text/html"),
    answered(503, refusal("busy")),
    answered(429, ""),
  ])
    assert.equal((await trial(odd)).result.kind, "trouble", `${odd.status} ${odd.body}`);
});

test("why a platform refuses: by JFrog's words, else refused; the token in them is hidden", async () => {
  const reason = async (message: string, token?: string) => {
    const { result } = await trial(answered(401, refusal(message)), token);
    return result.kind === "not-accepted" ? result.reason : result.kind;
  };
  assert.equal(await reason("Invalid token, signature"), "certificate");
  assert.equal(await reason("Token failed verification: signature"), "certificate");
  assert.equal(await reason("Invalid token, audience"), "audience");
  assert.equal(await reason("Invalid token, expired"), "expired");
  assert.equal(await reason("Bad credentials"), "user");
  assert.equal(await reason("Invalid token, revoked"), "revocable");
  assert.equal(await reason("Invalid token, revoked", acme.sign({ ext: '{"revocable":"false"}' })), "refused");
  assert.equal(await reason("no"), "refused");
  const token = acme.sign();
  const { result } = await trial(answered(401, refusal(`signature of ${token} \u001b[2J`)), token);
  assert.ok(
    result.kind === "not-accepted" && !result.message.includes(token.slice(10, 60)) && !/\p{Cc}/u.test(result.message),
  );
});

test("a reference token, and one of another issuer, are shown to no other platform", async () => {
  const { result, sent } = await trial(
    answered(200, { version: "7" }),
    "cmVmdGtuOjAxOjAwMDAwMDAwMDA6YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXph",
  );
  assert.equal(result.kind === "not-accepted" && result.reason, "reference-token");
  const { circle, sent: also } = circleOf(() => answered(200, { version: "7" }), { platforms: [OTHER] });
  const [, other] = circle.platforms;
  assert.ok(other);
  const strange = await circle.try(other, { access_token: acme.sign(), url: "https://elsewhere.example" }, signal);
  assert.equal(strange.kind, "trouble");
  assert.deepEqual([sent, also], [[], []]);
});

test("a platform's certificate is asked for every 15 minutes; one that is away keeps it, one that shows another loses it", async () => {
  const renewed = makeIssuer("01acme");
  let shown: Buffer | null = acme.certificate;
  const { circle, sent, clock } = circleOf(
    ({ url }) => {
      if (shown === null) throw new HttpFailure("refused", "no", new URL(url).host, "no connection");
      return answered(200, shown.toString("base64"), "text/plain");
    },
    { trustedCertificates: [ISSUER] },
  );
  const { trust } = circle;
  assert.ok(trust);
  const pair = { access_token: acme.sign(), url: ISSUER };
  assert.equal(await trust.reload(signal), true, "they are there now");
  assert.equal(await trust.reload(signal), false, "nothing new");
  assert.equal(sent.length, 1, "asked once");
  assert.equal((await trust.vouch(pair)).kind, "vouched");

  shown = null;
  clock.now += 16 * MINUTE;
  await trust.reload(signal);
  assert.equal((await trust.vouch(pair)).kind, "vouched", "a platform that is away has not taken it back");

  shown = renewed.certificate;
  clock.now += 2 * MINUTE;
  assert.equal(await trust.reload(signal), true, "asked again sooner after a failure");
  const found = await trust.vouch(pair);
  assert.equal(found.kind === "not-vouched" && found.reason, "signature");
  assert.ok(
    sent.every(({ headers }) => headers === undefined),
    "no token is sent for it",
  );
});
