import { type AgentEvent, type AgentSnapshot, foldAgent, initialAgent } from "../agent-run/agent-run.ts";
import { type CircleEvent, circleSnapshot, foldCircle } from "../circle/circle.ts";
import { initialSnapshot, type Snapshot } from "../enrolment/decide.ts";
import type { EnrolmentEvent } from "../enrolment/events.ts";
import { step } from "../enrolment/step.ts";
import { upcast } from "../enrolment/upcast.ts";
import type { HistoryRow, HistoryStanding } from "../history/history.ts";
import type { KindName } from "../history/streams.ts";
import { foldRevocations, type RevocationEvent, revocationsSnapshot } from "../revocations/revocations.ts";
import { foldRule, type RuleEvent, ruleSnapshot } from "../rule/rule.ts";
import type { AnySnapshot } from "../stream/decide.ts";
import { type AnyEvent, after, type Standing, type Step } from "../stream/step.ts";
import * as session from "../vault-session/decide.ts";
import type { SessionEvent } from "../vault-session/events.ts";
import type { Decided } from "./compare.ts";

/** Where a stream stands in a replay. */
export interface Place {
  readonly snapshot: unknown;
  /** What is under way; undefined for a fold, which asks for nothing. */
  readonly open?: readonly { readonly kind: string; readonly subject: string }[];
  /** What today's machine decides on the next event, and where that leads. */
  play(row: HistoryRow): { readonly decided: Decided; readonly next: Place };
}

interface Machine<S extends AnySnapshot, E extends AnyEvent> {
  initial(): S;
  upcast(snapshot: S, from: number): S;
  step(before: Standing<S>, event: E, closes?: string): Step<S>;
}

/** Where a replay begins: at what the history begins on, or at nothing. Throws `machine.newer`. */
type Begin = (start: HistoryStanding | null) => Place;

export const BEGINNINGS: { readonly [K in KindName]: Begin } = {
  enrolment: ofMachine<Snapshot, EnrolmentEvent>({ initial: initialSnapshot, upcast, step }),
  vault: ofMachine<session.SessionSnapshot, SessionEvent>({ ...session, initial: session.initialSession }),
  circle: ofFold(circleSnapshot, (before, event) => foldCircle(before, event as CircleEvent)),
  revocations: ofFold(revocationsSnapshot, (before, event) => foldRevocations(before, event as RevocationEvent)),
  rule: ofFold(ruleSnapshot, (before, event) => foldRule(before, event as RuleEvent)),
  agent: ofFold(agentSnapshot, (before, event) => foldAgent(before, event as AgentEvent)),
};

function agentSnapshot(recorded: unknown): AgentSnapshot {
  return { ...initialAgent, ...(recorded as Partial<AgentSnapshot> | undefined) };
}

function ofMachine<S extends AnySnapshot, E extends AnyEvent>(machine: Machine<S, E>): Begin {
  return (start) => machinePlace(machine, start === null ? newStanding(machine.initial()) : standingOf(machine, start));
}

function machinePlace<S extends AnySnapshot, E extends AnyEvent>(machine: Machine<S, E>, before: Standing<S>): Place {
  return {
    snapshot: before.snapshot,
    open: before.open,
    play(row) {
      const closes = closedBy(before, row);
      const taken = machine.step(before, row.event as unknown as E, closes);
      const intents = taken.begins.map(({ kind, subject, params }) => ({ kind, subject, params }));
      const decided = { state: taken.snapshot.value, intents, wakes: taken.sets };
      return { decided, next: machinePlace(machine, after(before, taken, closes)) };
    },
  };
}

function newStanding<S extends AnySnapshot>(snapshot: S): Standing<S> {
  return { stream: "", version: 0, snapshot, open: [], wakes: [] };
}

function standingOf<S extends AnySnapshot>(machine: Machine<S, never>, start: HistoryStanding): Standing<S> {
  const { version, snapshot, machineVersion, open, wakes } = start;
  return {
    stream: "",
    version,
    snapshot: machine.upcast(snapshot as unknown as S, machineVersion),
    open: open.map(({ kind, subject, params }, index) => ({
      ...{ id: `start.${index}`, kind, subject },
      params: params as object,
    })),
    wakes: wakes.map(({ name }) => name),
  };
}

/** The open intent that the recorded outcome belongs to; ids are made anew, kind and subject are not. */
function closedBy({ open }: Standing, { closes }: HistoryRow): string | undefined {
  if (closes === null) return undefined;
  return open.find(({ kind, subject }) => kind === closes.kind && subject === closes.subject)?.id ?? "not open";
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
