import { canonicalAudience } from "./audience.ts";
import { canonicalScope } from "./scope.ts";

/** What a JFrog access token says of itself (JWT, RFC 7519). Times are milliseconds since the epoch. */
export interface Claims {
  readonly user?: string;
  readonly tokenId?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  /** In the spelling of canonicalScope. */
  readonly scope?: string;
  /** In the spelling of canonicalAudience. */
  readonly audience?: string;
}

const longestToken = 32 * 1024;
/** The last second that RFC 3339 can write; later ends mean "never" (some servers write 2^63). */
const lastSecond = 253_402_300_799;

/**
 * Reads the claims without checking the signature: the service itself handed the token over, and nothing is granted on
 * what stands here. Whatever is odd is left out; a reference token or other text has no claims.
 */
export function readClaims(token: string): Claims {
  const payload = payloadOf(token);
  if (payload === undefined) return {};
  const user = userOf(claim(payload, "sub"));
  const tokenId = asTokenId(claim(payload, "jti"));
  const issuedAt = asTime(claim(payload, "iat"));
  const expiresAt = asTime(claim(payload, "exp"));
  const scope = asText(claim(payload, "scp"), canonicalScope);
  const audience = asText([claim(payload, "aud")].flat().join(" "), canonicalAudience);
  return {
    ...(user === undefined ? {} : { user }),
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(scope === undefined ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
  };
}

const longestText = 2000;

function asText(value: unknown, canonical: (text: string) => string | undefined): string | undefined {
  return typeof value === "string" && value.length <= longestText ? canonical(value) : undefined;
}

/** A token's id as it may stand in a URL's path. */
export function asTokenId(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w-][\w.-]{0,127}$/.test(value) ? value : undefined;
}

/** A user's name as it may be shown and stored. */
export function asUser(value: unknown): string | undefined {
  return typeof value === "string" && /^[^\p{C}]{1,255}$/u.test(value) ? value : undefined;
}

/** `jfac@01…/users/alice` → `alice`; a subject without `/users/` is not a user. */
function userOf(subject: unknown): string | undefined {
  if (typeof subject !== "string") return undefined;
  const mark = "/users/";
  const at = subject.indexOf(mark);
  return at === -1 ? undefined : asUser(subject.slice(at + mark.length));
}

function asTime(value: unknown): number | undefined {
  const usable = typeof value === "number" && value > 0 && value <= lastSecond;
  return usable ? Math.floor(value * 1000) : undefined;
}

function payloadOf(token: string): object | undefined {
  const parts = token.length > longestToken ? [] : token.split(".");
  const [, middle] = parts;
  if (parts.length !== 3 || middle === undefined || !/^[\w-]+$/.test(middle)) return undefined;
  try {
    const payload: unknown = JSON.parse(Buffer.from(middle, "base64url").toString("utf8"));
    return typeof payload === "object" && payload !== null ? payload : undefined;
  } catch {
    return undefined;
  }
}

function claim(payload: object, name: string): unknown {
  return Object.hasOwn(payload, name) ? Reflect.get(payload, name) : undefined;
}
