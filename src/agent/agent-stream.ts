import type { Journal, JournalReader, Json, JsonObject } from "../journal/port.ts";
import type { Rehearsal } from "../machines/rehearse.ts";
import { isDiskTrouble } from "./durably.ts";

/** The agent's own stream: when it ran, how it ended, and what a newer dotvault thinks of the history that it found. */
export const AGENT_STREAM = "agent";
const AGENT_STREAM_VERSION = 1;

export type AgentEvent = { readonly at: number } & (
  | {
      readonly type: "AGENT_STARTED";
      readonly version: string;
      readonly machine: number;
      /** How the run before it ended; a killed one has said nothing. */
      readonly before: "first" | "ended" | "killed";
    }
  | { readonly type: "AGENT_ENDED" }
  | ({ readonly type: "REHEARSED" } & Rehearsed)
);

/** A rehearsal, by a version of dotvault and of its machine. */
export type Rehearsed = Rehearsal & { readonly version: string; readonly machine: number };

export interface AgentSnapshot {
  readonly value: "running" | "ended";
  /** The newest version that has run for good or rehearsed, and its machine's. */
  readonly version: string;
  readonly machine: number;
  /** The newest rehearsal. */
  readonly rehearsed: Rehearsed | null;
}

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
  const after = fold(agentSnapshot(journal), event);
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

const nothing: AgentSnapshot = { value: "ended", version: "", machine: 0, rehearsed: null };

function fold(before: AgentSnapshot = nothing, event: AgentEvent): AgentSnapshot {
  switch (event.type) {
    case "AGENT_STARTED":
      return { ...before, value: "running", version: event.version, machine: event.machine };
    case "AGENT_ENDED":
      return { ...before, value: "ended" };
    case "REHEARSED": {
      const { type: _type, at: _at, ...rehearsed } = event;
      return { ...before, version: event.version, machine: event.machine, rehearsed };
    }
  }
}
