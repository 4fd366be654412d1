import { quote } from "../values/quote.ts";
import type { BranchNode, CallNode, Node, Operand, PipeNode } from "./nodes.ts";

/** A node as text, for error messages: Go's own spelling, which is the source's but for spaces. */
export function spell(node: Node): string {
  switch (node.type) {
    case "text":
      return node.text;
    case "action":
      return `{{${spellPipe(node.pipe)}}}`;
    case "template":
      return spellCall(node);
    case "break":
    case "continue":
      return `{{${node.type}}}`;
    case "list":
      return node.nodes.map(spell).join("");
    case "if":
    case "range":
    case "with":
      return spellBranch(node);
    case "command":
      return node.args.map(spellArgument).join(" ");
    default:
      return spellOperand(node);
  }
}

function spellOperand(node: Operand): string {
  switch (node.type) {
    case "field":
      return dotted(node.names);
    case "variable":
      return node.name + dotted(node.fields);
    case "chain":
      return spellArgument(node.base) + dotted(node.fields);
    case "identifier":
      return node.name;
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    case "number":
      return node.text;
    case "string":
      return node.quoted;
    case "pipe":
      return spellPipe(node);
  }
}

function dotted(names: readonly string[]): string {
  return names.map((name) => `.${name}`).join("");
}

function spellArgument(node: Operand): string {
  return node.type === "pipe" ? `(${spellPipe(node)})` : spellOperand(node);
}

function spellPipe(pipe: PipeNode): string {
  const commands = pipe.commands.map(spell).join(" | ");
  if (pipe.declared.length === 0) return commands;
  return `${pipe.declared.map(spell).join(", ")} ${pipe.assign ? "=" : ":="} ${commands}`;
}

function spellCall(call: CallNode): string {
  return `{{template ${quote(call.name)}${call.pipe === undefined ? "" : ` ${spellPipe(call.pipe)}`}}}`;
}

function spellBranch(branch: BranchNode): string {
  const otherwise = branch.otherwise === undefined ? "" : `{{else}}${spell(branch.otherwise)}`;
  return `{{${branch.type} ${spellPipe(branch.pipe)}}}${spell(branch.list)}${otherwise}{{end}}`;
}
