/** Looks so often, milliseconds. */
const EVERY = 3_000;

export interface Waiting {
  /** Milliseconds. */
  readonly endsAt: number;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<unknown>;
  readonly stopped: () => boolean;
}

/**
 * Looks until something is found, or the time is over; a look that fails is one that found nothing.
 *
 * @returns what was found; undefined: nothing
 */
export async function untilUsed<T>(look: () => Promise<T | undefined>, waiting: Waiting): Promise<T | undefined> {
  const { endsAt, now, pause, stopped } = waiting;
  for (;;) {
    const found = await look();
    if (found !== undefined || stopped()) return found;
    const left = endsAt - now();
    if (left <= 0) return undefined;
    await pause(Math.min(EVERY, left));
  }
}
