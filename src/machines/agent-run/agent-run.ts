/** The agent's own stream: when it ran, how it ended, and what a newer dotvault thinks of the history that it found. A fold. */
export const AGENT_STREAM = "agent";
export const AGENT_STREAM_VERSION = 1;

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

/** What today's machine says to a history that was lived with another one. Plain JSON. */
export type Rehearsal = {
  /** Decided on, and how many of them came out as they did then. */
  readonly events: number;
  readonly same: number;
  /** Histories that were not rehearsed: shortened by compaction, or there was no time. */
  readonly skipped: number;
  /** Where histories part, one for each: their first difference. */
  readonly parts: readonly {
    readonly name: string;
    readonly event: number;
    readonly type: string;
    readonly field: string;
  }[];
};

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

export const initialAgent: AgentSnapshot = { value: "ended", version: "", machine: 0, rehearsed: null };

export function foldAgent(before: AgentSnapshot, event: AgentEvent): AgentSnapshot {
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
