import { type LineChange, lineChanges } from "./line-diff.ts";
import { mask, maskLike } from "./mask.ts";

const CONTEXT = 3;

/**
 * A unified diff for people, with every credential masked: the ones given, whatever looks like one, and the old value
 * where a new one is given. Empty when the texts are equal. Control characters are shown, not sent to the terminal.
 */
export function maskedDiff(before: string | undefined, after: string, secrets: readonly string[]): string {
  const changes = lineChanges(lines(before ?? ""), lines(after));
  const shown = masked(changes, lines(mask(before ?? "", secrets)), lines(mask(after, secrets)));
  return hunksOf(shown)
    .map((hunk) => printHunk(shown, hunk))
    .join("");
}

/** The same changes with masked lines: found on the real ones, so that a new token shows as a change. */
function masked(changes: readonly LineChange[], before: readonly string[], after: readonly string[]): LineChange[] {
  let [old, fresh] = [0, 0];
  const shown = changes.map(({ kind }): LineChange => {
    const line = (kind === "-" ? before[old] : after[fresh]) ?? "";
    if (kind !== "+") old++;
    if (kind !== "-") fresh++;
    return { kind, line };
  });
  const examples = shown.filter(({ kind }) => kind === "+").map(({ line }) => line);
  return shown.map((change) => (change.kind === "-" ? { ...change, line: maskLike(change.line, examples) } : change));
}

function lines(text: string): string[] {
  if (text === "") return [];
  const all = text.split("\n");
  const last = all.pop();
  return last === "" || last === undefined ? all : [...all, `${last}\n\\ No newline at end of file`];
}

interface Hunk {
  readonly from: number;
  readonly to: number;
}

/** Ranges of changed lines with their surroundings; near ones are one. */
function hunksOf(changes: readonly LineChange[]): Hunk[] {
  const hunks: { from: number; to: number }[] = [];
  changes.forEach((change, i) => {
    if (change.kind === " ") return;
    const last = hunks.at(-1);
    const to = Math.min(i + CONTEXT + 1, changes.length);
    if (last && i - CONTEXT <= last.to) last.to = to;
    else hunks.push({ from: Math.max(i - CONTEXT, 0), to });
  });
  return hunks;
}

function printHunk(changes: readonly LineChange[], { from, to }: Hunk): string {
  const inside = changes.slice(from, to);
  const count = (list: readonly LineChange[], other: "+" | "-") => list.filter(({ kind }) => kind !== other).length;
  const header = (list: "+" | "-") => {
    const length = count(inside, list);
    return `${count(changes.slice(0, from), list) + (length > 0 ? 1 : 0)},${length}`;
  };
  const body = inside.map(({ kind, line }) => `${kind}${visible(line)}\n`).join("");
  return `@@ -${header("+")} +${header("-")} @@\n${body}`;
}

/** A file's control characters must not reach the terminal that shows them. */
function visible(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it replaces
  return line.replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
