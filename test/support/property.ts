import { test } from "node:test";
import fc from "fast-check";

const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
const scale = Number(process.env.FC_SCALE ?? 1);

/** A property as a test. The seed stands in the test's name, so that a red run can be repeated: `FC_SEED=… npm test`. */
export function property<T extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => boolean | undefined | Promise<boolean | undefined>,
  options: { runs?: number } = {},
): void {
  test(`${name} (FC_SEED=${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(...arbitraries, async (...values) => check(...(values as T))),
      { seed, numRuns: Math.ceil((options.runs ?? 100) * scale) },
    );
  });
}
