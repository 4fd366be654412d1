import { LEVELS, SITUATIONS } from "./report.ts";

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const count: Schema = { type: "integer" };
const flag: Schema = { type: "boolean" };
/** RFC 3339, UTC, milliseconds. */
const time: Schema = {
  type: "string",
  format: "date-time",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
};

function known(description: string, schema: Schema): Schema {
  return { ...schema, description };
}
function oneOf(names: readonly string[]): Schema {
  return { type: "string", enum: names };
}
function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}
function list(items: Schema): Schema {
  return { type: "array", items };
}
/** Every member is always there; what is not known is null. */
function members(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

const level = oneOf(LEVELS);

const agent = members({ running: flag, pid: orNull(count), since: orNull(time), command: orNull(text) });

const configuration = members({
  file: orNull(text),
  state: oneOf(["current", "invalid", "missing"]),
  problems: known("Errors in it.", count),
});

const trouble = members({
  about: oneOf(["store", "key"]),
  level,
  class: known("Stable, say store.unreachable.", text),
  message: text,
  hint: orNull(text),
  since: orNull(time),
});

const retry = members({
  step: text,
  class: known("Stable.", text),
  message: text,
  tries: known("Failed tries so far; 0: it waits for the session with Vault.", count),
  since: time,
  nextAt: time,
});

const vault = members({
  server: known("Host and port.", text),
  level,
  state: known("The machine's own name; not part of the contract.", text),
  method: known("null: a person brings the token.", orNull(text)),
  logsInAlone: flag,
  source: known("Where the token in use came from; null: there is none.", orNull(oneOf(["env", "file", "login"]))),
  who: orNull(text),
  since: orNull(time),
  renewedAt: orNull(time),
  expiresAt: known("null: without an end, or not known.", orNull(time)),
  renewsAt: known("The next renewal, or the login that takes its place.", orNull(time)),
  refusal: orNull(members({ since: time, message: text, hint: orNull(text) })),
  endedAt: orNull(time),
  lostAnswers: known("Logins in a row without an answer.", count),
  retries: list(retry),
  run: known("The command that helps.", orNull(text)),
});

const situation = oneOf(SITUATIONS);

const ask = members({ code: known("Stable.", text), since: time, message: orNull(text), hint: orNull(text) });
const doubt = members({ cause: text, since: time, presentations: count, message: orNull(text) });
const stranger = members({ did: oneOf(["stored", "removed"]), version: count, since: time });
const unanswered = members({
  step: text,
  state: oneOf(["awaited", "asking", "over"]),
  sentAt: time,
  lostAt: orNull(time),
  reason: orNull(text),
  times: count,
  outcome: orNull(oneOf(["answered", "minted", "adopted", "gone", "refused"])),
  outcomeAt: orNull(time),
});

const platform = members({
  url: text,
  serverId: text,
  accepted: known("null: not tried yet.", orNull(flag)),
  reason: known("Stable, say certificate.", orNull(text)),
  message: orNull(text),
  hint: orNull(text),
  since: orNull(time),
  failure: known("It is tried again.", orNull(members({ class: text, message: text, since: time }))),
});
const trust = members({
  certificate: known("null: none vouches.", orNull(members({ name: text, keyId: text, source: text }))),
  reason: known("Stable.", orNull(text)),
  message: orNull(text),
  since: time,
});

const terms = members({
  scope: orNull(text),
  audience: orNull(text),
  lifeSeconds: orNull({ type: "number" }),
});
const termsReport = members({
  asked: known("By the configuration; null: it does not say.", terms),
  granted: known("By the service; null: not known.", terms),
  changesWith: known("What brings a changed configuration into effect.", oneOf(["rotation", "sign-in"])),
});

const enrolment = members({
  name: text,
  engine: orNull(text),
  label: known("The engine's name for people.", text),
  situation,
  state: known("The machine's own name; not part of the contract.", orNull(text)),
  changedAt: orNull(time),
  user: orNull(text),
  expiresAt: known("By the issuer's clock; null: never, or there is no credential.", orNull(time)),
  refreshable: flag,
  storedVersion: known("In the store; null while the credential is sealed on this machine only.", orNull(count)),
  rotatedAt: orNull(time),
  notices: list(text),
  terms: known("What the credential should be, and what it is.", orNull(termsReport)),
  stranger: known("Somebody who knows no lease stored or removed the secret.", orNull(stranger)),
  ask: known("What a person has to do.", orNull(ask)),
  login: orNull(members({ until: time })),
  elsewhere: orNull(members({ machine: text, phase: text })),
  doubt: orNull(doubt),
  clockSkewSeconds: orNull({ type: "number" }),
  cleanups: known("Tokens still to be revoked.", list(members({ why: text, since: time }))),
  unanswered: known("A request that must not simply be sent again, and what became of it.", orNull(unanswered)),
  rotatesAt: orNull(time),
  againAt: orNull(time),
  retries: list(retry),
  files: known("Names of the rules that render it.", list(text)),
  platforms: known("Other platforms that the credential is for.", list(platform)),
  trust: known("Which trusted certificate vouches for it.", orNull(trust)),
  level,
  run: known("The command that helps.", orNull(text)),
});

const file = members({
  name: known("The rule's.", text),
  secret: orNull(text),
  path: orNull(text),
  state: oneOf(["unknown", "current", "failed", "missing", "cleaned", "stopped"]),
  level,
  writtenAt: orNull(time),
  failure: orNull(members({ code: text, message: text, hint: orNull(text), since: time })),
  missingSince: orNull(time),
  edited: orNull(members({ at: time, keys: list(known("A JSON pointer.", text)), kept: flag })),
  answer: orNull(members({ given: oneOf(["keep", "take-back", "stop"]), at: time, keys: list(text) })),
  post: orNull(members({ state: oneOf(["due", "failed"]), at: time, message: orNull(text) })),
});

/** The document of `status --json` as JSON Schema 2020-12; docs/json.md says what its members mean. */
export const statusJsonSchema: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "dotvault status --json",
  ...members({
    schemaVersion: { const: 1 },
    at: time,
    health: oneOf(["healthy", "trouble", "person-needed"]),
    agent,
    configuration,
    asOf: known("The newest thing in the journal.", orNull(time)),
    rehearsal: orNull(members({ version: text, events: count, same: count, names: list(text) })),
    troubles: list(trouble),
    vault: known("The session with Vault; null where there is none.", orNull(vault)),
    enrolments: known("Worst first.", list(enrolment)),
    files: list(file),
    counts: members(Object.fromEntries(LEVELS.map((name) => [name, count]))),
    next: known("The command to run next.", orNull(text)),
  }),
};
