import { Fault } from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { Parameter, TemplateFunction } from "./functions/function.ts";
import { FUNCTIONS } from "./functions/table.ts";
import { LIMITS, tooLarge } from "./limits.ts";
import type { CommandNode, IdentifierNode, NumberNode, Operand, PipeNode } from "./syntax/nodes.ts";
import { spell } from "./syntax/spell.ts";
import { Missing } from "./values/missing.ts";
import { DataNumber } from "./values/number.ts";
import { absent } from "./values/printer.ts";
import { quote } from "./values/quote.ts";
import { fieldOf, isMap, isTrue, typeName, type Value } from "./values/value.ts";

/** The value that a pipe hands to its next command; undefined for the first. */
type Piped = Value | undefined;

/** Evaluates a pipeline and gives its variables their value. */
export function evaluatePipe(frame: Frame, dot: Value, pipe: PipeNode): Value {
  frame.at(pipe);
  const value = frame.deeper(() => {
    let piped: Piped;
    for (const command of pipe.commands) piped = unboxed(evaluateCommand(frame, dot, command, piped));
    return piped ?? new Missing("nil", "an empty pipeline");
  });
  for (const { name } of pipe.declared) {
    if (pipe.assign) frame.assign(name, value);
    else frame.declare(name, value);
  }
  return value;
}

function unboxed(value: Value): Value {
  return value instanceof Missing ? value.unboxed() : value;
}

function evaluateCommand(frame: Frame, dot: Value, command: CommandNode, piped: Piped): Value {
  const [first, ...rest] = command.args;
  if (first.type === "identifier") return evaluateCall(frame, dot, { name: first, whole: command, args: rest, piped });
  const hasArguments = rest.length > 0 || piped !== undefined;
  if (first.type === "field" || first.type === "chain" || (first.type === "variable" && first.fields.length > 0)) {
    return evaluateChain(frame, dot, first, hasArguments);
  }
  if (first.type !== "pipe") frame.at(first);
  if (hasArguments) frame.fail(`can't give argument to non-function ${spell(first)}`);
  if (first.type === "nil") frame.fail("nil is not a command");
  return evaluateOperand(frame, dot, first);
}

/** Any operand on its own. */
function evaluateOperand(frame: Frame, dot: Value, operand: Operand): Value {
  switch (operand.type) {
    case "dot":
      frame.at(operand);
      return dot;
    case "nil":
      return new Missing("nil", "nil", [], false);
    case "bool":
    case "string":
      frame.at(operand);
      return operand.value;
    case "number":
      return constant(frame, operand);
    case "pipe":
      return evaluatePipe(frame, dot, operand);
    case "identifier":
      return evaluateCall(frame, dot, { name: operand, whole: operand, args: [], piped: undefined });
    default:
      return evaluateChain(frame, dot, operand, false);
  }
}

function constant(frame: Frame, node: NumberNode): Value {
  frame.at(node);
  return node.value === "overflow" ? frame.fail(`${node.text} overflows int`) : node.value;
}

/** `.a.b`, `$x.a`, `(…).a`: from a value through its fields. */
function evaluateChain(
  frame: Frame,
  dot: Value,
  node: Operand & { type: "field" | "variable" | "chain" },
  hasArguments: boolean,
): Value {
  frame.at(node);
  const { start, label, fields } = chainStart(frame, dot, node);
  let value = start;
  let path = label;
  fields.forEach((field, index) => {
    path += `.${field}`;
    value = evaluateField(frame, value, field, path, hasArguments && index === fields.length - 1);
  });
  return value;
}

function chainStart(
  frame: Frame,
  dot: Value,
  node: Operand & { type: "field" | "variable" | "chain" },
): { start: Value; label: string; fields: readonly string[] } {
  if (node.type === "field") return { start: dot, label: "", fields: node.names };
  if (node.type === "variable") return { start: frame.variable(node.name), label: node.name, fields: node.fields };
  if (node.base.type === "nil") frame.fail(`indirection through explicit nil in ${spell(node)}`);
  const label = node.base.type === "pipe" ? `(${spell(node.base)})` : spell(node.base);
  return { start: evaluateOperand(frame, dot, node.base), label, fields: node.fields };
}

function evaluateField(frame: Frame, from: Value, name: string, label: string, hasArguments: boolean): Value {
  if (from instanceof Missing) {
    if (!from.boxed) return from;
    throw frame.error(new Fault("template.execution", `${from.describe()}: it can't have a field ${quote(name)}`));
  }
  if (from instanceof DataNumber) return evaluateMethod(frame, from, name, hasArguments);
  if (!isMap(from)) frame.fail(`can't evaluate field ${name} in type ${typeName(from)}`);
  if (hasArguments) frame.fail(`${name} is not a method but has arguments`);
  return frame.placed(() => fieldOf(from, name, label));
}

/** The methods that json.Number has. */
function evaluateMethod(frame: Frame, number: DataNumber, name: string, hasArguments: boolean): Value {
  const methods: Readonly<Record<string, () => Value>> = {
    String: () => number.text,
    Int64: () => number.int64(),
    Float64: () => number.float64(),
  };
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) frame.fail(`can't evaluate field ${name} in type ${typeName(number)}`);
  if (hasArguments) frame.fail(`wrong number of args for ${name}: want 0 got 1`);
  return frame.placed(() => calling(name, method));
}

function calling(name: string, body: () => Value): Value {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Fault) || error.code === "template.absent") throw error;
    throw new Fault(error.code, `error calling ${name}: ${error.message}`, error.hint);
  }
}

/** A function with what it is applied to. */
interface Call {
  readonly name: IdentifierNode;
  /** What an error of the function is about. */
  readonly whole: CommandNode | IdentifierNode;
  readonly args: readonly Operand[];
  readonly piped: Piped;
}

function evaluateCall(frame: Frame, dot: Value, call: Call): Value {
  const { name } = call.name;
  frame.at(call.name);
  const called = FUNCTIONS.get(name) ?? frame.fail(`${quote(name)} is not a defined function`);
  checkCount(frame, call, called);
  if (name === "and" || name === "or") return evaluateLazy(frame, dot, call);
  const values = call.args.map((arg, index) => evaluateArgument(frame, dot, arg, parameterAt(called, index)));
  if (call.piped !== undefined) values.push(asParameter(frame, call.piped, parameterAt(called, values.length)));
  chargeTexts(frame, values);
  const result = callAt(frame, call.whole, () =>
    calling(name, () => called.run(values, frame.run.environment, (index) => spellArgument(call, index))),
  );
  if (typeof result === "string" && result.length > LIMITS.bytes) throw frame.error(tooLarge());
  chargeTexts(frame, [result]);
  return result;
}

function spellArgument(call: Call, index: number): string {
  const arg = call.args[index];
  return arg === undefined ? "the piped value" : spell(arg);
}

/** A function's failure is one of its whole command. */
function callAt(frame: Frame, whole: CommandNode | IdentifierNode, body: () => Value): Value {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    frame.at(whole);
    throw frame.error(error);
  }
}

/** Work grows with the texts that a function is given and gives. */
function chargeTexts(frame: Frame, values: readonly Value[]): void {
  let length = 0;
  for (const value of values) length += typeof value === "string" ? value.length : 0;
  frame.placed(() => frame.run.budget.text(length));
}

function checkCount(frame: Frame, { name: { name }, args, piped }: Call, called: TemplateFunction): void {
  const written = args.length;
  const count = written + (piped === undefined ? 0 : 1);
  const least = called.parameters.length;
  if (called.rest !== undefined && count < least) {
    frame.fail(`wrong number of args for ${name}: want at least ${least} got ${written}`);
  }
  if (called.rest === undefined && count !== least) {
    frame.fail(`wrong number of args for ${name}: want ${least} got ${count}`);
  }
}

function parameterAt(called: TemplateFunction, index: number): Parameter {
  return called.parameters[index] ?? called.rest ?? "any";
}

/** `and` stops at the first argument that is false, `or` at the first that is true; the last one is the answer. */
function evaluateLazy(frame: Frame, dot: Value, { name: { name }, args, piped }: Call): Value {
  const stopsAt = name === "or";
  let value: Value | undefined;
  for (const arg of args) {
    value = unboxed(evaluateArgument(frame, dot, arg, "any"));
    if (isTrue(value) === stopsAt) return value;
  }
  return piped ?? value ?? frame.fail("nothing to decide on");
}

function evaluateArgument(frame: Frame, dot: Value, node: Operand, parameter: Parameter): Value {
  frame.at(node);
  if (parameter === "any") return evaluateOperand(frame, dot, node);
  if (node.type === "nil") frame.fail("cannot assign nil to string");
  if (node.type === "number" || node.type === "bool") frame.fail(`expected string; found ${spell(node)}`);
  return asParameter(frame, evaluateOperand(frame, dot, node), parameter);
}

function asParameter(frame: Frame, value: Value, parameter: Parameter): Value {
  if (parameter === "any" || typeof value === "string") return value;
  if (value instanceof DataNumber) return value.text;
  if (value instanceof Missing) throw frame.error(absent(value));
  return frame.fail(`wrong type for value; expected string; got ${typeName(value)}`);
}
