/** Offsets at which the lines of a text start. A line ends at `\n`. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Line and column (both from 1, UTF-16 units) of an offset. */
export function locate(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/** The offset of a line and column (both from 1) in a text; a place outside is moved to the nearest inside. */
export function offsetAt(text: string, line: number, column: number): number {
  const starts = lineStarts(text);
  const index = Math.min(Math.max(line, 1), starts.length) - 1;
  const start = starts[index] ?? 0;
  const end = (starts[index + 1] ?? text.length + 1) - 1;
  return Math.min(start + Math.max(column, 1) - 1, end);
}
