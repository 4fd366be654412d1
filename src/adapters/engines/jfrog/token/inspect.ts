import { cleanLine } from "../../clean.ts";
import { asTokenId } from "../claims.ts";
import { partsOf, type TokenParts } from "./parts.ts";

/** What a token says of itself, made harmless: no escapes, and nothing that is a token. Times: milliseconds since the epoch. */
export interface Inspection {
  readonly kind: "jwt" | "reference" | "unknown";
  readonly tokenId: string | null;
  readonly subject: string | null;
  readonly user: string | null;
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  readonly issuer: string | null;
  readonly issuedAt: number | null;
  readonly notBefore: number | null;
  /** Null: never, or it does not say so. */
  readonly expiresAt: number | null;
  readonly algorithm: string | null;
  /** JFrog's `kid`: base64url of the SHA-256 of the root certificate that vouches. */
  readonly keyId: string | null;
  /** The `ext` claim, JSON inside a string. */
  readonly extension: Readonly<Record<string, string>> | null;
  /** What no sound token has. */
  readonly oddities: readonly string[];
}

const LONGEST_SHOWN = 500;
/** The last second that RFC 3339 can write; some servers write 2^63 for never. */
const LAST_SECOND = 253_402_300_799;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const nothing: Inspection = {
  kind: "unknown",
  tokenId: null,
  subject: null,
  user: null,
  scope: [],
  audience: [],
  issuer: null,
  issuedAt: null,
  notBefore: null,
  expiresAt: null,
  algorithm: null,
  keyId: null,
  extension: null,
  oddities: [],
};

/** Pure, offline; no signature is checked. */
export function inspectToken(token: string): Inspection {
  if (token.startsWith("cmVmdGtu")) return inspectReference(token);
  const parts = partsOf(token);
  if (!("problem" in parts)) return inspectJwt(parts);
  const what = parts.problem === "oversized" ? "it is larger than any token of JFrog's" : "it is no token of JFrog's";
  return { ...nothing, oddities: [what] };
}

/** `reftkn:01:<end in seconds since the epoch, 0: never>:<random>` in base64, as JFrog makes them. */
function inspectReference(token: string): Inspection {
  const [, seconds] = /^reftkn:\d+:(\d{1,12}):/.exec(Buffer.from(token, "base64").toString("latin1")) ?? [];
  return { ...nothing, kind: "reference", expiresAt: timeOf(Number(seconds)) };
}

function inspectJwt({ header, claims, repeated }: TokenParts): Inspection {
  const { sub, scp, aud, iss, iat, nbf, exp, jti, ext } = claims;
  const subject = textOf(sub);
  const [issuedAt, notBefore, expiresAt] = [timeOf(iat), timeOf(nbf), timeOf(exp)];
  return {
    kind: "jwt",
    tokenId: idOf(jti),
    subject,
    user: subject?.includes("/users/") ? subject.slice(subject.indexOf("/users/") + "/users/".length) : null,
    scope: wordsOf(scp),
    audience: wordsOf(aud),
    issuer: textOf(iss),
    issuedAt,
    notBefore,
    expiresAt,
    algorithm: textOf(header.alg),
    keyId: typeof header.kid === "string" && /^[\w-]{43}$/.test(header.kid) ? header.kid : textOf(header.kid),
    extension: extensionOf(ext),
    oddities: [
      ...repeated.map((name) => `${clean(name)} stands twice in it`),
      ...(header.alg === "none" ? ["it is not signed (alg none)"] : []),
      ...unread({ iat, nbf, exp }, { iat: issuedAt, nbf: notBefore, exp: expiresAt }),
      ...(subject !== null &&
      textOf(iss) !== null &&
      subject.startsWith("jfac@") &&
      !subject.startsWith(`${textOf(iss)}/`)
        ? ["its subject belongs to another issuer"]
        : []),
    ],
  };
}

/** Times that are there and are none. An end too far away to be written counts as never. */
function unread(found: Readonly<Record<string, unknown>>, read: Readonly<Record<string, number | null>>): string[] {
  const isNever = (value: unknown) => typeof value === "number" && (value > LAST_SECOND || value === 0);
  return Object.entries(found).flatMap(([name, value]) =>
    value === undefined || read[name] !== null || isNever(value) ? [] : [`${name} is no time`],
  );
}

function timeOf(seconds: unknown): number | null {
  const usable = typeof seconds === "number" && seconds > 0 && seconds <= LAST_SECOND;
  return usable ? Math.floor(seconds * 1000) : null;
}

/** JFrog's ids are UUIDs, as its refresh tokens are; whatever else looks like a token is none to show. */
function idOf(value: unknown): string | null {
  const id = asTokenId(value);
  if (id === undefined) return null;
  return UUID.test(id) ? id : clean(id);
}

/** A text, or a list of texts, each of which may hold several words. */
function wordsOf(value: unknown): string[] {
  return [value]
    .flat()
    .filter((each) => typeof each === "string")
    .flatMap((each) => each.match(/(?:"[^"]*"|[^\s"])+/g) ?? [])
    .map(clean)
    .filter((word) => word !== "");
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? clean(value) : null;
}

/** Piece by piece: a path may be longer than whatever has to be taken for a token. */
function clean(text: string): string {
  const whole = cleanLine(text, [], LONGEST_SHOWN);
  const pieces = text
    .slice(0, LONGEST_SHOWN)
    .split("/")
    .map((piece) => cleanLine(piece));
  return whole.includes("…") ? pieces.join("/") : whole;
}

function extensionOf(value: unknown): Inspection["extension"] {
  if (typeof value !== "string") return null;
  try {
    const found: unknown = JSON.parse(value);
    if (typeof found !== "object" || found === null || Array.isArray(found)) return { text: clean(value) };
    const entries = Object.entries(found).map(([name, inner]) => [clean(name), clean(String(JSON.stringify(inner)))]);
    return Object.fromEntries(entries.map(([name = "", inner = ""]) => [name, inner.replace(/^"(.*)"$/, "$1")]));
  } catch {
    return { text: clean(value) };
  }
}

/** How a token stands at a moment. A reference token that does not tell its end is taken at its word. */
export function stateAt(
  { kind, notBefore, expiresAt }: Inspection,
  now: number,
): "valid" | "expired" | "not-yet-valid" | "unknown" {
  if (expiresAt !== null && expiresAt <= now) return "expired";
  if (notBefore !== null && notBefore > now) return "not-yet-valid";
  return kind === "unknown" ? "unknown" : "valid";
}
