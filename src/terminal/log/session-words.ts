import { harmless } from "../style.ts";
import { clock, span } from "../times.ts";
import type { Event } from "./entry.ts";

type Words = (event: Event, at: Date) => string;

const SOURCES: Readonly<Record<string, string>> = {
  env: "DOTVAULT_TOKEN",
  file: "~/.dotvault-token",
};

/** What happens to the session with Vault, in words. What it shares with enrolments stands with those. */
export const SESSION_WORDS: Readonly<Record<string, Words>> = {
  LEFT: () => "the configuration names this Vault no more; nothing of it is kept here, what is stored there stays",
  GIVEN_BACK: ({ how }) => (how === "gone" ? "the old token is gone already" : "the old token is revoked"),
  NOT_GIVEN_BACK: ({ message }) => `the old token could not be revoked, and lives on to its end: ${text(message)}`,
  TOKEN_BROUGHT: ({ source }) => `a person brought a token: ${SOURCES[String(source)] ?? text(source)}`,
  TOKEN_GONE: () => "the token that a person had brought is gone",
  TOKEN_NEEDED: () => "a token is needed",
  TOKEN_DIED: () => "Vault does not know the token any more",
  TOKEN_UNREADABLE: () => "the sealed token can't be opened",
  CREDENTIALS_CHANGED: () => "what the login presents has changed",
  LOGIN_ASKED: ({ person }) => (person === true ? "a person logs in" : "a person asked for a login"),
  LOGIN_GIVEN_UP: () => "the person gave the login up",
  LOGGED_IN: ({ who, life }, at) => `logged in${asWhom(who)}; token sealed${until(life, at)}`,
  LOGIN_KEPT: () => "secret id unwrapped and sealed",
  LOGIN_REFUSED: ({ message }) => `login refused: ${text(message)}`,
  RENEWED: ({ life }, at) => `renewed${until(life, at)}`,
  NOT_RENEWED: ({ message }) => `it gets no more time: ${text(message)}`,
  LOOKED_UP: ({ who, life }, at) => `Vault knows the token${asWhom(who)}${until(life, at)}`,
};

/** Of a session's settings; undefined for others. */
export function methodOf(settings: unknown): string | undefined {
  const { method } = (settings ?? {}) as { method?: unknown };
  if (method === null) return "a person brings the token";
  return typeof method === "string" ? `${text(method)} login` : undefined;
}

function asWhom(who: unknown): string {
  return typeof who === "string" ? ` as ${text(who)}` : "";
}

function until(life: unknown, at: Date): string {
  const { expiresAt } = (life ?? {}) as { expiresAt?: unknown };
  if (life === null) return ", its life is not told";
  if (typeof expiresAt !== "number") return ", without an end";
  return `, good until ${clock(new Date(expiresAt), at)} (${span(expiresAt - at.getTime())})`;
}

function text(value: unknown): string {
  return harmless(String(value));
}
