/**
 * The right name that a wrong one was probably meant to be: the smallest edit distance (insert, remove, replace, swap of
 * neighbours), not counting case, `-` and `_`; or the name that it is the beginning of. Undefined when none is near.
 */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  const wanted = plain(word);
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const distance = difference(wanted, plain(name), allowance(name));
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, "").slice(0, 64);
}

/** A third of a name may be wrong, but three letters at most. */
function allowance(name: string): number {
  return Math.min(3, Math.max(1, Math.floor(name.length / 3)));
}

/** Infinity for more than `most`. */
function difference(word: string, name: string, most: number): number {
  if (word.length >= 3 && name.startsWith(word) && name !== word) return 1;
  if (Math.abs(word.length - name.length) > most) return Number.POSITIVE_INFINITY;
  const distance = editDistance(word, name);
  return distance <= most ? distance : Number.POSITIVE_INFINITY;
}

/** Optimal string alignment distance, by the usual three rows. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (older[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [older, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}
