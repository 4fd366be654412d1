import { PROBLEM_CODES } from "../../journal/check/report.ts";
import { ASK_CODES, UNANSWERED_OUTCOMES } from "../../machines/enrolment/context.ts";
import { INTENT_RULES } from "../../machines/enrolment/intents.ts";
import { version } from "../../machines/history/allowed/agent.ts";
import { reason } from "../../machines/history/allowed/circle.ts";
import { enrolment } from "../../machines/history/allowed/enrolment.ts";
import { METHODS, vault } from "../../machines/history/allowed/vault.ts";
import {
  alias,
  failureClass,
  flag,
  list,
  nullable,
  number,
  oneOf,
  present,
  record,
  type Shape,
  size,
} from "../../machines/history/shapes.ts";
import { FILE_ANSWERS } from "../../machines/rule/rule.ts";
import { INTENT_RULES as SESSION_INTENTS } from "../../machines/vault-session/intents.ts";
import { LEVELS, SITUATIONS } from "../../terminal/status/report.ts";

/** What a bug report may say of how things stand and of the machine. There is no shape for free text. */

/** RFC 3339, UTC. */
const time: Shape = (value) => (value instanceof Date ? value.toISOString() : null);

const retryRows = { class: failureClass, tries: number, since: time, nextAt: time };
const retry = record({ step: oneOf(Object.keys(INTENT_RULES)), ...retryRows });

/** `signingIn.asking`: by the names of the machine's states. */
function stateNames(state: Shape): Shape {
  return (value, aliases) =>
    typeof value === "string"
      ? value
          .split(".")
          .map((name) => state(name, aliases))
          .join(".")
      : null;
}

/** The session with Vault. */
const session = record({
  server: alias("origin"),
  level: oneOf(LEVELS),
  state: stateNames(vault.state),
  method: nullable(oneOf(METHODS)),
  logsInAlone: flag,
  source: nullable(oneOf(["env", "file", "login"])),
  since: time,
  renewedAt: time,
  expiresAt: time,
  renewsAt: time,
  refusal: nullable(record({ since: time })),
  endedAt: time,
  lostAnswers: number,
  retries: list(record({ ...retryRows, step: oneOf(Object.keys(SESSION_INTENTS)) })),
});

const platform = record({
  url: alias("origin"),
  accepted: nullable(flag),
  reason: nullable(reason),
  since: time,
  failure: nullable(record({ class: failureClass, since: time })),
});

const unanswered = record({
  step: oneOf(Object.keys(INTENT_RULES)),
  state: oneOf(["awaited", "asking", "over"]),
  sentAt: time,
  lostAt: time,
  reason: nullable(failureClass),
  times: number,
  outcome: nullable(oneOf(UNANSWERED_OUTCOMES)),
  outcomeAt: time,
});

export const standing = record({
  health: oneOf(["healthy", "trouble", "person-needed"]),
  agent: record({ running: flag, since: time }),
  configuration: record({ state: oneOf(["current", "invalid", "missing"]), problems: number }),
  asOf: time,
  rehearsal: nullable(record({ version, events: number, same: number, names: list(alias("name")) })),
  vault: nullable(session),
  troubles: list(record({ about: oneOf(["store", "key"]), level: oneOf(LEVELS), class: failureClass, since: time })),
  enrolments: list(
    record({
      name: alias("name"),
      engine: oneOf(["jfrog", "sshkey", "github"]),
      level: oneOf(LEVELS),
      situation: oneOf(SITUATIONS),
      state: stateNames(enrolment.state),
      changedAt: time,
      expiresAt: time,
      rotatesAt: time,
      rotatedAt: time,
      againAt: time,
      refreshable: flag,
      storedVersion: number,
      ask: nullable(record({ code: oneOf(ASK_CODES), since: time })),
      doubt: nullable(record({ cause: oneOf(["lost", "refused", "restored"]), since: time, presentations: number })),
      retries: list(retry),
      cleanups: list(record({ why: oneOf(["bootstrap", "superseded", "unenrolled", "orphan"]), since: time })),
      clockSkewSeconds: number,
      login: nullable(record({ until: time })),
      elsewhere: nullable(record({ machine: alias("machine"), phase: oneOf(["claimed", "presented", "released"]) })),
      unanswered: nullable(unanswered),
      stranger: nullable(record({ did: oneOf(["stored", "removed"]), version: number, since: time })),
      platforms: list(platform),
      trust: nullable(record({ certificate: present, reason: nullable(reason), since: time })),
      notices: size,
    }),
  ),
  files: list(
    record({
      name: alias("rule"),
      secret: alias("name"),
      state: oneOf(["unknown", "current", "failed", "missing", "cleaned", "stopped"]),
      level: oneOf(LEVELS),
      writtenAt: time,
      failure: nullable(record({ code: failureClass, since: time })),
      edited: nullable(record({ at: time, keys: size, kept: flag })),
      answer: nullable(record({ given: oneOf(FILE_ANSWERS), at: time, keys: size })),
      post: nullable(record({ state: oneOf(["due", "failed"]), at: time })),
    }),
  ),
});

export const findings = list(
  record({
    about: oneOf(["config", "journal", "key", "agent", "proxy", "store", "clock", "service", "file"]),
    name: (value, aliases) => (value === "" ? "" : alias("rule")(value, aliases)),
    verdict: oneOf(["good", "warning", "bad"]),
  }),
);

/** `key.missing`, where the journal could not even be looked at. */
const problem: Shape = (value, aliases) =>
  (PROBLEMS.includes(String(value)) ? oneOf(PROBLEMS) : failureClass)(value, aliases);
const PROBLEMS: readonly string[] = PROBLEM_CODES;

export const journal = nullable(
  record({
    chain: oneOf(["verified", "broken", "unchecked"]),
    events: record({ readable: number, first: number, last: number }),
    compacted: number,
    streams: number,
    secrets: record({ kept: number, opened: number }),
    ok: flag,
    problems: list(record({ code: problem, seq: number })),
  }),
);
