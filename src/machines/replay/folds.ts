import { type AgentEvent, type AgentSnapshot, foldAgent, initialAgent } from "../agent-run/agent-run.ts";
import { type CircleEvent, circleSnapshot, foldCircle } from "../circle/circle.ts";
import type { HistoryRow, HistoryStanding } from "../history/history.ts";
import { foldRevocations, type RevocationEvent, revocationsSnapshot } from "../revocations/revocations.ts";
import { foldRule, type RuleEvent, ruleSnapshot } from "../rule/rule.ts";
import type { Decided } from "./compare.ts";

/** Where a stream stands in a replay. */
export interface Place {
  readonly snapshot: unknown;
  /** What is under way; undefined for a fold, which asks for nothing. */
  readonly open?: readonly { readonly kind: string; readonly subject: string }[];
  /** What today's machine decides on the next event, and where that leads. */
  play(row: HistoryRow): { readonly decided: Decided; readonly next: Place };
}

/** Where a replay begins: at what the history begins on, or at nothing. Throws `machine.newer`. */
export type Begin = (start: HistoryStanding | null) => Place;

/** Of the streams that are no machine's: to run them, none has to be loaded. */
export const FOLDS = {
  circle: ofFold(circleSnapshot, (before, event) => foldCircle(before, event as CircleEvent)),
  revocations: ofFold(revocationsSnapshot, (before, event) => foldRevocations(before, event as RevocationEvent)),
  rule: ofFold(ruleSnapshot, (before, event) => foldRule(before, event as RuleEvent)),
  agent: ofFold(agentSnapshot, (before, event) => foldAgent(before, event as AgentEvent)),
} as const satisfies Readonly<Record<string, Begin>>;

function agentSnapshot(recorded: unknown): AgentSnapshot {
  return { ...initialAgent, ...(recorded as Partial<AgentSnapshot> | undefined) };
}

/** A fold asks for nothing: its state is all that it says. */
function ofFold<S extends { readonly value: string }>(
  begin: (recorded: unknown) => S,
  fold: (before: S, event: unknown) => S | null,
): Begin {
  return (start) => foldPlace(fold, begin(start?.snapshot));
}

function foldPlace<S extends { readonly value: string }>(
  fold: (before: S, event: unknown) => S | null,
  snapshot: S,
): Place {
  return {
    snapshot,
    play({ event }) {
      const next = fold(snapshot, event) ?? snapshot;
      return { decided: { state: next.value }, next: foldPlace(fold, next) };
    },
  };
}
