import { toDirectedGraph } from "xstate/graph";
import { sessionMachine } from "../vault-session/machine.ts";
import { asWords, edges, states, topOf } from "./graph.ts";
import { diagram, merged } from "./mermaid.ts";

/** docs/vault-session.md: the states of the session with Vault, then the phases of a login, then what is heard in every state. */
export function sessionPage(): string {
  const all = states(sessionMachine);
  const inner = edges(sessionMachine).filter(({ from, to }) => [from, to].every((path) => path.includes(".")));
  const within = inner.map((edge) => ({ ...edge, from: leaf(edge.from), to: leaf(edge.to) }));
  const [signingIn] = all.filter((state) => state.inner.length > 0);
  return [
    "# The session with Vault",
    "",
    "Generated from `src/machines/vault-session` by `node scripts/picture.mjs`; a test holds it to the code. An arrow names the",
    "event and, after `·`, what has to hold; `at once` is a transition without an event.",
    "",
    ...diagram(topEdges(), all[0]?.path ?? null),
    "## signingIn",
    "",
    ...diagram(merged(within), leaf(signingIn?.initial ?? "")),
    "## In every state",
    "",
    "Heard wherever the session is, unless the state says otherwise above:",
    "",
    "| event | leads to |",
    "|---|---|",
    ...anywhere().map(({ event, to }) => `| ${event} | ${to} |`),
    "",
  ].join("\n");
}

function topEdges() {
  const tops = edges(sessionMachine).map((edge) => ({ ...edge, from: topOf(edge.from), to: topOf(edge.to) }));
  return merged(tops.filter(({ from, to }) => from !== to));
}

/** Transitions of the machine as a whole. */
function anywhere(): { event: string; to: string }[] {
  const byEvent = new Map<string, string[]>();
  for (const { label, target, transition } of toDirectedGraph(sessionMachine).edges) {
    const guard = typeof transition.guard === "string" ? ` · ${asWords(transition.guard)}` : "";
    const to = target.path.join(".");
    if (to !== "") byEvent.set(label.text, [...(byEvent.get(label.text) ?? []), `${to}${guard}`]);
  }
  return [...byEvent].map(([event, to]) => ({ event, to: to.join(", ") }));
}

function leaf(path: string): string {
  return path.split(".").at(-1) ?? path;
}
