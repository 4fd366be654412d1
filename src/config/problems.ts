import { lineStarts, locate } from "./lines.ts";

/** Stable names for what can be wrong with a configuration. Part of the contract; never reworded. */
export type ProblemCode =
  | "config.unreadable"
  | "config.too-large"
  | "config.encoding"
  | "config.empty"
  | "config.syntax"
  | "config.duplicate-key"
  | "config.alias"
  | "config.unknown-key"
  | "config.type"
  | "config.missing"
  | "config.value"
  | "config.duration"
  | "config.duplicate-name"
  | "config.target-conflict"
  | "config.template"
  | "config.enrolment-key"
  | "config.engine"
  | "config.setting"
  /** Warnings. */
  | "config.later"
  | "config.no-effect"
  | "config.refresh-token"
  | "config.tag"
  | "config.permissions";

/** What is wrong with a value, before it is known where it stands. One line each, lower case, no full stop. */
export interface Complaint {
  readonly what: string;
  readonly hint?: string;
  /** The right name that is most like the wrong one. */
  readonly nearest?: string;
}

/** A complaint with its place. Lines and columns count from 1; a column is a UTF-16 unit, as editors count. */
export interface Problem extends Complaint {
  readonly code: ProblemCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The outcome of reading one written value. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Complaint);

/** `file:line:column: what (did you mean "x"?); hint` — the form that editors and terminals make clickable. */
export function formatProblem(problem: Problem): string {
  const nearest = problem.nearest === undefined ? "" : ` (did you mean ${quote(problem.nearest)}?)`;
  const hint = problem.hint === undefined ? "" : `; ${problem.hint}`;
  return visible(`${problem.file}:${problem.line}:${problem.column}: ${problem.what}${nearest}${hint}`);
}

/** Text from the file as it may stand in a message: quoted, and not too long. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return `"${visible(short).replaceAll('"', '\\"')}"`;
}

/** On one line, and with nothing that steers a terminal: what can't be seen is spelled out. */
function visible(text: string): string {
  return text.replace(/[\p{C}\p{Z}]/gu, (c) => (c === " " ? c : `\\u{${c.codePointAt(0)?.toString(16)}}`));
}

/** Collects all problems of one file, so that a person sees every one of them at once. */
export class Findings {
  readonly #file: string;
  readonly #starts: readonly number[];
  readonly #seen = new Set<string>();
  readonly #errors: Found[] = [];
  readonly #warnings: Found[] = [];
  #soundUntil = Number.POSITIVE_INFINITY;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#starts = lineStarts(text);
  }

  /**
   * After a syntax error the rest of the tree is guesswork: from here on only what stands before `offset` counts, and
   * nothing counts as missing.
   */
  trustUntil(offset: number): void {
    this.#soundUntil = Math.min(this.#soundUntil, offset);
  }

  error(code: ProblemCode, offset: number, complaint: Complaint): void {
    if (this.#isSound(code, offset)) this.#add(this.#errors, code, offset, complaint);
  }

  warn(code: ProblemCode, offset: number, complaint: Complaint): void {
    if (this.#isSound(code, offset)) this.#add(this.#warnings, code, offset, complaint);
  }

  /** The line that an offset stands in, from 1. */
  line(offset: number): number {
    return locate(this.#starts, offset).line;
  }

  /** In the order of the file. */
  errors(): Problem[] {
    return inOrder(this.#errors);
  }

  warnings(): Problem[] {
    return inOrder(this.#warnings);
  }

  /** Whether what was read at an offset is what the person meant. */
  trusts(offset: number): boolean {
    return offset < this.#soundUntil;
  }

  #isSound(code: ProblemCode, offset: number): boolean {
    const broken = this.#soundUntil < Number.POSITIVE_INFINITY;
    return this.trusts(offset) && !(broken && code === "config.missing");
  }

  /** The same node is read more than once where an alias repeats it: one complaint is enough. */
  #add(list: Found[], code: ProblemCode, offset: number, { what, hint, nearest }: Complaint): void {
    const key = `${offset} ${code} ${what}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const optional = { ...(hint === undefined ? {} : { hint }), ...(nearest === undefined ? {} : { nearest }) };
    const place = { file: this.#file, ...locate(this.#starts, offset) };
    list.push({ offset, problem: { code, ...place, what, ...optional } });
  }
}

interface Found {
  readonly offset: number;
  readonly problem: Problem;
}

function inOrder(found: readonly Found[]): Problem[] {
  return found.toSorted((a, b) => a.offset - b.offset).map(({ problem }) => problem);
}
