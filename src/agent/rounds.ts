/** Thousands of agents share a store: none of them looks at it more often than this, milliseconds. */
const SHORTEST_BEAT = 1_000;

/** One look at every secret, part after part. Pure. */
export interface Round {
  /** Names that one request shows together; at least one part, and that may be empty. */
  readonly parts: readonly (readonly string[])[];
  /** From one look to the next, milliseconds. */
  readonly beat: number;
}

/**
 * Spreads the looks evenly over `every` milliseconds; over more only where that would be more than one request a second.
 *
 * @param parts names by what one request shows together, see `SecretStore.lookGroups`
 */
export function spreadRound(parts: readonly (readonly string[])[], every: number): Round {
  return { parts: parts.length > 0 ? parts : [[]], beat: Math.max(SHORTEST_BEAT, every / Math.max(1, parts.length)) };
}

/** The rest until the next look, milliseconds. What took longer than its beat is followed by the next one at once. */
export function restAfter(began: number, now: number, beat: number): number {
  // A clock that was set back meanwhile says nothing.
  return now < began ? beat : Math.max(0, began + beat - now);
}
