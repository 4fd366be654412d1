const SECOND = 1000;
const LONGEST = 15 * 60 * SECOND;
const LONGEST_FLOOR = 60 * 60 * SECOND;

export interface BackoffInput {
  /** Failed tries before this one, from 0. */
  readonly attempt: number;
  /** In [0, 1). */
  readonly random: number;
  /** Milliseconds until the credential expires; absent where nothing expires, zero or less once it has. */
  readonly lifeLeft?: number;
  /** The server's `Retry-After`, milliseconds: a floor, up to half of the life left; an hour where nothing ends. */
  readonly retryAfter?: number;
  /** First window, milliseconds. */
  readonly base?: number;
}

/**
 * Full jitter (Brooker, "Exponential Backoff and Jitter", 2015): a random time in a window that doubles with every try,
 * capped so that at least eight tries fit into the life that is left.
 *
 * @returns milliseconds to wait, at least one second
 */
export function backoff({ attempt, random, lifeLeft, retryAfter = 0, base = 2 * SECOND }: BackoffInput): number {
  const window = Math.min(longest(lifeLeft), base * 2 ** Math.min(attempt, 30));
  const floor = Math.min(retryAfter, lifeLeft !== undefined && lifeLeft > 0 ? lifeLeft / 2 : LONGEST_FLOOR);
  return Math.round(Math.max(SECOND, floor, random * window));
}

function longest(lifeLeft: number | undefined): number {
  if (lifeLeft === undefined || lifeLeft <= 0) return LONGEST;
  return Math.max(SECOND, Math.min(LONGEST, lifeLeft / 8));
}
