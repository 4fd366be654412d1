import { initialSnapshot, type Snapshot } from "../enrolment/decide.ts";
import type { EnrolmentEvent } from "../enrolment/events.ts";
import { step } from "../enrolment/step.ts";
import { upcast } from "../enrolment/upcast.ts";
import type { HistoryRow, HistoryStanding } from "../history/history.ts";
import type { KindName } from "../history/streams.ts";
import type { AnySnapshot } from "../stream/decide.ts";
import { type AnyEvent, after, type Standing, type Step } from "../stream/step.ts";
import * as session from "../vault-session/decide.ts";
import type { SessionEvent } from "../vault-session/events.ts";
import { type Begin, FOLDS, type Place } from "./folds.ts";

interface Machine<S extends AnySnapshot, E extends AnyEvent> {
  initial(): S;
  upcast(snapshot: S, from: number): S;
  step(before: Standing<S>, event: E, closes?: string): Step<S>;
}

export const BEGINNINGS: { readonly [K in KindName]: Begin } = {
  enrolment: ofMachine<Snapshot, EnrolmentEvent>({ initial: initialSnapshot, upcast, step }),
  vault: ofMachine<session.SessionSnapshot, SessionEvent>({ ...session, initial: session.initialSession }),
  ...FOLDS,
};

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
