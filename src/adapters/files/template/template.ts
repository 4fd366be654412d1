import { Fault, TemplateError, type TemplateProblem } from "./errors.ts";
import { findReads, type Reads } from "./fields.ts";
import { Frame, type Run } from "./frame.ts";
import type { TemplateEnvironment } from "./functions/function.ts";
import { FUNCTIONS, nearestFunction } from "./functions/table.ts";
import { Budget, Sink } from "./limits.ts";
import { literalsOf, withHoles } from "./literals.ts";
import type { ListNode, Trees } from "./syntax/nodes.ts";
import { parse } from "./syntax/parse.ts";
import type { Note } from "./syntax/parse-pipe.ts";
import { Source } from "./syntax/source.ts";
import { fromData } from "./values/value.ts";
import { walkList } from "./walk.ts";

export { TemplateError, type TemplateErrorCode, type TemplateProblem } from "./errors.ts";
export type { TemplateEnvironment } from "./functions/function.ts";
export { LIMITS } from "./limits.ts";

export interface RenderOptions {
  /**
   * For formats in which a line is a setting: a value that would print a line break or a NUL is an error
   * (`template.line-break`), so that a secret can't bring settings of its own. `println`'s own line end is fine.
   */
  readonly singleLine?: boolean;
  /** Ends after fewer steps than the limit. */
  readonly steps?: number;
}

/** A compiled template in the language of Go's text/template (https://pkg.go.dev/text/template). */
export interface Template {
  readonly name: string;
  readonly source: string;
  /**
   * The text for this data: a JSON value, in which numbers may be numbers, bigints or `JSON.rawJSON`.
   * @throws TemplateError Nothing was rendered: an absent or null value would have been printed, a limit was reached, …
   */
  render(data: unknown, environment: TemplateEnvironment, options?: RenderOptions): string;
  /** Top-level fields of the data that it mentions, sorted. */
  fields(): string[];
  /** Whether it may read every field, named or not: it prints, ranges over or hands on the whole document. */
  readsAll(): boolean;
  /** What it says in its own words; `hole` stands for what comes from data and functions. */
  literals(hole: string): string;
  /** What it renders whatever the data are, `hole` for its values; undefined for one with branches or variables. */
  withHoles(hole: string): string | undefined;
}

/**
 * Compiles a template without running any of it.
 * @param options.name stands in error messages; default `template`
 * @throws TemplateError with every problem that can be told at once
 */
export function compile(source: string, options: { readonly name?: string } = {}): Template {
  const text = new Source(options.name ?? "template", source);
  return guarded(text, () => {
    const { trees, notes } = parse(text, (name) => FUNCTIONS.has(name));
    if (notes.length > 0) throw toError(text, notes);
    return new CompiledTemplate(text, trees);
  });
}

class CompiledTemplate implements Template {
  readonly name: string;
  readonly source: string;
  readonly #source: Source;
  readonly #trees: Trees;
  #reads: Reads | undefined;

  constructor(source: Source, trees: Trees) {
    this.name = source.name;
    this.source = source.text;
    this.#source = source;
    this.#trees = trees;
  }

  render(data: unknown, environment: TemplateEnvironment, { singleLine = false, steps }: RenderOptions = {}): string {
    const sink = new Sink();
    const budget = new Budget(steps);
    const run = { source: this.#source, trees: this.#trees, environment, budget, sink, singleLine, depth: 0 };
    return guarded(this.#source, () => {
      execute(run, data);
      return sink.text();
    });
  }

  fields(): string[] {
    return [...this.#found().fields];
  }

  readsAll(): boolean {
    return this.#found().all;
  }

  literals(hole: string): string {
    return literalsOf(this.#trees, hole);
  }

  withHoles(hole: string): string | undefined {
    return withHoles(this.#trees, this.#source.name, hole);
  }

  #found(): Reads {
    this.#reads ??= findReads(this.#trees, this.name);
    return this.#reads;
  }
}

function execute(run: Run, data: unknown): void {
  const empty: ListNode = { type: "list", at: 0, nodes: [] };
  const root = run.trees.get(run.source.name) ?? empty;
  const dot = fromData(data, "the data");
  const frame = new Frame(run, run.source.name, root, dot);
  frame.placed(() => walkList(frame, dot, root));
}

/** What has no place of its own (data that are no JSON, a stack that the caller had filled already) gets the first. */
function guarded<T>(source: Source, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Fault) throw toError(source, [{ at: 0, code: error.code, message: error.message }]);
    if (!(error instanceof RangeError)) throw error;
    throw toError(source, [{ at: 0, code: "template.limit", message: "nested too deeply, or too large" }]);
  }
}

function toError(source: Source, notes: readonly Note[]): TemplateError {
  const problems = [...notes].sort((a, b) => a.at - b.at).map((note) => toProblem(source, note));
  const [first, ...rest] = problems;
  if (first === undefined) throw new Error("unreachable: no problem to tell");
  return new TemplateError(first, rest);
}

function toProblem(source: Source, note: Note): TemplateProblem {
  const message = `template: ${source.location(note.at)}: ${note.message}`;
  const hint = note.hint ?? hintFor(source, note);
  return { code: note.code, message, ...source.place(note.at), ...(hint === undefined ? {} : { hint }) };
}

function hintFor(source: Source, note: Note): string | undefined {
  if (note.code !== "template.unknown-function") return undefined;
  const name = /^[\p{L}\p{Nd}_]+/u.exec(source.text.slice(note.at, note.at + 100))?.[0] ?? "";
  const nearest = nearestFunction(name);
  return nearest === undefined ? undefined : `did you mean ${nearest}?`;
}
