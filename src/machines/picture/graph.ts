import type { AnyStateMachine, AnyStateNode } from "xstate";
import { toDirectedGraph } from "xstate/graph";
import { enrolmentMachine } from "../enrolment/machine.ts";

/** One transition as it is drawn. Paths without the machine's own name: `refreshing.doubted.reading`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The event's type; null: at once, where the guard holds. */
  readonly event: string | null;
  readonly guard: string | null;
}

export interface State {
  readonly path: string;
  readonly inner: readonly State[];
  /** Where it begins; null for a state without states of its own. */
  readonly initial: string | null;
}

type Node = ReturnType<typeof toDirectedGraph>;

/** The machine's states, the top-level ones first. */
export function states(machine: AnyStateMachine = enrolmentMachine): readonly State[] {
  return toDirectedGraph(machine).children.map(stateOf);
}

function stateOf({ stateNode, children }: Node): State {
  const inner = children.map(stateOf);
  const initial = inner.length === 0 ? null : pathOf(stateNode.initial.target[0] ?? stateNode);
  return { path: pathOf(stateNode), inner, initial };
}

/** Every transition that changes the state, in the machine's order, each once. */
export function edges(machine: AnyStateMachine = enrolmentMachine): readonly Edge[] {
  const all = [...toDirectedGraph(machine).children].flatMap(edgesOf);
  return [...new Map(all.map((edge) => [JSON.stringify(edge), edge])).values()];
}

function edgesOf({ stateNode, edges, children }: Node): Edge[] {
  const from = pathOf(stateNode);
  const asked = edges.map(({ target, transition, label }) => ({
    ...{ from, to: pathOf(target), event: label.text },
    guard: guardName(transition.guard),
  }));
  const atOnce = (stateNode.always ?? []).flatMap(({ target = [], guard }) =>
    target.map((to) => ({ from, to: pathOf(to), event: null, guard: guardName(guard) })),
  );
  return [...asked, ...atOnce].filter(({ to }) => to !== from).concat(children.flatMap(edgesOf));
}

function guardName(guard: unknown): string | null {
  return typeof guard === "string" ? guard : null;
}

function pathOf({ path }: Pick<AnyStateNode, "path">): string {
  return path.join(".");
}

export function topOf(path: string): string {
  return path.split(".")[0] ?? path;
}

/** `SESSION_OPENED`, `isGone` → `session opened`, `is gone`. */
export function asWords(name: string): string {
  return name
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
}
