import { test } from "node:test";
import fc from "fast-check";
import { exportedHistories, forgetRecordings, writeHistories } from "./model/failed-history.ts";

/** A change is not red by chance: the same draws every time. `FC_SEED=random npm test -- property` looks for new ones. */
const FIXED_SEED = 20_261_127;
const seed = seedOf(process.env.FC_SEED);
const scale = Number(process.env.FC_SCALE ?? 1);

function seedOf(wish: string | undefined): number {
  if (wish === "random") return Date.now() % 2 ** 31;
  return wish === undefined ? FIXED_SEED : Number(wish);
}

type Arbitraries<T> = { [K in keyof T]: fc.Arbitrary<T[K]> };
type Check<T extends unknown[]> = (...values: T) => boolean | undefined | Promise<boolean | undefined>;

/** A property as a test. The seed stands in the test's name, so that a red run can be repeated: `FC_SEED=… npm test`. */
export function property<T extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: Arbitraries<T>,
  check: Check<T>,
  options: { runs?: number } = {},
): void {
  test(`${name} (FC_SEED=${seed})`, () => holds(name, arbitraries, check, options));
}

/**
 * Throws unless the property holds. What the agents of the smallest failing run went through is written as histories that
 * `dotvault replay` reads; the error says where.
 */
export async function holds<T extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: Arbitraries<T>,
  check: Check<T>,
  options: { runs?: number } = {},
): Promise<void> {
  let histories: readonly string[] = [];
  const watched = async (...values: [unknown, ...unknown[]]) => {
    forgetRecordings();
    let held: boolean | undefined = false;
    try {
      held = await check(...(values as T));
      return held;
    } finally {
      // While it shrinks, every further failure is a smaller one.
      if (held === false) histories = exportedHistories();
    }
  };
  try {
    await fc.assert(fc.asyncProperty(...arbitraries, watched), {
      seed,
      numRuns: Math.ceil((options.runs ?? 100) * scale),
    });
  } catch (error) {
    const read = writeHistories(name, seed, histories);
    if (error instanceof Error && read.length > 0)
      error.message += `\nWhat the agents went through:\n  ${read.join("\n  ")}`;
    throw error;
  }
}
