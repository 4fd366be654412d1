import { isObject } from "../body.ts";
import { repeatedNames } from "./duplicates.ts";

/** A compact JWT taken apart (RFC 7519); nothing in it is believed. */
export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Names that stand twice in the header or in the claims: readers differ in which of the two they believe. */
  readonly repeated: readonly string[];
}

/** Tokens of JFrog have one or two thousand characters; nothing larger is even taken apart. */
export const LONGEST_TOKEN = 32 * 1024;

export type Parted = TokenParts | { readonly problem: "oversized" | "malformed" };

/** Takes a token apart without checking anything. */
export function partsOf(token: string): Parted {
  if (token.length > LONGEST_TOKEN) return { problem: "oversized" };
  const [head = "", payload = "", , ...more] = token.split(".");
  const header = objectIn(head);
  const claims = objectIn(payload);
  if (header === undefined || claims === undefined || more.length > 0) return { problem: "malformed" };
  return { header: header.value, claims: claims.value, repeated: [...header.repeated, ...claims.repeated] };
}

/** Whether it has the form of a JWT: three parts, of which the first two are JSON objects. */
export function isJwt(token: string): boolean {
  return token.split(".").length === 3 && !("problem" in partsOf(token));
}

function objectIn(part: string) {
  if (!/^[\w-]+$/.test(part)) return undefined;
  const text = Buffer.from(part, "base64url").toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { value, repeated: repeatedNames(text) } : undefined;
  } catch {
    return undefined;
  }
}
