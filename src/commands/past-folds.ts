import type { JsonObject, Recorded, Standing } from "../journal/port.ts";
import { CIRCLE, type CircleEvent, circleSnapshot, foldCircle } from "../machines/circle/circle.ts";
import type { Snapshot } from "../machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../machines/enrolment/events.ts";
import {
  foldRevocations,
  REVOCATIONS,
  type RevocationEvent,
  revocationsSnapshot,
} from "../machines/revocations/revocations.ts";
import { foldRule, type RuleEvent, ruleSnapshot } from "../machines/rule/rule.ts";
import type { SessionSnapshot } from "../machines/vault-session/decide.ts";
import type { SessionEvent } from "../machines/vault-session/events.ts";

/** How the streams of one kind move from event to event. */
export interface Fold {
  /** What a stream begins with. */
  initial(): object;
  /** A snapshot that may be of an older version, as today's wants it. */
  upcast(snapshot: JsonObject, from: number): object;
  after(before: Standing, recorded: Recorded): object;
}

/** Undefined: its streams tell the history of the agent and the journal themselves, and nothing stands on them. */
export async function foldOf(stream: string): Promise<Fold | undefined> {
  if (stream.startsWith("rule/")) return rules;
  if (stream.startsWith(CIRCLE)) return circles;
  if (stream.startsWith(REVOCATIONS)) return revocations;
  if (stream.startsWith("vault/")) return sessions();
  return stream.startsWith("enrolment/") ? enrolments() : undefined;
}

const rules: Fold = {
  initial: () => ruleSnapshot(undefined),
  upcast: ruleSnapshot,
  after: ({ head: { snapshot } }, { event }) =>
    foldRule(ruleSnapshot(snapshot), event as unknown as RuleEvent) ?? snapshot,
};

const circles: Fold = {
  initial: () => circleSnapshot(undefined),
  upcast: circleSnapshot,
  after: ({ head: { snapshot } }, { event }) =>
    foldCircle(circleSnapshot(snapshot), event as unknown as CircleEvent) ?? snapshot,
};

const revocations: Fold = {
  initial: () => revocationsSnapshot(undefined),
  upcast: revocationsSnapshot,
  after: ({ head: { snapshot } }, { event }) =>
    foldRevocations(revocationsSnapshot(snapshot), event as unknown as RevocationEvent),
};

/** The machines are loaded where one has to be run, which takes as long as all the rest. */
async function enrolments(): Promise<Fold> {
  const [{ initialSnapshot }, { step }, { upcast }] = await Promise.all([
    import("../machines/enrolment/decide.ts"),
    import("../machines/enrolment/step.ts"),
    import("../machines/enrolment/upcast.ts"),
  ]);
  return {
    initial: initialSnapshot,
    upcast: (snapshot, from) => upcast(snapshot as unknown as Snapshot, from),
    after: (before, { event, closes }) =>
      step(plain<Snapshot>(before), event as unknown as EnrolmentEvent, closes ?? undefined).snapshot,
  };
}

async function sessions(): Promise<Fold> {
  const { initialSession, step, upcast } = await import("../machines/vault-session/decide.ts");
  return {
    initial: initialSession,
    upcast: (snapshot, from) => upcast(snapshot as unknown as SessionSnapshot, from),
    after: (before, { event, closes }) =>
      step(plain<SessionSnapshot>(before), event as unknown as SessionEvent, closes ?? undefined).snapshot,
  };
}

/** As a machine's step takes it. */
function plain<S>({ head: { stream, version, snapshot }, open, wakes }: Standing) {
  return { stream, version, snapshot: snapshot as unknown as S, open, wakes: wakes.map(({ name }) => name) };
}
