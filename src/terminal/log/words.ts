import { harmless } from "../style.ts";
import { clock, count, span } from "../times.ts";
import { sentWords } from "../unanswered.ts";
import { BESIDE_WORDS } from "./beside-words.ts";
import type { Event } from "./entry.ts";
import { lostBecause } from "./lost.ts";
import { methodOf, SESSION_WORDS } from "./session-words.ts";

/** What happened, in words; every event type of the machine and of the files has its own. */
export function happened(event: Event, at: Date): string {
  return (WORDS[event.type] ?? BESIDE_WORDS[event.type] ?? unknownEvent)(event, at);
}

/** The event types that have words; a test holds them against the machine's. */
export const worded = (): string[] => Object.keys({ ...WORDS, ...BESIDE_WORDS });

type Words = (event: Event, at: Date) => string;

const WORDS: Readonly<Record<string, Words>> = {
  CONFIGURED: ({ settings }) => `configured: ${methodOf(settings) ?? engineOf(settings)}`,
  PAUSED: () => "taken out of the configuration",
  UPGRADED: ({ from, to }) => `dotvault was updated (machine ${from} to ${to})`,
  RESUMED: ({ open }) => `agent started again; under way were: ${list(open)}`,

  ENROL_ASKED: ({ session, again }) =>
    `a person asked to sign in${again === true ? " anew" : ""}${session === null ? "" : "; session sealed"}`,
  ENROL_CANCELLED: () => "the person gave the login up",
  REFRESH_ASKED: () => "a person asked for a rotation",
  REVOKE_ASKED: () => "a person asked to un-enrol",

  WOKE: ({ name }) => WAKES[String(name)] ?? `timer ${text(name)}`,

  CLOCK_SET_BACK: ({ by }) => `this machine's clock was set back by ${span(Number(by))}`,

  SESSION_OPENED: () => "login registered at the service",
  SESSION_REFUSED: ({ message }) => `login refused: ${text(message)}`,
  SESSION_GONE: ({ message }) => `login gone: ${text(message)}`,
  SESSION_EXPIRED: () => "the login ran out",
  GRANTED: ({ user }) => `signed in${user === null ? "" : ` as ${text(user)}`}; bootstrap token sealed`,

  PAIR_ISSUED: ({ facts, notices }, at) => [`new pair sealed${lifeOf(facts, at)}`, ...texts(notices)].join("; "),
  MINT_REFUSED: ({ status, message }) => `no token issued${status === 0 ? "" : ` (${text(status)})`}: ${text(message)}`,
  REFUSED: ({ status, message }) => `refused (${text(status)}): ${text(message)}`,
  ANSWER_LOST: lostWords,
  PROBED: ({ verdict }) => VERDICTS[String(verdict)] ?? `probed: ${text(verdict)}`,
  REVOKED: ({ how }) => REVOKED[String(how)] ?? `revocation ended: ${text(how)}`,
  SWEPT: ({ revoked }) => {
    const found = texts(revoked).length;
    return found === 0 ? "no leftover tokens at the service" : `${count(found, "leftover token")} revoked`;
  },

  SECRET_READ: (event) => `store read: ${holding(event)}${from(event)}${strange(event)}${presentedBy(event.heldBy)}`,
  SECRET_SEEN: (event) => `${whoever(event)} changed the store: ${holding(event)}${strange(event)}`,
  CLAIMED: ({ doubt }) => `lease claimed${presentedBy(doubt)}`,
  HELD_ELSEWHERE: ({ machine, phase }) => `lease held by ${text(machine)} (${text(phase)})`,
  LEASE_LOST: () => "lease lost; nothing was sent",
  STORED: ({ version }) => `stored as version ${text(version)}`,
  STORE_CONFLICT: (event) => `not stored, another live pair is there: ${holding(event)}`,
  PAIR_UNREADABLE: () => "the sealed pair can't be opened: its row is damaged or gone",
  REMOVED: () => "removed from the store (exactly this version)",
  SECRET_MOVED: () => "not removed: the store holds something else now",
  RELEASED: () => "lease released",

  SYNCED: ({ written, failed }) => syncWords(texts(written), texts(failed)),
  NOTIFIED: ({ code, known }) => `the person ${known === true ? "knows already" : "was told"}: ${text(code)}`,
  FAILED: ({ intent, message }) => `${STEPS[String(intent)] ?? text(intent)} failed: ${text(message)}`,

  FILE_WRITING: ({ path }) => `about to write ${text(path)}`,
  FILE_WRITTEN: ({ path, source }) => `wrote ${text(path)}${SOURCES[String(source)] ?? ""}`,
  FILE_CURRENT: ({ path }) => `${text(path)} is current`,
  FILE_FAILED: ({ path, message }) => `${text(path)} not written: ${text(message)}`,
  FILE_EDITED: ({ path, keys, kept }) =>
    `somebody else changed ${text(path)} at ${texts(keys).join(", ") || "its top"}; ${kept ? "it stays so" : "put right"}`,
  FILE_NARROWED: ({ path, from, to }) => `${text(path)} was open to others (${text(from)}): now ${text(to)}`,
  FILE_ANSWERED: ({ path, answer }) => `a person's word on ${text(path)}: ${ANSWERS[String(answer)] ?? text(answer)}`,
  FILE_CLEANED: ({ path, keys, left, why }) => {
    const stays = texts(left).length > 0 ? `; left, since others have a part in it: ${texts(left).join(", ")}` : "";
    return `${count(texts(keys).length, "value")} taken out of ${text(path)} (${GONE[String(why)] ?? text(why)})${stays}`;
  },
  SECRET_MISSING: ({ path, secret }) =>
    `the secret ${text(secret)} is gone from the store; ${text(path)} stays as it is`,
  POST_RAN: () => "the program after it ended well",
  POST_FAILED: ({ message }) => `the program after it failed: ${text(message)}`,

  ...SESSION_WORDS,

  AGENT_STARTED: ({ version, before }) =>
    `agent started, dotvault ${text(version)}${before === "killed" ? "; the one before it was killed" : ""}`,
  AGENT_ENDED: () => "agent ended",
  REHEARSED: ({ version, events, parts }) => {
    const first = (Array.isArray(parts) ? parts : []).map(
      (part: { name?: unknown; event?: unknown }) => `${text(part.name)} from its event ${text(part.event)} on`,
    );
    const differ = first.length === 0 ? "0 decisions differ" : `decided otherwise: ${first.join(", ")}`;
    return `your own history rehearsed with dotvault ${text(version)}: ${count(Number(events), "event")}, ${differ}`;
  },

  COMPACTED: ({ removed, before }, at) =>
    `${count(Number(removed), "event")} from before ${clock(new Date(Number(before)), at)} dropped`,
  REKEYED: ({ from, to }) => `everything sealed with a new key: ${text(to)}, before ${text(from)}`,
};

const ANSWERS: Readonly<Record<string, string>> = {
  keep: "what others write there stays",
  "take-back": "it is written anew",
  stop: "it is written no more",
};

const GONE: Readonly<Record<string, string>> = {
  rule: "the rule is gone",
  enrolment: "un-enrolled",
  secret: "the secret is gone",
};

const WAKES: Readonly<Record<string, string>> = {
  rotate: "rotation due (half-life)",
  ask: "time to ask the person",
  retry: "waited long enough",
  expired: "the token has expired",
  renew: "more time is due",
  end: "its life is over by this clock: asking the server",
  again: "waited long enough",
  giveUp: "nobody ended the login",
};

const VERDICTS: Readonly<Record<string, string>> = {
  alive: "the access token lives",
  dead: "the service says that the access token is dead",
  unlisted: "the service does not list the access token",
};

const REVOKED: Readonly<Record<string, string>> = {
  revoked: "token revoked at the service",
  already: "token was revoked already",
  dead: "token was dead already",
  expired: "token has expired: nothing to revoke",
  unlisted: "token is not listed at the service: it ends by itself",
  "not-revocable": "token can't be revoked: it ends by itself",
  refused: "token not revoked: the service keeps refusing",
  unreadable: "token not revoked: its row is damaged or gone; it ends by itself",
  "not supported": "nothing to revoke at a service",
};

/** Steps as nouns: what failed. */
export const STEPS: Readonly<Record<string, string>> = {
  read: "reading the store",
  openSession: "registering the login",
  poll: "asking for the sign-in",
  mint: "asking for a token",
  claim: "claiming the lease",
  refresh: "presenting the pair",
  probe: "asking whether the token lives",
  store: "storing",
  remove: "removing from the store",
  release: "releasing the lease",
  sync: "writing the files",
  revoke: "revoking a token",
  sweep: "looking for leftovers",
  notify: "telling the person",
  tryPlatform: "showing it to another platform",
  login: "logging in to Vault",
  renew: "renewing the Vault token",
  lookup: "asking how long the Vault token lives",
  giveBack: "giving the old Vault token back",
  revokeToken: "revoking a token by its id",
};

const SOURCES: Readonly<Record<string, string>> = {
  sealed: " from the sealed pair",
  store: " from the store",
  template: "",
};

function unknownEvent({ type }: Event): string {
  return text(type).toLowerCase().replaceAll("_", " ");
}

function lostWords({ class: why, sentAt, intent }: Event, at: Date): string {
  if (intent === "login")
    return `the answer to the login was lost: ${lostBecause(text(why))}; a token may be left behind`;
  if (typeof sentAt !== "number" || intent !== "refresh") return `answer lost: ${lostBecause(text(why))}`;
  return `${sentWords({ sentAt: new Date(sentAt), times: 1 }, at)}: ${lostBecause(text(why))}`;
}

function engineOf(settings: unknown): string {
  const { engine, origin } = (settings ?? {}) as { engine?: unknown; origin?: unknown };
  return typeof origin === "string" ? `${text(engine)} at ${text(origin)}` : text(engine);
}

function lifeOf(facts: unknown, at: Date): string {
  const { expiresAt } = (facts ?? {}) as { expiresAt?: unknown };
  if (typeof expiresAt !== "number") return ", never expires";
  return `, good until ${clock(new Date(expiresAt), at)} (${span(expiresAt - at.getTime())})`;
}

function holding({ found, version }: Event): string {
  if (typeof found === "object" && found !== null) {
    const complete = (found as { complete?: unknown }).complete === true;
    return `version ${text(version)}${complete ? "" : ", not complete"}`;
  }
  return version === 0 ? "no secret" : `no secret (version ${text(version)} is deleted)`;
}

function whoever({ by }: Event): string {
  return typeof by === "string" ? text(by) : "somebody";
}

function from({ by }: Event): string {
  return typeof by === "string" ? `, by ${text(by)}` : "";
}

function strange({ withoutLease }: Event): string {
  return withoutLease === true ? "; by hand or by a program that knows no lease" : "";
}

function presentedBy(open: unknown): string {
  if (typeof open !== "object" || open === null) return "";
  return `; ${text((open as { machine?: unknown }).machine)} has presented a pair and not reported back`;
}

function syncWords(written: readonly string[], failed: readonly string[]): string {
  const told = written.length > 0 ? `files written: ${written.join(", ")}` : "no file had to change";
  if (failed.length === 0) return told;
  return written.length > 0 ? `${told}; not: ${failed.join(", ")}` : `files not written: ${failed.join(", ")}`;
}

function list(value: unknown): string {
  return texts(value)
    .map((step) => STEPS[step] ?? step)
    .join(", ");
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function text(value: unknown): string {
  return harmless(String(value));
}
