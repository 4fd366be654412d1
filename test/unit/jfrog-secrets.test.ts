import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cleanLine } from "../../src/adapters/engines/clean.ts";
import { createJfrogEngine } from "../../src/adapters/engines/jfrog/engine.ts";
import type { Engine, Fields } from "../../src/adapters/engines/port.ts";
import type { Http, HttpAnswer } from "../../src/adapters/http/port.ts";
import { property } from "../support/property.ts";

const origin = "https://mycompany.jfrog.io";
const session = "5b1e7f0a-3c52-4d0f-9a8e-0c5d5f1ea1b2";
const signal = new AbortController().signal;

/** An engine whose service answers one thing. The bodies are arbitrary here; sockets are met in the other files. */
function against(answer: HttpAnswer): Engine {
  const http: Http = { send: async () => answer, close: async () => {} };
  const settings = {
    url: origin,
    tokenTtlMs: 3_600_000,
    clientName: "c",
    clientCode: "1",
    rotation: "refresh" as const,
  };
  return createJfrogEngine({ settings, http, now: () => 0 });
}

type Calls = Record<
  "withSession" | "withPair",
  readonly ((engine: Engine, pair: Fields) => Promise<object> | undefined)[]
>;
const calls: Calls = {
  withSession: [(engine) => engine.begin?.(session, signal), (engine) => engine.poll?.(session, signal)],
  withPair: [
    (engine, pair) => engine.exchange({ with: pair, description: "d" }, signal),
    (engine, pair) => engine.refresh?.(pair, signal),
    (engine, pair) => engine.probe?.(pair, signal),
    (engine, pair) => engine.revoke?.(pair, signal),
    (engine, pair) => engine.sweep?.({ with: pair, description: "d", keep: "k" }, signal),
  ],
};

/** All that a person or a log may see of what the engine makes of an answer. */
async function shown(who: keyof Calls, answer: HttpAnswer, pair: Fields): Promise<string> {
  const engine = against(answer);
  const results = await Promise.all(calls[who].map((call) => call(engine, pair)));
  const visible = new Set(["message", "hint", "class", "notices"]);
  return results
    .map((result) => JSON.stringify(Object.entries(result ?? {}).filter(([name]) => visible.has(name))))
    .join();
}

const secret = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_.~"), minLength: 8, maxLength: 80 });
const around = fc.string({ unit: "binary", maxLength: 60 });
/** Ways to put a secret into a body; some hide it from a plain search, to come out when the text is cleaned. */
const wrap = fc.constantFrom<(token: string) => string>(
  (token) => token,
  (token) => `${token.slice(0, 3)}\u001b[31m${token.slice(3)}`,
  (token) => `${token.slice(0, 3)}\u001b]8;;x\u0007${token.slice(3)}`,
  (token) => `${token.slice(0, 3)}\u200b${token.slice(3)}`,
  (token) => token.repeat(4),
);
const body = fc.constantFrom<(message: string, token: string) => string>(
  (message) => JSON.stringify({ errors: [{ code: "X", message }] }),
  (message) => JSON.stringify({ code: message, message, detail: message }),
  (message) =>
    JSON.stringify({
      errors: [
        { code: message, message: "m" },
        { code: "X", message },
      ],
    }),
  (message, token) => JSON.stringify({ access_token: token, refresh_token: message, [message]: message }),
  (message) => JSON.stringify({ token_id: message, tokens: [{ token_id: message, description: "d" }] }),
  (message) => `<html>${message}</html>`,
  (message) => `{"access_token":"${message}`,
);

property(
  "no message repeats a token or session, whatever the service answers around it",
  [secret, secret, around, around, wrap, body, fc.constantFrom(200, 204, 302, 400, 401, 403, 404, 429, 500, 503)],
  async (access_token, refresh_token, before, after, hide, make, status) => {
    const pair = { access_token, refresh_token, reference_token: "cmVmdGtuOjAxOmFiY2RlZg", url: origin };
    for (const token of [access_token, refresh_token, session, pair.reference_token]) {
      const who = token === session ? "withSession" : "withPair";
      const headers = { "content-type": "application/json", location: `https://x/${token}` };
      const seen = await shown(who, { status, headers, body: make(`${before}${hide(token)}${after}`, token) }, pair);
      assert.ok(!seen.includes(token), `${token} in ${seen}`);
    }
    return true;
  },
  { runs: 150 },
);

property("a cleaned line is one printable line of bounded length", [fc.string({ unit: "binary" })], (text) => {
  const line = cleanLine(text);
  assert.ok(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line), JSON.stringify(line));
  return line.length <= 200 && line === line.trim();
});

test("terminal escapes, line breaks and direction marks of a server don't reach a terminal", async () => {
  const message = "\u001b]0;evil\u0007go\u001b[2J\u001b[31m away\r\nnow\u202etxt\u0000\u009b1mx.";
  const answer = { status: 403, headers: {}, body: JSON.stringify({ errors: [{ code: "FORBIDDEN", message }] }) };
  const pair = { access_token: "opaque-access-1", url: origin };
  const result = await against(answer).probe?.(pair, signal);
  assert.ok(result?.kind === "refused");
  assert.equal(result.message, "JFrog refused (403): go away now txt x");
});

test("what looks like a credential is hidden, also one that we don't know", () => {
  const rows = [
    ["token eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIn0.c2ln is bad", "token … is bad"],
    ["reference cmVmdGtuOjAxOjE3 unknown", "reference … unknown"],
    [`session ${session} unknown`, "session … unknown"],
    [`key ${"a1B2".repeat(12)}!`, "key …!"],
    [
      "Token matching the provided refresh token was not found.",
      "Token matching the provided refresh token was not found",
    ],
  ] as const;
  for (const [text, expected] of rows) assert.equal(cleanLine(text), expected);
});

test("a long message is cut", () => {
  const line = cleanLine("word ".repeat(200));
  assert.ok(line.length <= 200 && line.endsWith("…"));
});
