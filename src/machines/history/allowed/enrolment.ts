import { NOTICE_CODES } from "../../enrolment/context.ts";
import type { EventOf, EventType, StoreFacts } from "../../enrolment/events.ts";
import { INTENT_RULES, type IntentKind, type Intents } from "../../enrolment/intents.ts";
import { enrolmentMachine } from "../../enrolment/machine.ts";
import {
  type Allowed,
  alias,
  description,
  failureClass,
  flag,
  list,
  noWords,
  nullable,
  number,
  oneOf,
  type Rows,
  record,
  ref,
  type Shape,
  stateOf,
  words,
} from "../shapes.ts";
import { context } from "./enrolment-context.ts";
import { code, facts, open, phase, settings } from "./enrolment-parts.ts";

/** What of an enrolment's history may leave the machine. A type or a member without a row does not compile. */

const store: Rows<StoreFacts> = {
  found: nullable(facts),
  version: number,
  createdAt: number,
  serverTime: number,
  spread: number,
  withoutLease: flag,
  by: alias("machine"),
};

const WAKES = ["rotate", "ask", "retry", "expired"];
const kind = oneOf(Object.keys(INTENT_RULES));
const sent = oneOf(["no", "maybe"]);
const verdict = oneOf(["alive", "dead", "unlisted"]);
const how = oneOf([
  ...["revoked", "already", "dead", "not-revocable", "unlisted"],
  ...["not supported", "expired", "refused", "unreadable"],
]);
const refusal = { class: failureClass, message: words, hint: noWords };

export const EVENTS: { readonly [K in EventType]: Rows<EventOf<K>, "type" | "at" | "serverTime" | "tries"> } = {
  CONFIGURED: { settings },
  PAUSED: {},
  UPGRADED: { from: number, to: number },
  RESUMED: { open: list(kind) },
  ENROL_ASKED: { session: nullable(ref), again: flag },
  ENROL_CANCELLED: {},
  REFRESH_ASKED: {},
  REVOKE_ASKED: {},
  WOKE: { name: oneOf(WAKES) },
  CLOCK_SET_BACK: { by: number },
  SESSION_OPENED: {},
  SESSION_REFUSED: refusal,
  SESSION_GONE: { message: words },
  SESSION_EXPIRED: {},
  GRANTED: { bootstrap: ref, tokenId: nullable(alias("token")), user: nullable(alias("user")) },
  PAIR_ISSUED: { pair: ref, facts, spread: number, notices: () => [] },
  MINT_REFUSED: { status: number, ...refusal },
  REFUSED: { status: number, class: failureClass, message: words },
  ANSWER_LOST: { intent: kind, class: failureClass, random: number, sentAt: number },
  PROBED: { verdict, listed: flag },
  REVOKED: { subject: alias("secret"), how },
  SWEPT: { revoked: list(alias("token")) },
  SECRET_READ: { ...store, pair: nullable(ref), heldBy: open },
  SECRET_SEEN: store,
  CLAIMED: { lease: number, doubt: open, before: number },
  HELD_ELSEWHERE: { machine: alias("machine"), phase, retryAt: number },
  LEASE_LOST: {},
  STORED: { version: number, createdAt: number, replaced: nullable(ref) },
  STORE_CONFLICT: store,
  PAIR_UNREADABLE: {},
  REMOVED: {},
  SECRET_MOVED: {},
  RELEASED: {},
  SYNCED: { written: list(alias("rule")), failed: list(alias("rule")) },
  NOTIFIED: { code: oneOf(NOTICE_CODES), known: flag },
  FAILED: { intent: kind, ...refusal, sent },
};

const nothing: Shape = () => "";
const lease: Shape = (value) => (typeof value === "string" && /^[0-9]{1,9}$/.test(value) ? value : "other");

export const INTENTS: {
  readonly [K in IntentKind]: { readonly subject: Shape; readonly params: Rows<Intents[K]> };
} = {
  read: { subject: nothing, params: {} },
  openSession: { subject: alias("secret"), params: { session: ref, until: number } },
  poll: { subject: alias("secret"), params: { session: ref, until: number } },
  mint: { subject: description, params: { with: nullable(ref), description } },
  claim: { subject: nothing, params: {} },
  refresh: { subject: alias("secret"), params: { pair: ref, version: number, lease: number } },
  probe: { subject: alias("secret"), params: { pair: ref } },
  store: {
    subject: alias("secret"),
    params: { pair: ref, replaces: list(alias("digest")), issuedAt: nullable(number), byPerson: flag },
  },
  remove: { subject: alias("digest"), params: { version: number, digest: alias("digest") } },
  release: { subject: lease, params: { lease: number } },
  sync: { subject: alias("digest"), params: { digest: alias("digest") } },
  revoke: {
    subject: alias("secret"),
    params: { pair: ref, tokenId: nullable(alias("token")), after: number },
  },
  sweep: { subject: description, params: { with: ref, description, keep: alias("token") } },
  notify: { subject: code, params: { code } },
};

const state = stateOf(enrolmentMachine);

export const enrolment: Allowed = {
  events: EVENTS,
  common: { serverTime: number, tries: number },
  intents: INTENTS,
  state,
  wakes: WAKES,
  snapshot: record({ value: state, context }),
};
