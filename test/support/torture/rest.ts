import type { JournalReader } from "../../../src/journal/port.ts";
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
  const isUp = agent.running && agent.out().includes("up\n");
  return isUp && looking(machine.home, (reader) => isStill(reader, request));
}

/** The person's machines show the same: one pair, or none. Alone one always does. */
export function agree({ machine, beside }: Stage, request: number | undefined): boolean | undefined {
  if (!beside) return true;
  const own = machine.snapshot()?.context.current?.tokenId;
  return looking(beside.machine.home, (reader) => {
    return isStill(reader, request) && snapshotOf(reader)?.context.current?.tokenId === own;
  });
}

/** Also one that waits for a pair which another machine may still bring. */
export function isSettled(reader: JournalReader, request: number | undefined): boolean {
  const waits = /^refreshing\.doubted\.(heldElsewhere|keeping)/.test(stateOf(reader) ?? "");
  const taken = request === undefined || reader.request(request)?.state !== "waiting";
  return isStill(reader, request) || (waits && taken);
}

function isStill(reader: JournalReader, request: number | undefined): boolean {
  const isRest = /^(active\.resting|revoked|idle\.(missing|unenrolled))/.test(stateOf(reader) ?? "");
  const busy = reader.openIntents().some(({ kind, params }) => kind !== "revoke" || params.after === 0);
  const taken = request === undefined || reader.request(request)?.state !== "waiting";
  return isRest && !busy && taken && snapshotOf(reader)?.context.fresh === null;
}
