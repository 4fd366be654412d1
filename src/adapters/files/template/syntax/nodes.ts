/** The tree of a template. `at` is where Go would say a node is: an offset in the source, UTF-16 units. */

export interface Located {
  readonly at: number;
}

export interface FieldNode extends Located {
  readonly type: "field";
  readonly names: readonly string[];
}
export interface VariableNode extends Located {
  readonly type: "variable";
  /** With its `$`. */
  readonly name: string;
  readonly fields: readonly string[];
}
export interface ChainNode extends Located {
  readonly type: "chain";
  readonly base: Operand;
  readonly fields: readonly string[];
}
export interface IdentifierNode extends Located {
  readonly type: "identifier";
  readonly name: string;
}
export interface DotNode extends Located {
  readonly type: "dot";
}
export interface NilNode extends Located {
  readonly type: "nil";
}
export interface BoolNode extends Located {
  readonly type: "bool";
  readonly value: boolean;
}
export interface NumberNode extends Located {
  readonly type: "number";
  readonly text: string;
  /** An int (bigint), a float64 (number), or an integer that no int can hold. */
  readonly value: bigint | number | "overflow";
}
export interface StringNode extends Located {
  readonly type: "string";
  /** As written, with its quotes. */
  readonly quoted: string;
  readonly value: string;
}

export interface CommandNode extends Located {
  readonly type: "command";
  readonly args: readonly [Operand, ...Operand[]];
}
export interface PipeNode extends Located {
  readonly type: "pipe";
  readonly assign: boolean;
  readonly declared: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}

export type Literal = BoolNode | NumberNode | StringNode;
export type Operand = FieldNode | VariableNode | ChainNode | IdentifierNode | DotNode | NilNode | Literal | PipeNode;

export interface TextNode extends Located {
  readonly type: "text";
  readonly text: string;
}
export interface ActionNode extends Located {
  readonly type: "action";
  readonly pipe: PipeNode;
}
export interface BranchNode extends Located {
  readonly type: "if" | "range" | "with";
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly otherwise?: ListNode;
}
export interface CallNode extends Located {
  readonly type: "template";
  readonly name: string;
  readonly pipe?: PipeNode;
}
export interface JumpNode extends Located {
  readonly type: "break" | "continue";
}
export interface ListNode extends Located {
  readonly type: "list";
  readonly nodes: readonly Statement[];
}

export type Statement = TextNode | ActionNode | BranchNode | CallNode | JumpNode;
export type Node = Statement | ListNode | CommandNode | Operand;

/** Templates by name: the source itself and what it defines. */
export type Trees = ReadonlyMap<string, ListNode>;
