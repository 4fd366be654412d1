import { type KeyObject, sign, verify } from "node:crypto";

/** Claims of a JFrog access token (times in seconds since the epoch). */
export interface Claims {
  readonly ext?: string;
  readonly sub: string;
  readonly scp: string;
  readonly aud: string | readonly string[];
  readonly iss: string;
  readonly iat: number;
  /** Absent: never expires. */
  readonly exp?: number;
  readonly jti: string;
}

export interface Decoded {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value), "utf8").toString("base64url");

/** A compact RS256 JWT with JFrog's header. */
export function signJwt(claims: Claims, kid: string, privateKey: KeyObject): string {
  const signed = `${encode({ ver: "2", typ: "JWT", alg: "RS256", kid })}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

function object(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The parts of a compact JWT, unverified; `undefined` when it is none. */
export function decodeJwt(token: string): Decoded | undefined {
  const [head, payload, signature, ...rest] = token.split(".");
  if (head === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const header = object(head);
  const claims = object(payload);
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, signed: `${head}.${payload}`, signature: Buffer.from(signature, "base64url") };
}

/** Whether the signature stands: RS256, or ES256 (identity providers use both). */
export function signedBy(jwt: Decoded, key: KeyObject): boolean {
  const data = Buffer.from(jwt.signed);
  if (jwt.header.alg === "RS256" && key.asymmetricKeyType === "rsa") return verify("sha256", data, key, jwt.signature);
  if (jwt.header.alg !== "ES256" || key.asymmetricKeyType !== "ec") return false;
  return verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, jwt.signature);
}
