import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentEvent } from "../../src/machines/agent-run/agent-run.ts";
import type { CircleEvent } from "../../src/machines/circle/circle.ts";
import type { EventType } from "../../src/machines/enrolment/events.ts";
import { INTENT_RULES } from "../../src/machines/enrolment/intents.ts";
import type { RevocationEvent } from "../../src/machines/revocations/revocations.ts";
import type { RuleEvent } from "../../src/machines/rule/rule.ts";
import type { EventType as SessionEventType } from "../../src/machines/vault-session/events.ts";
import { INTENT_RULES as SESSION_INTENTS } from "../../src/machines/vault-session/intents.ts";
import { setGoing } from "../../src/terminal/log/next.ts";
import { happened, STEPS, worded } from "../../src/terminal/log/words.ts";

const at = new Date("2026-11-21T14:14:00Z");

/** Every event that can lie in a journal; one that is missing here does not compile. */
const EVENTS: Readonly<
  Record<
    | EventType
    | SessionEventType
    | RuleEvent["type"]
    | CircleEvent["type"]
    | RevocationEvent["type"]
    | AgentEvent["type"]
    | "COMPACTED"
    | "REKEYED",
    true
  >
> = {
  AGENT_STARTED: true,
  AGENT_ENDED: true,
  REHEARSED: true,
  CONFIGURED: true,
  PAUSED: true,
  UPGRADED: true,
  RESUMED: true,
  ENROL_ASKED: true,
  ENROL_CANCELLED: true,
  REFRESH_ASKED: true,
  REVOKE_ASKED: true,
  WOKE: true,
  CLOCK_SET_BACK: true,
  PAIR_UNREADABLE: true,
  SESSION_OPENED: true,
  SESSION_REFUSED: true,
  SESSION_GONE: true,
  SESSION_EXPIRED: true,
  GRANTED: true,
  PAIR_ISSUED: true,
  MINT_REFUSED: true,
  REFUSED: true,
  ANSWER_LOST: true,
  PROBED: true,
  REVOKED: true,
  SWEPT: true,
  SECRET_READ: true,
  SECRET_SEEN: true,
  CLAIMED: true,
  HELD_ELSEWHERE: true,
  LEASE_LOST: true,
  STORED: true,
  STORE_CONFLICT: true,
  REMOVED: true,
  SECRET_MOVED: true,
  RELEASED: true,
  SYNCED: true,
  NOTIFIED: true,
  FAILED: true,
  FILE_WRITTEN: true,
  FILE_CURRENT: true,
  FILE_FAILED: true,
  FILE_ANSWERED: true,
  FILE_EDITED: true,
  FILE_WRITING: true,
  FILE_NARROWED: true,
  FILE_CLEANED: true,
  SECRET_MISSING: true,
  POST_RAN: true,
  POST_FAILED: true,
  CIRCLE_CONFIGURED: true,
  TRIALS_BEGUN: true,
  PLATFORM_TRIED: true,
  TRIAL_FAILED: true,
  VOUCHED: true,
  NOT_VOUCHED: true,
  LEFT: true,
  TOKEN_BROUGHT: true,
  TOKEN_GONE: true,
  TOKEN_NEEDED: true,
  TOKEN_DIED: true,
  TOKEN_UNREADABLE: true,
  CREDENTIALS_CHANGED: true,
  LOGIN_ASKED: true,
  LOGIN_GIVEN_UP: true,
  LOGGED_IN: true,
  LOGIN_KEPT: true,
  LOGIN_REFUSED: true,
  RENEWED: true,
  NOT_RENEWED: true,
  LOOKED_UP: true,
  GIVEN_BACK: true,
  NOT_GIVEN_BACK: true,
  REVOCATION_ASKED: true,
  TOKEN_REVOKED: true,
  TOKEN_KEPT: true,
  COMPACTED: true,
  REKEYED: true,
};

test("every event has words of its own, and none has words that nothing says", () => {
  assert.deepEqual(worded().toSorted(), Object.keys(EVENTS).toSorted());
});

test("every step has words, as something that is done and as something that failed", () => {
  for (const kind of Object.keys({ ...INTENT_RULES, ...SESSION_INTENTS })) {
    assert.ok(kind in STEPS, kind);
    const [words = kind] = setGoing({ asked: [{ kind, about: null, once: false, after: 0 }], timers: [], at });
    assert.ok(words.includes(" ") || kind === "release" || kind === "notify", kind);
  }
});

test("an event of a newer dotvault is told by its name", () => {
  assert.equal(happened({ type: "MOON_LANDED" }, at), "moon landed");
});

test("a service's words reach the terminal without its escapes", () => {
  const told = happened({ type: "REFUSED", status: 404, message: "no\u001b[2J\u0007 such\ntoken" }, at);
  assert.equal(told, "refused (404): no [2J  such token");
});

test("a lost answer says why", () => {
  const lost = (why: string) => happened({ type: "ANSWER_LOST", class: why }, at);
  assert.equal(lost("net.reset"), "answer lost: connection reset");
  assert.equal(lost("jfrog.http.502"), "answer lost: HTTP 502 instead of one");
  assert.equal(lost("agent.restarted"), "answer lost: the agent was stopped meanwhile");
  assert.equal(lost("moon.eclipse"), "answer lost: moon.eclipse");
});

test("an event with fields missing is told all the same", () => {
  for (const type of Object.keys(EVENTS)) assert.equal(typeof happened({ type }, at), "string");
});
