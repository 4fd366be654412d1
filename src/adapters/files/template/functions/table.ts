import { COLLECTIONS } from "./collections.ts";
import { COMPARISONS } from "./comparison.ts";
import { EXTRAS } from "./extras.ts";
import type { TemplateFunction } from "./function.ts";
import { PREDECESSOR } from "./predecessor.ts";
import { PRINTING } from "./printing.ts";

/** `and` and `or` evaluate their arguments one by one: the evaluator does that; here is only how many they take. */
function lazy(): TemplateFunction {
  return { parameters: ["any"], rest: "any", run: ([first = ""]) => first };
}

/** All functions by name. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({
    and: lazy(),
    or: lazy(),
    ...COMPARISONS,
    ...COLLECTIONS,
    ...PRINTING,
    ...PREDECESSOR,
    ...EXTRAS,
  }),
);

const LONGEST_NAME = 20;

/** The function that a misspelt name probably means: about one letter in three may be wrong, two at most. */
export function nearestFunction(name: string): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const ranked = [...FUNCTIONS.keys()].map((known) => ({
    known,
    steps: distance(name.toLowerCase(), known.toLowerCase()),
  }));
  ranked.sort((a, b) => a.steps - b.steps);
  const [best] = ranked;
  return best !== undefined && best.steps <= Math.min(2, Math.floor((name.length + 1) / 3)) ? best.known : undefined;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
