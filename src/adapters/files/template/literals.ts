import type { Operand, PipeNode, Statement, Trees } from "./syntax/nodes.ts";

/** The words that the template's writer wrote, line breaks included; `hole` stands for what comes from elsewhere. */
export function literalsOf(trees: Trees, hole: string): string {
  return [...trees.values()].map(({ nodes }) => nodes.map((node) => spoken(node, hole)).join("")).join("\n");
}

/**
 * What a template without branches renders, `hole` in the place of every value; undefined where it can't be told without
 * data.
 */
export function withHoles(trees: Trees, name: string, hole: string): string | undefined {
  let text = "";
  for (const node of trees.get(name)?.nodes ?? []) {
    if (node.type !== "text" && (node.type !== "action" || node.pipe.declared.length > 0)) return undefined;
    text += node.type === "text" ? node.text : hole;
  }
  return text;
}

function spoken(node: Statement, hole: string): string {
  switch (node.type) {
    case "text":
      return node.text;
    case "action":
      return hole + inPipe(node.pipe).join(hole) + hole;
    case "if":
    case "range":
    case "with": {
      const lists = [node.list, ...(node.otherwise ? [node.otherwise] : [])];
      return lists.map(({ nodes }) => hole + nodes.map((inner) => spoken(inner, hole)).join("") + hole).join("");
    }
    default:
      return hole;
  }
}

/** The texts in an action: `printf "Port %s" .port`. */
function inPipe({ commands }: PipeNode): string[] {
  return commands.flatMap(({ args }) => args.flatMap(inOperand));
}

function inOperand(operand: Operand): string[] {
  if (operand.type === "string") return [operand.value];
  if (operand.type === "pipe") return inPipe(operand);
  return operand.type === "chain" ? inOperand(operand.base) : [];
}
