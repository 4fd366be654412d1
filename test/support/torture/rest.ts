import { type Child, looking, snapshotOf, stateOf } from "../agent-process.ts";
import type { Stage } from "./stage.ts";

/** What it said last, when it killed itself at a point. */
export function diedAt(agent: Child): string | undefined {
  return /dies at (\w+)/.exec(agent.out())?.[1];
}

export function stateOfMachine({ machine }: Stage): string | undefined {
  return looking(machine.home, (reader) => stateOf(reader));
}

/** Nothing moves any more, and nobody's request waits. */
export function rests({ machine }: Stage, agent: Child, request: number | undefined): boolean | undefined {
  return looking(machine.home, (reader) => {
    const state = stateOf(reader) ?? "";
    const isStill = /^(active\.resting|revoked|idle\.(missing|unenrolled))/.test(state);
    const busy = reader.openIntents().some(({ kind, params }) => kind !== "revoke" || params.after === 0);
    const taken = request === undefined || reader.request(request)?.state !== "waiting";
    const isUp = agent.running && agent.out().includes("up\n");
    return isUp && isStill && !busy && taken && snapshotOf(reader)?.context.fresh === null;
  });
}
