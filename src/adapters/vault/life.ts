import { asDocument } from "./documents.ts";

/** A token and how long it is good for. Times are our clock's, milliseconds since the epoch. */
export interface Life {
  readonly token: string;
  /** Infinity: it has no end. */
  readonly expiresAt: number;
  /** When to see to the next one. */
  readonly dueAt: number;
  readonly renewable: boolean;
  /** Whom the server takes its holder for, where it says so. */
  readonly who?: string | undefined;
}

/**
 * `auth` of a login's or a renewal's answer; undefined when there is no token in it. `askedAt`: when the request was sent,
 * which errs to the safe side. Due at ⅔ of the life that the server gave.
 */
export function lifeFrom(auth: unknown, askedAt: number): Life | undefined {
  const { client_token: token, lease_duration: seconds, renewable, metadata } = asDocument(auth) ?? {};
  if (typeof token !== "string" || token === "" || typeof seconds !== "number") return undefined;
  const life = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
  const who = holderOf(asDocument(metadata) ?? {});
  return { token, expiresAt: askedAt + life, dueAt: askedAt + (life * 2) / 3, renewable: renewable === true, who };
}

/** Auth methods name the holder in words of their own. */
function holderOf(metadata: Readonly<Record<string, unknown>>): string | undefined {
  const names = [
    metadata.username,
    metadata.service_account_name,
    metadata.common_name,
    metadata.role_name,
    metadata.role,
  ];
  return names.find((name) => typeof name === "string" && name !== "") as string | undefined;
}
