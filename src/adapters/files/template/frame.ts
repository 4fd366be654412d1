import { Fault, TemplateError } from "./errors.ts";
import type { TemplateEnvironment } from "./functions/function.ts";
import { type Budget, LIMITS, type Sink } from "./limits.ts";
import type { Node, Trees } from "./syntax/nodes.ts";
import type { Source } from "./syntax/source.ts";
import { spell } from "./syntax/spell.ts";
import { quote } from "./values/quote.ts";
import type { Value } from "./values/value.ts";

/** One rendering. */
export interface Run {
  readonly source: Source;
  readonly trees: Trees;
  readonly environment: TemplateEnvironment;
  readonly budget: Budget;
  readonly sink: Sink;
  /** What an action prints must stay on its line. */
  readonly singleLine: boolean;
  depth: number;
}

/** One template being executed: its variables, and the node that an error would name. */
export class Frame {
  readonly run: Run;
  readonly name: string;
  #node: Node;
  readonly #variables: { readonly name: string; value: Value }[];

  constructor(run: Run, name: string, node: Node, dot: Value) {
    this.run = run;
    this.name = name;
    this.#node = node;
    this.#variables = [{ name: "$", value: dot }];
  }

  /** From here on, errors are about this node. */
  at(node: Node): void {
    this.#node = node;
    this.placed(() => this.run.budget.step());
  }

  /** Does something that knows no places; what it throws is placed here. */
  placed<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof Fault) throw this.error(error);
      throw error;
    }
  }

  /** The fault as an error at the current node, in Go's words. */
  error(fault: Fault): TemplateError {
    const { source } = this.run;
    const where = `${source.location(this.#node.at)}: executing ${quote(this.name)} at <${spell(this.#node)}>`;
    const message = `template: ${where}: ${fault.message}`;
    const hint = fault.hint === undefined ? {} : { hint: fault.hint };
    return new TemplateError({ code: fault.code, message, ...source.place(this.#node.at), ...hint });
  }

  fail(message: string): never {
    throw this.error(new Fault("template.execution", message));
  }

  /** Runs one level deeper, so that no template can exhaust the stack. */
  deeper<T>(body: () => T): T {
    if (++this.run.depth > LIMITS.depth) {
      throw this.error(new Fault("template.limit", `nested deeper than ${LIMITS.depth} levels`));
    }
    const result = body();
    this.run.depth--;
    return result;
  }

  mark(): number {
    return this.#variables.length;
  }

  pop(mark: number): void {
    this.#variables.length = mark;
  }

  declare(name: string, value: Value): void {
    this.#variables.push({ name, value });
  }

  assign(name: string, value: Value): void {
    this.#find(name).value = value;
  }

  /** The variable declared `fromTop`-th last (1 = the last). */
  assignTop(fromTop: number, value: Value): void {
    const variable = this.#variables.at(-fromTop);
    if (variable !== undefined) variable.value = value;
  }

  variable(name: string): Value {
    return this.#find(name).value;
  }

  #find(name: string): { value: Value } {
    return this.#variables.findLast((one) => one.name === name) ?? this.fail(`undefined variable: ${name}`);
  }
}
