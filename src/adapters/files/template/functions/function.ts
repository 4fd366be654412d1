import type { Value } from "../values/value.ts";

/** The world outside that templates may ask about. */
export interface TemplateEnvironment {
  /** An environment variable; undefined when it is not set. */
  env(name: string): string | undefined;
  /** The account that the secrets are kept under. */
  readonly username: string;
}

/** What a parameter takes: `text` is Go's `string` (data numbers give their spelling), `any` is everything. */
export type Parameter = "text" | "any";

/** A function of the template language. It throws `Fault`; the evaluator adds the place. */
export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  /** What further arguments may be; none when absent. */
  readonly rest?: Parameter;
  /** Arguments have been counted and converted: a `text` is a string. `spelled` is how the template wrote one. */
  run(args: readonly Value[], environment: TemplateEnvironment, spelled: (index: number) => string): Value;
}

/** Makes a function of texts only. */
export function textFunction(count: number, run: (...texts: string[]) => Value): TemplateFunction {
  return { parameters: Array<Parameter>(count).fill("text"), run: (args) => run(...args.map(String)) };
}
