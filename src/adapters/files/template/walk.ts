import { Fault } from "./errors.ts";
import { evaluatePipe } from "./expressions.ts";
import { Frame } from "./frame.ts";
import { Sink } from "./limits.ts";
import type { ActionNode, BranchNode, CallNode, ListNode, Statement } from "./syntax/nodes.ts";
import { Missing } from "./values/missing.ts";
import { DataNumber } from "./values/number.ts";
import { Printer } from "./values/printer.ts";
import { quote } from "./values/quote.ts";
import { fromData, isList, isMap, isTrue, sortedKeys, typeName, type Value } from "./values/value.ts";

/** How a list of statements ended. */
type Ending = "done" | "break" | "continue";

/** Executes statements in order, one level deeper; a `break` or `continue` ends them. */
export function walkList(frame: Frame, dot: Value, list: ListNode): Ending {
  return frame.deeper(() => walkNodes(frame, dot, list));
}

function walkNodes(frame: Frame, dot: Value, list: ListNode): Ending {
  frame.at(list);
  for (const node of list.nodes) {
    const ending = walk(frame, dot, node);
    if (ending !== "done") return ending;
  }
  return "done";
}

function walk(frame: Frame, dot: Value, node: Statement): Ending {
  frame.at(node);
  switch (node.type) {
    case "text":
      frame.placed(() => frame.run.sink.write(node.text));
      return "done";
    case "action":
      walkAction(frame, dot, node);
      return "done";
    case "template":
      walkCall(frame, dot, node);
      return "done";
    case "range":
      return walkRange(frame, dot, node);
    case "if":
    case "with":
      return walkChoice(frame, dot, node);
    default:
      return node.type;
  }
}

function walkAction(frame: Frame, dot: Value, node: ActionNode): void {
  const value = evaluatePipe(frame, dot, node.pipe);
  if (node.pipe.declared.length > 0) return;
  frame.at(node);
  frame.placed(() => {
    if (!frame.run.singleLine) return new Printer(frame.run.sink).print(value, "v");
    const printed = new Sink();
    new Printer(printed).print(value, "v");
    frame.run.sink.write(onOneLine(printed.text(), node));
  });
}

/** The text itself; throws when it would begin a line of its own. */
function onOneLine(text: string, { pipe }: ActionNode): string {
  const [last] = pipe.commands.at(-1)?.args ?? [];
  const endsItself = last?.type === "identifier" && last.name === "println" && text.endsWith("\n");
  const line = endsItself ? text.slice(0, -1) : text;
  if (!/[\r\n\0]/.test(line)) return text;
  throw new Fault("template.line-break", "a value with a line break or a NUL has no place in this format");
}

function walkChoice(frame: Frame, dot: Value, node: BranchNode): Ending {
  const mark = frame.mark();
  const value = evaluatePipe(frame, dot, node.pipe);
  const ending = isTrue(value)
    ? walkList(frame, node.type === "with" ? value : dot, node.list)
    : walkOtherwise(frame, dot, node);
  frame.pop(mark);
  return ending;
}

function walkOtherwise(frame: Frame, dot: Value, node: BranchNode): Ending {
  return node.otherwise === undefined ? "done" : walkList(frame, dot, node.otherwise);
}

function walkRange(frame: Frame, dot: Value, node: BranchNode): Ending {
  const outer = frame.mark();
  const over = evaluatePipe(frame, dot, node.pipe);
  const inner = frame.mark();
  let ran = false;
  for (const { key, value } of items(frame, over, node)) {
    ran = true;
    setVariables(frame, node, key, value);
    const ending = walkList(frame, value, node.list);
    frame.pop(inner);
    if (ending === "break") break;
  }
  const ending = ran ? "done" : walkOtherwise(frame, dot, node);
  frame.pop(outer);
  return ending;
}

interface Item {
  readonly key: Value;
  readonly value: Value;
}

function items(frame: Frame, over: Value, node: BranchNode): Iterable<Item> {
  if (over instanceof Missing) return [];
  if (isList(over)) return listItems(frame, over);
  const count = over instanceof DataNumber ? over.integer() : over;
  if (typeof count === "bigint") return numbers(frame, count, node);
  if (isMap(over)) return mapItems(frame, over);
  // Go shows the value here; it may be a secret.
  return frame.fail(`range can't iterate over a value of type ${typeName(over)}`);
}

function* listItems(frame: Frame, list: readonly unknown[]): Iterable<Item> {
  for (const [index, item] of list.entries()) {
    yield { key: BigInt(index), value: frame.placed(() => fromData(item ?? null, `item ${index} of the range`)) };
  }
}

function* mapItems(frame: Frame, map: Readonly<Record<string, unknown>>): Iterable<Item> {
  for (const key of sortedKeys(map)) {
    const value = frame.placed(() => fromData(map[key] ?? null, `item ${quote(key)} of the range`));
    yield { key, value };
  }
}

function* numbers(frame: Frame, count: bigint, node: BranchNode): Iterable<Item> {
  if (node.pipe.declared.length > 1) {
    frame.fail("can't use an integer to iterate over more than one variable");
  }
  for (let value = 0n; value < count; value++) yield { key: value, value };
}

/** With one variable it is the item; with two, the key comes first. */
function setVariables(frame: Frame, node: BranchNode, key: Value, value: Value): void {
  const [first, second] = node.pipe.declared;
  if (first === undefined) return;
  if (!node.pipe.assign) {
    frame.assignTop(1, value);
    if (second !== undefined) frame.assignTop(2, key);
    return;
  }
  frame.assign(first.name, second === undefined ? value : key);
  if (second !== undefined) frame.assign(second.name, value);
}

/** A called template sees its dot and no variables of its caller. */
function walkCall(frame: Frame, dot: Value, node: CallNode): void {
  const list = frame.run.trees.get(node.name) ?? frame.fail(`template ${quote(node.name)} not defined`);
  const passed = node.pipe && evaluatePipe(frame, dot, node.pipe);
  const label = `the dot of template ${quote(node.name)}, called without a value,`;
  const given = passed ?? new Missing("nil", label);
  frame.at(node);
  frame.deeper(() => walkNodes(new Frame(frame.run, node.name, list, given), given, list));
}
