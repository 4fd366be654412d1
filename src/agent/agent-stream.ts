import type { Journal, JournalReader, Json, JsonObject } from "../journal/port.ts";
import {
  AGENT_STREAM,
  AGENT_STREAM_VERSION,
  type AgentEvent,
  type AgentSnapshot,
  foldAgent,
  initialAgent,
  type Rehearsed,
} from "../machines/agent-run/agent-run.ts";
import { isDiskTrouble } from "./durably.ts";

export { AGENT_STREAM, type AgentSnapshot };

/** As the journal has it; undefined before the first start. */
export function agentSnapshot(reader: Pick<JournalReader, "head">): AgentSnapshot | undefined {
  return reader.head(AGENT_STREAM)?.snapshot as unknown as AgentSnapshot | undefined;
}

type Running = { readonly version: string; readonly machine: number; readonly at: number };

/** The agent begins to run for good: one commit, which a full disk does not hinder. */
export function noteStart(journal: Journal, { version, machine, at }: Running): void {
  const known = agentSnapshot(journal);
  const before = known?.value === "running" ? "killed" : "ended";
  note(journal, { type: "AGENT_STARTED", at, version, machine, before: known ? before : "first" });
}

export function noteEnd(journal: Journal, at: number): void {
  note(journal, { type: "AGENT_ENDED", at });
}

export function noteRehearsal(journal: Journal, rehearsed: Rehearsed, at: number): void {
  note(journal, { type: "REHEARSED", at, ...rehearsed });
}

function note(journal: Journal, event: AgentEvent): void {
  const head = journal.head(AGENT_STREAM);
  const after = foldAgent(agentSnapshot(journal) ?? initialAgent, event);
  try {
    journal.append({
      stream: AGENT_STREAM,
      expectedVersion: head?.version ?? 0,
      machineVersion: AGENT_STREAM_VERSION,
      event: event as unknown as { type: string; at: number; [key: string]: Json },
      state: after.value,
      snapshot: after as unknown as JsonObject,
    });
  } catch (error) {
    if (!isDiskTrouble(error)) throw error;
  }
}
