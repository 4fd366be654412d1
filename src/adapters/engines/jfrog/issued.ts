import type { HttpAnswer } from "../../http/port.ts";
import type { Fields, PairFacts, Trouble } from "../port.ts";
import { writeTime } from "../time.ts";
import { jsonObject, member } from "./body.ts";
import { asTokenId, asUser, readClaims } from "./claims.ts";
import { describe, serverId, usableToken } from "./fields.ts";
import { type Asked, timeOf, unusable } from "./verdict.ts";

/** What the answer does not say. */
export interface Known {
  readonly origin: string;
  /** The user of the credential that was presented. */
  readonly user?: string;
  /** Our clock in milliseconds, for a service that sends no `Date`. */
  readonly now: () => number;
}

export interface Issued {
  readonly kind: "issued";
  readonly fields: Fields;
  readonly facts: PairFacts;
  readonly serverTime?: number;
}

/** The last moment that RFC 3339 can write; a later end means never. */
const lastMoment = Date.UTC(9999, 11, 31);

/**
 * Reads a 2xx answer that must hold a token. Whatever its content type says, a token that is there is taken: it may be the
 * only copy.
 */
export function readIssued(answer: HttpAnswer, asked: Asked, known: Known): Issued | Trouble {
  const body = jsonObject(answer.body);
  if (body === undefined) return unusable(answer, asked, "truncated", "its JSON can't be read");
  const access = usableToken(member(body, "access_token"));
  if (access === undefined) return unusable(answer, asked, "odd-answer", "there is no access token in it");
  const fields = toFields(body, access, answer.serverTime ?? known.now(), known);
  return { kind: "issued", fields, facts: factsOf(fields, body), ...timeOf(answer) };
}

function toFields(
  body: Readonly<Record<string, unknown>>,
  access: string,
  answeredAt: number,
  known: Known,
): Record<string, string> {
  const claims = readClaims(access);
  const issuedAt = claims.issuedAt ?? answeredAt;
  const expiresAt = claims.expiresAt ?? endAfter(issuedAt, member(body, "expires_in"));
  const refresh = usableToken(member(body, "refresh_token"));
  const reference = usableToken(member(body, "reference_token"));
  return {
    access_token: access,
    ...(refresh === undefined ? {} : { refresh_token: refresh }),
    ...(reference === undefined ? {} : { reference_token: reference }),
    url: known.origin,
    server_id: serverId(known.origin),
    user: asUser(member(body, "username")) ?? claims.user ?? known.user ?? "",
    issued_at: writeTime(issuedAt),
    ...(expiresAt === undefined ? {} : { expires_at: writeTime(expiresAt) }),
  };
}

/** `expires_in` is seconds, a number or its text; absent or 0 means never. */
function endAfter(issuedAt: number, expiresIn: unknown): number | undefined {
  const text = typeof expiresIn === "number" ? String(expiresIn) : expiresIn;
  const seconds = typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : 0;
  const end = issuedAt + seconds * 1000;
  return seconds === 0 || end > lastMoment ? undefined : end;
}

/** Only a token without claims (a reference token) needs the answer's own `token_id`. */
function factsOf(fields: Fields, body: Readonly<Record<string, unknown>>): PairFacts {
  const facts = describe(fields);
  const tokenId = facts.tokenId ?? asTokenId(member(body, "token_id"));
  return tokenId === undefined ? facts : { ...facts, tokenId };
}
