import { wrap } from "../layout.ts";
import { harmless, type Style } from "../style.ts";
import { clock, count, span, stamp } from "../times.ts";
import type { Entry, OpenTrouble } from "./entry.ts";
import { sentence } from "./sentence.ts";
import { STEPS } from "./words.ts";

export interface LogLayout {
  readonly style: Style;
  readonly columns: number;
  /** Width of the names' column; 0 where all is about one enrolment. */
  readonly names: number;
}

/** Shorter waits are not drawn. */
const WORTH_DRAWING = 60_000;
/** Where the line of time runs: under the stamp's clock. */
const TIMELINE = " ".repeat(7);
const STAMP = "21 Nov 09:40:07".length;

/** Writes entries as lines, each below the one before; remembers where it is in time. */
export class LogWriter {
  readonly #layout: LogLayout;
  #last: Date | undefined;

  constructor(layout: LogLayout) {
    this.#layout = layout;
  }

  /** The lines of the next entry, with the wait before it. */
  lines(entry: Entry): string {
    const before = [...this.#year(entry.at), ...this.#wait(entry)];
    this.#last = entry.at;
    return `${[...before, ...this.#entry(entry)].join("\n")}\n`;
  }

  /** What is still being tried, at the end of the history. */
  trouble({ name, step, tries, since, nextAt }: OpenTrouble, now: Date): string {
    const { style, names } = this.#layout;
    const who = names > 0 ? `${harmless(name)}: ` : "";
    const next = nextAt.getTime() > now.getTime() ? `next at ${clock(nextAt, now)}` : "next now";
    const line = `${who}${STEPS[step] ?? harmless(step)}: ${tried(tries)}, ${span(now.getTime() - since.getTime())}, ${next}`;
    return `${TIMELINE}${style.yellow(`┆ ${line}`)}\n`;
  }

  #entry(entry: Entry): string[] {
    const { style, columns, names } = this.#layout;
    const indent = STAMP + 2 + (names > 0 ? names + 2 : 0);
    const state = entry.moved ? [`→ ${entry.state}`] : [];
    const parts = sentence(entry);
    const [first = "", ...rest] = withState(wrap(parts, columns - indent, "; "), state, columns - indent, style);
    const name = names > 0 ? `${harmless(entry.name).padEnd(names)}  ` : "";
    const head = `${style.dim(stamp(entry.at))}  ${style.bold(name)}${first}`;
    return [head, ...rest.map((line) => " ".repeat(indent) + line)];
  }

  #year(at: Date): string[] {
    if (this.#last?.getFullYear() === at.getFullYear()) return [];
    return [this.#layout.style.dim(String(at.getFullYear()))];
  }

  #wait({ at, retried }: Entry): string[] {
    const { style } = this.#layout;
    if (this.#last === undefined) return [];
    const length = at.getTime() - this.#last.getTime();
    const tries = retried ? `${retried.tries === null ? "tried again" : tried(retried.tries)}, ` : "";
    if (retried) return [`${TIMELINE}${style.yellow(`┆ ${tries}${span(at.getTime() - retried.since.getTime())}`)}`];
    return length < WORTH_DRAWING ? [] : [`${TIMELINE}${style.dim(`┆ ${span(length)}`)}`];
  }
}

/** The new state stands at the end of the last line, or below it where it does not fit. */
function withState(lines: readonly string[], state: readonly string[], width: number, style: Style): string[] {
  const [arrow] = state;
  if (arrow === undefined) return [...lines];
  const last = lines.at(-1) ?? "";
  if (last.length + 2 + arrow.length > width && width > 0) return [...lines, style.dim(arrow)];
  return [...lines.slice(0, -1), `${last}  ${style.dim(arrow)}`];
}

function tried(tries: number): string {
  return count(tries, "try", "tries");
}
