/** The machine as people see it; made from the machine, so that it can't be wrong. Not loaded by the agent. */
export { type Edge, edges, type State, states, topOf } from "./picture/graph.ts";
export { ARROWS, LEFT_OUT, PLACES } from "./picture/layout.ts";
export { machinePage } from "./picture/mermaid.ts";
export { sessionPage } from "./picture/session.ts";
export { machineDrawing } from "./picture/svg.ts";
