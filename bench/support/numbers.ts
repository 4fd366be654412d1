export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param share in [0, 1): 0.99 is the value that 99 of 100 do not exceed */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

/** Milliseconds that the work took. */
export function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Several pieces of work by turns, so that the machine's moods hit all alike. Returns the milliseconds of each. */
export function byTurns<K extends string>(
  rounds: number,
  pieces: Readonly<Record<K, () => void>>,
): Record<K, number[]> {
  const entries = Object.entries<() => void>(pieces);
  const times = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of entries) times.get(name)?.push(timed(work));
  }
  return Object.fromEntries(times) as Record<K, number[]>;
}
