import { asDocument } from "./documents.ts";

/** A token and how long it is good for. Times are our clock's, milliseconds since the epoch. */
export interface Life {
  readonly token: string;
  /** Infinity: it has no end. */
  readonly expiresAt: number;
  /** When to see to the next one. */
  readonly dueAt: number;
  readonly renewable: boolean;
}

/**
 * `auth` of a login's or a renewal's answer; undefined when there is no token in it. `askedAt`: when the request was sent,
 * which errs to the safe side. Due at ⅔ of the life that the server gave.
 */
export function lifeFrom(auth: unknown, askedAt: number): Life | undefined {
  const { client_token: token, lease_duration: seconds, renewable } = asDocument(auth) ?? {};
  if (typeof token !== "string" || token === "" || typeof seconds !== "number") return undefined;
  const life = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
  return { token, expiresAt: askedAt + life, dueAt: askedAt + (life * 2) / 3, renewable: renewable === true };
}

/** Whether a renewal gave more time. At its greatest age (`explicit_max_ttl`) a token is renewed, but gets no older. */
export function outlives(renewed: Life, old: Life): boolean {
  return renewed.expiresAt > old.expiresAt + 1000;
}

/** There was no next one to be had: it serves on, and is seen to again in a third of what is left, a minute at most. */
export function postponed(life: Life, now: number): Life {
  return { ...life, dueAt: now + Math.min(60_000, (life.expiresAt - now) / 3) };
}
