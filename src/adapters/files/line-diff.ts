/** One line of a diff: kept, taken away, or added. */
export interface LineChange {
  readonly kind: " " | "-" | "+";
  readonly line: string;
}

/** Above this many cells the middle is shown as replaced, rather than compared for long. */
const MAX_CELLS = 1_000_000;

/** A shortest edit script by longest common subsequence, after the equal beginning and end are set aside. */
export function lineChanges(before: readonly string[], after: readonly string[]): LineChange[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const rest = Math.min(before.length, after.length) - head;
  while (tail < rest && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return [
    ...marked(" ", before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...marked(" ", before.slice(before.length - tail)),
  ];
}

function middle(before: readonly string[], after: readonly string[]): LineChange[] {
  if (before.length * after.length > MAX_CELLS) return [...marked("-", before), ...marked("+", after)];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const cell = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] =
        before[i] === after[j] ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1));
    }
  }
  return walk(before, after, cell);
}

function walk(
  before: readonly string[],
  after: readonly string[],
  cell: (i: number, j: number) => number,
): LineChange[] {
  const changes: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      changes.push({ kind: " ", line: before[i++] ?? "" });
      j++;
    } else if (cell(i + 1, j) >= cell(i, j + 1)) changes.push({ kind: "-", line: before[i++] ?? "" });
    else changes.push({ kind: "+", line: after[j++] ?? "" });
  }
  return [...changes, ...marked("-", before.slice(i)), ...marked("+", after.slice(j))];
}

function marked(kind: LineChange["kind"], lines: readonly string[]): LineChange[] {
  return lines.map((line) => ({ kind, line }));
}
