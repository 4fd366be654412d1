import { DotvaultError } from "../../../errors.ts";

/** Why a template was refused or could not be rendered. Stable: a `switch` over it is safe. */
export type TemplateErrorCode =
  | "template.syntax"
  | "template.unknown-function"
  | "template.unknown-variable"
  | "template.unknown-template"
  | "template.absent"
  | "template.execution"
  | "template.failed"
  | "template.not-text"
  | "template.line-break"
  | "template.limit";

/** A place in the source of a template. */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** As Go counts: from 0, in bytes. Editors count from 1. */
  readonly column: number;
  /** From 0, in UTF-16 units of the source. */
  readonly offset: number;
}

/** One thing that is wrong with a template. */
export interface TemplateProblem extends Place {
  readonly code: TemplateErrorCode;
  /** With the position in front, in Go's style: `template: name:3:7: …`. Holds no value of the data. */
  readonly message: string;
  readonly hint?: string;
}

/** A template that can't be compiled (all problems that could be told at once) or rendered (exactly one). */
export class TemplateError extends DotvaultError implements Place {
  override readonly code: TemplateErrorCode;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  /** In the order of the source; never empty. The error itself speaks of the first. */
  readonly problems: readonly TemplateProblem[];

  constructor(first: TemplateProblem, rest: readonly TemplateProblem[] = []) {
    super(first.code, first.message, first.hint === undefined ? {} : { hint: first.hint });
    this.name = "TemplateError";
    this.code = first.code;
    this.line = first.line;
    this.column = first.column;
    this.offset = first.offset;
    this.problems = [first, ...rest];
  }
}

/** A failure that does not know its place yet: thrown by values and functions, placed by the evaluator. */
export class Fault extends Error {
  readonly code: TemplateErrorCode;
  readonly hint: string | undefined;

  constructor(code: TemplateErrorCode, message: string, hint?: string) {
    super(message);
    this.name = "Fault";
    this.code = code;
    this.hint = hint;
  }
}
