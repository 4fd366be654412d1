import { asWords, type Edge, edges, type State, states, topOf } from "./graph.ts";

/** docs/machine.md: the seven states, then each state that has states of its own. */
export function machinePage(): string {
  const all = states();
  return [
    "# The enrolment machine",
    "",
    "Generated from `src/machines/enrolment` by `node scripts/picture.mjs`; a test holds it to the code. An arrow names the",
    "event and, after `·`, what has to hold; `at once` is a transition without an event.",
    "",
    "![The seven states](machine.svg)",
    "",
    "## The seven states",
    "",
    ...diagram(topEdges(), all[0]?.path ?? null),
    ...all.flatMap(withInner).flatMap(section),
  ].join("\n");
}

function withInner(state: State): State[] {
  return state.inner.length === 0 ? [] : [state, ...state.inner.flatMap(withInner)];
}

/** What leads out of a state stands in the picture of that state; into it, in the picture of where it comes from. */
function section({ path, inner, initial }: State): string[] {
  const own = new Set(inner.map((state) => state.path));
  const shown = edges()
    .filter(({ from }) => own.has(from) || from === path || inner.some((state) => from.startsWith(`${state.path}.`)))
    .map((edge) => ({ ...edge, from: within(path, edge.from), to: within(path, edge.to) }))
    .filter(({ from, to }) => from !== to);
  return [`## ${path}`, "", ...diagram(merged(shown), initial === null ? null : within(path, initial))];
}

/** A transition of the state as a whole. */
const ANY = "whichever";

/** The part of a path that the picture of `inside` shows: one of its own states, or a state outside by its whole name. */
function within(inside: string, path: string): string {
  if (path === inside) return ANY;
  if (!path.startsWith(`${inside}.`)) return path;
  const rest = path.slice(inside.length + 1);
  return rest.split(".")[0] ?? rest;
}

function topEdges(): { from: string; to: string; labels: string[] }[] {
  const tops = edges().map((edge) => ({ ...edge, from: topOf(edge.from), to: topOf(edge.to), guard: null }));
  return merged(tops.filter(({ from, to }) => from !== to));
}

export function merged(all: readonly Edge[]): { from: string; to: string; labels: string[] }[] {
  const byEnds = new Map<string, { from: string; to: string; labels: string[] }>();
  for (const edge of all) {
    const { from, to } = edge;
    const ends = `${from} ${to}`;
    const known = byEnds.get(ends) ?? { from, to, labels: [] };
    if (!known.labels.includes(labelOf(edge))) known.labels.push(labelOf(edge));
    byEnds.set(ends, known);
  }
  return [...byEnds.values()];
}

function labelOf({ event, guard }: Edge): string {
  const what = event ?? "at once";
  return guard === null ? what : `${what} · ${asWords(guard)}`;
}

export function diagram(
  all: readonly { from: string; to: string; labels: string[] }[],
  initial: string | null,
): string[] {
  const names = new Set([...(initial === null ? [] : [initial]), ...all.flatMap(({ from, to }) => [from, to])]);
  const outside = [...names].filter((name) => name.includes("."));
  return [
    "```mermaid",
    "stateDiagram-v2",
    ...(names.has(ANY) ? [`  state "any of these" as ${ANY}`] : []),
    ...outside.map((name) => `  state "${name}" as ${id(name)}`),
    ...(initial === null ? [] : [`  [*] --> ${id(initial)}`]),
    ...all.map(({ from, to, labels }) => `  ${id(from)} --> ${id(to)}: ${labels.join("<br/>")}`),
    "```",
    "",
  ];
}

function id(name: string): string {
  return name.replaceAll(".", "_");
}
