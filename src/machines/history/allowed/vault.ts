import type { Context, Life, Refusal, Settings, Token } from "../../vault-session/context.ts";
import type { EventOf, EventType } from "../../vault-session/events.ts";
import type { IntentKind, Intents } from "../../vault-session/intents.ts";
import { sessionMachine } from "../../vault-session/machine.ts";
import {
  type Allowed,
  alias,
  failureClass,
  flag,
  noWords,
  nullable,
  number,
  oneOf,
  present,
  type Rows,
  record,
  ref,
  type Shape,
  stateOf,
  whole,
  words,
} from "../shapes.ts";

/** What of the history of a session with Vault may leave the machine. A type or a member without a row does not compile. */

export const METHODS = ["token", "approle", "jwt", "kubernetes", "userpass", "ldap", "oidc", "cert"];
const SOURCES = ["env", "file", "login"];
const WAKES = ["renew", "end", "again", "giveUp"];

const life = whole<Life>({ expiresAt: nullable(number), dueAt: nullable(number), renewable: flag });
const settings = whole<Settings>({
  method: nullable(oneOf(METHODS)),
  needsPerson: flag,
  renews: flag,
  identity: alias("identity"),
  way: nullable(present),
});
const kind = oneOf(["login", "renew", "lookup", "giveBack"]);
const who = nullable(alias("user"));
/** Of a sealed copy, or a keyed digest of a token that a person brought. */
const id = alias("secret");

export const EVENTS: { readonly [K in EventType]: Rows<EventOf<K>, "type" | "at" | "tries"> } = {
  CONFIGURED: { settings },
  LEFT: {},
  UPGRADED: { from: number, to: number },
  TOKEN_BROUGHT: { source: oneOf(SOURCES), id },
  TOKEN_GONE: {},
  LOGIN_ASKED: { person: flag },
  LOGIN_GIVEN_UP: {},
  TOKEN_NEEDED: {},
  TOKEN_DIED: { id },
  TOKEN_UNREADABLE: { id },
  CREDENTIALS_CHANGED: {},
  LOGGED_IN: { token: ref, life, who },
  LOGIN_KEPT: { kept: ref },
  LOGIN_REFUSED: { mark: alias("digest"), class: failureClass, message: words, hint: noWords, person: flag },
  RENEWED: { id, life },
  NOT_RENEWED: { id, class: failureClass, message: words },
  LOOKED_UP: { id, life: nullable(life), who },
  GIVEN_BACK: { id, how: oneOf(["revoked", "gone"]) },
  NOT_GIVEN_BACK: { id, class: failureClass, message: words },
  ANSWER_LOST: { intent: kind, class: failureClass, sentAt: number, random: number },
  WOKE: { name: oneOf(WAKES) },
  FAILED: { intent: kind, class: failureClass, message: words, hint: noWords, sent: oneOf(["no", "maybe"]) },
};

/** Of the secret that it is about; empty where there is none. */
const subject: Shape = (value, aliases) => (value === "" ? "" : id(value, aliases));
const about = { id, ref: nullable(ref) };

export const INTENTS: {
  readonly [K in IntentKind]: { readonly subject: Shape; readonly params: Rows<Intents[K]> };
} = {
  login: { subject, params: { kept: nullable(ref) } },
  renew: { subject, params: about },
  lookup: { subject, params: about },
  giveBack: { subject, params: { id, ref, way: present, until: number } },
};

const token = whole<Token>({
  id,
  source: oneOf(SOURCES),
  ref: nullable(ref),
  life: nullable(life),
  who,
  since: number,
  renewedAt: nullable(number),
});
const refusal = whole<Refusal>({ mark: alias("digest"), message: words, hint: noWords, since: number, person: flag });

const context = whole<Context>({
  settings: nullable(settings),
  brought: nullable(token),
  login: nullable(token),
  dead: nullable(id),
  refusal: nullable(refusal),
  kept: nullable(ref),
  lost: nullable(record({ since: number, count: number })),
  ended: nullable(record({ source: oneOf(SOURCES), at: number })),
  personUntil: nullable(number),
});

const state = stateOf(sessionMachine);

export const vault: Allowed = {
  events: EVENTS,
  common: { tries: number },
  intents: INTENTS,
  state,
  wakes: WAKES,
  snapshot: record({ value: state, context }),
};
