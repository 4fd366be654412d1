import {
  ASK_CODES,
  type Ask,
  type Cleanup,
  type Context,
  type Doubt,
  type Facts,
  NOTICE_CODES,
  type Pair,
  type Session,
  type Settings,
  type Stranger,
  type Terms,
  type Traits,
  UNANSWERED_OUTCOMES,
  type Unanswered,
} from "../../enrolment/context.ts";
import type { EventOf, EventType, StoreFacts } from "../../enrolment/events.ts";
import { INTENT_RULES, type IntentKind, type Intents } from "../../enrolment/intents.ts";
import { enrolmentMachine } from "../../enrolment/machine.ts";
import type { OpenPresentation } from "../../lease.ts";
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
  whole,
  words,
} from "../shapes.ts";

/** What of an enrolment's history may leave the machine. A type or a member without a row does not compile. */

const factRows: Rows<Facts> = {
  complete: flag,
  digest: alias("digest"),
  refreshable: flag,
  tokenId: alias("token"),
  user: alias("user"),
  origin: alias("origin"),
  issuedAt: number,
  expiresAt: number,
  scope: alias("scope"),
  audience: alias("audience"),
};
const facts = whole<Facts>(factRows);

const traits = whole<Traits>({ person: flag, refresh: flag, probe: flag, revoke: flag, sweep: flag });

const terms = whole<Terms>({
  scope: nullable(alias("scope")),
  audience: nullable(alias("audience")),
  life: nullable(number),
});

const settings = whole<Settings>({
  engine: oneOf(["jfrog", "sshkey"]),
  traits,
  origin: nullable(alias("origin")),
  label: alias("label"),
  rotation: oneOf(["refresh", "remint"]),
  unattended: flag,
  terms: nullable(terms),
});

const open = nullable(
  whole<OpenPresentation>({ holder: alias("machine"), machine: alias("machine"), digest: alias("digest") }),
);

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
const code = oneOf(ASK_CODES);
const phase = oneOf(["claimed", "presented", "released"]);
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

const stored = nullable(record({ version: number, createdAt: number }));
const pair = nullable(whole<Pair>({ ...factRows, spread: number, stored, ref: nullable(ref) }));
const session = whole<Session>({ ref, deadline: number, unanswered: flag });
const doubt = whole<Doubt>({
  cause: oneOf(["lost", "refused", "restored"]),
  since: number,
  presentations: number,
  forbidden: flag,
  deadLooks: number,
  pastEnd: flag,
  message: nullable(words),
});
const ask = whole<Ask>({ code, since: number, message: nullable(words), hint: noWords });
const cleanup = whole<Cleanup>({
  ref,
  tokenId: nullable(alias("token")),
  why: oneOf(["bootstrap", "superseded", "unenrolled", "orphan"]),
  since: number,
});
const unanswered = whole<Unanswered>({
  sentAt: number,
  lostAt: number,
  why: failureClass,
  times: number,
  outcome: nullable(record({ how: oneOf(UNANSWERED_OUTCOMES), at: number })),
  told: flag,
});
const stranger = whole<Stranger>({ did: oneOf(["stored", "removed"]), version: number, since: number });

const context = whole<Context>({
  settings: nullable(settings),
  current: pair,
  fresh: pair,
  held: pair,
  session: nullable(session),
  bootstrap: nullable(record({ ref, tokenId: nullable(alias("token")) })),
  mint: nullable(record({ description, unanswered: flag })),
  orphans: list(description),
  lease: nullable(record({ version: number, doubt: open, before: nullable(number) })),
  heldBy: nullable(record({ machine: alias("machine"), phase })),
  doubt: nullable(doubt),
  spent: list(alias("digest")),
  listed: nullable(alias("token")),
  cleanups: list(cleanup),
  ask: nullable(ask),
  told: nullable(record({ code: oneOf(NOTICE_CODES), at: number })),
  unanswered: nullable(unanswered),
  notices: () => [],
  stranger: nullable(stranger),
  skew: number,
  asked: flag,
  afterwards: nullable(oneOf(["unenrol"])),
  unenrolledAt: nullable(number),
  rotatedAt: nullable(number),
  syncedAt: nullable(number),
});

const state = stateOf(enrolmentMachine);

export const enrolment: Allowed = {
  events: EVENTS,
  common: { serverTime: number, tries: number },
  intents: INTENTS,
  state,
  wakes: WAKES,
  snapshot: record({ value: state, context }),
};
