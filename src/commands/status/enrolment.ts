import type { OpenIntent, StreamHead, Wake } from "../../journal/port.ts";
import type { Context } from "../../machines/enrolment/context.ts";
import { type StateValue, stateName } from "../../machines/stream/state-name.ts";
import type { EnrolmentReport, RetryReport, Situation, UnansweredReport } from "../../terminal/status/report.ts";
import { dateOf } from "../../terminal/times.ts";
import { circleReport, type RecordedCircle } from "./circle.ts";
import type { ConfiguredEnrolment } from "./configured.ts";
import { levelOf, type Unjudged } from "./level.ts";
import { termsReport } from "./terms.ts";

/** What the journal holds of one enrolment. */
export interface Recorded {
  readonly head: StreamHead | undefined;
  readonly intents: readonly OpenIntent[];
  readonly wakes: readonly Wake[];
  readonly circle?: RecordedCircle | undefined;
}

export interface Surroundings {
  readonly now: number;
  readonly agentRuns: boolean;
  /** Names of the rules that render it. */
  readonly files: readonly string[];
  /** Taken out of the configuration. */
  readonly paused: boolean;
}

/** One enrolment's report: pure. */
export function reportEnrolment(
  { name, engine, label }: Omit<ConfiguredEnrolment, "engine"> & { readonly engine: string | null },
  recorded: Recorded,
  around: Surroundings,
): EnrolmentReport {
  const snapshot = recorded.head?.snapshot as { value: StateValue; context: Context } | undefined;
  const state = snapshot ? stateName(snapshot.value) : null;
  const report: Unjudged = {
    name,
    engine,
    label,
    situation: around.paused ? "paused" : situationOf(state),
    state,
    changedAt: recorded.head ? new Date(recorded.head.at) : null,
    ...credential(snapshot?.context),
    ...course(snapshot?.context),
    unanswered: unansweredOf(snapshot?.context, recorded),
    ...plans(recorded),
    files: around.files,
    ...circleReport(recorded.circle, inUse(snapshot?.context)),
  };
  return { ...report, ...levelOf(report, around) };
}

const SITUATIONS: readonly (readonly [prefix: string, Situation])[] = [
  ["idle.new", "new"],
  ["idle.looking", "looking"],
  ["idle.missing", "not-enrolled"],
  ["idle.unenrolling", "unenrolling"],
  ["idle.unenrolled", "unenrolled"],
  ["session", "signing-in"],
  ["polling", "signing-in"],
  ["exchanging.minting", "minting"],
  ["exchanging.storing", "storing"],
  ["active.moved", "moved"],
  ["active", "active"],
  ["refreshing.waiting", "waiting-for-machine"],
  ["refreshing.storing", "storing"],
  ["refreshing.doubted.secondLook", "second-look"],
  ["refreshing.doubted.heldElsewhere", "held-elsewhere"],
  ["refreshing.doubted.keeping", "keeping"],
  ["refreshing.doubted", "in-doubt"],
  ["refreshing", "rotating"],
  ["revoked", "revoked"],
];

/** A state that this version does not know is shown as one that is being looked at. */
function situationOf(state: string | null): Situation {
  if (state === null) return "new";
  return SITUATIONS.find(([prefix]) => state.startsWith(prefix))?.[1] ?? "looking";
}

function inUse(context: Context | undefined): string | null {
  return (context?.fresh ?? context?.held ?? context?.current)?.digest ?? null;
}

function credential(context: Context | undefined) {
  const pair = context?.fresh ?? context?.held ?? context?.current;
  return {
    user: pair?.user ?? null,
    expiresAt: dateOf(pair?.expiresAt),
    refreshable: pair?.refreshable === true && context?.settings?.traits.refresh === true,
    storedVersion: pair?.stored?.version ?? null,
    rotatedAt: dateOf(context?.rotatedAt),
    notices: context?.notices ?? [],
    terms: context ? termsReport(context) : null,
    stranger: context?.stranger ? { ...context.stranger, since: new Date(context.stranger.since) } : null,
  };
}

const WORTH_TELLING = 60_000;

/** Where the machine is on its way, and what is in it. */
function course(context: Context | undefined) {
  const { ask, session, doubt, heldBy, lease, skew = 0, cleanups = [] } = context ?? {};
  const presenter = doubt ? lease?.doubt : null;
  return {
    ask: ask ? { ...ask, since: new Date(ask.since) } : null,
    login: session ? { until: new Date(session.deadline) } : null,
    elsewhere: heldBy ?? (presenter ? { machine: presenter.machine, phase: "presented" } : null),
    doubt: doubt
      ? {
          cause: doubt.cause,
          since: new Date(doubt.since),
          presentations: doubt.presentations,
          message: doubt.message,
        }
      : null,
    clockSkewSeconds: Math.abs(skew) > WORTH_TELLING ? Math.round(skew / 1000) : null,
    cleanups: cleanups.map(({ why, since }) => ({ why, since: new Date(since) })),
  };
}

/** A request that is out as the journal has it, or the last one that was left without an answer. */
function unansweredOf(context: Context | undefined, { intents }: Recorded): UnansweredReport | null {
  const known = context?.unanswered;
  const out = intents.find(({ once, phase }) => once && phase === "open");
  if (out && known?.outcome !== null) return awaited(out);
  if (!known) return null;
  const { sentAt, lostAt, why, times, outcome } = known;
  return {
    step: "refresh",
    state: outcome ? "over" : "asking",
    sentAt: new Date(sentAt),
    lostAt: new Date(lostAt),
    reason: why,
    times,
    outcome: outcome?.how ?? null,
    outcomeAt: dateOf(outcome?.at),
  };
}

function awaited({ kind, dueAt }: OpenIntent): UnansweredReport {
  const nothing = { lostAt: null, reason: null, times: 0, outcome: null, outcomeAt: null };
  return { step: kind, state: "awaited", sentAt: new Date(dueAt), ...nothing };
}

/** What is to come: timers, and steps that are tried again. */
function plans({ intents, wakes }: Recorded) {
  const wake = (name: string) => dateOf(wakes.find((row) => row.name === name)?.at);
  return { rotatesAt: wake("rotate"), againAt: wake("retry"), retries: intents.flatMap(retryOf) };
}

export function retryOf({ kind, attempt, dueAt, failure }: OpenIntent): RetryReport[] {
  if (failure === null) return [];
  return [
    {
      step: kind,
      class: failure.class,
      message: failure.message,
      tries: attempt,
      since: new Date(failure.since),
      nextAt: new Date(dueAt),
    },
  ];
}
