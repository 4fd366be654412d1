import { DotvaultError } from "../errors.ts";
import type { JournalReader, JsonObject, OpenIntent, Recorded, StreamHead, Wake } from "../journal/port.ts";
import { CIRCLE, type CircleEvent, type CircleSnapshot, foldCircle, initialCircle } from "../machines/circle/circle.ts";
import { initialSnapshot, type Snapshot } from "../machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../machines/enrolment/events.ts";
import { step } from "../machines/enrolment/step.ts";
import {
  foldRevocations,
  initialRevocations,
  REVOCATIONS,
  type RevocationEvent,
  type RevocationsSnapshot,
} from "../machines/revocations/revocations.ts";
import { foldRule, initialRule, type RuleEvent, type RuleSnapshot } from "../machines/rule/rule.ts";
import { initialSession, type SessionSnapshot, step as stepSession } from "../machines/vault-session/decide.ts";
import type { SessionEvent } from "../machines/vault-session/events.ts";

type Past = Pick<JournalReader, "heads" | "openIntents" | "wakes" | "fact" | "sealedRefs">;

/**
 * The journal as it was at a moment: the same events folded up to it by the same machines; what has not moved since is as
 * it is now. What is no event is not known then (whether an agent ran; how often a step had been tried beyond the first
 * failure). Throws `journal.compacted` where the beginning of a stream has been dropped.
 */
export function pastOf(reader: JournalReader, at: number): Past {
  const end = lastSeqAt(reader, at);
  const moved = new Set<string>();
  for (const { stream } of reader.events({ afterSeq: end })) moved.add(stream);
  const resting = reader.heads().filter(({ stream }) => !moved.has(stream));
  const all = [
    ...[...moved].flatMap((stream) => folded(reader, stream, end) ?? []),
    ...resting.map((head) => ({ head, open: reader.openIntents(head.stream), wakes: reader.wakes(head.stream) })),
  ];
  return {
    heads: (prefix = "") => all.map(({ head }) => head).filter(({ stream }) => stream.startsWith(prefix)),
    openIntents: (stream) =>
      all.flatMap(({ open }) => open).filter((intent) => stream === undefined || intent.stream === stream),
    wakes: (stream) =>
      all.flatMap(({ wakes }) => wakes).filter((wake) => stream === undefined || wake.stream === stream),
    fact: () => undefined,
    sealedRefs: () => [],
  };
}

/** In the order of the journal: a clock that was set back has shown some moments twice. */
function lastSeqAt(reader: JournalReader, at: number): number {
  for (const { seq, event } of reader.events({ newestFirst: true })) if (event.at <= at) return seq;
  return 0;
}

/** Undefined: it began later. */
function folded(reader: JournalReader, stream: string, end: number): Stream | undefined {
  let known: Stream | undefined;
  for (const recorded of reader.events({ stream })) {
    if (recorded.seq > end) break;
    known = advance(known ?? newStream(recorded), recorded);
  }
  return known;
}

interface Stream {
  readonly head: StreamHead;
  readonly open: readonly OpenIntent[];
  readonly wakes: readonly Wake[];
}

function newStream({ stream, version, machineVersion, event }: Recorded): Stream {
  if (version > 1 && stream.startsWith("enrolment/")) {
    throw new DotvaultError(
      "journal.compacted",
      `what was before ${new Date(event.at).toISOString()} is no longer kept`,
      {
        hint: "ask for a later moment; journal.retention says how long events are kept",
      },
    );
  }
  const snapshot = beginningOf(stream);
  const head = { stream, version: 0, machineVersion, state: null, snapshot: snapshot as unknown as JsonObject, at: 0 };
  return { head, open: [], wakes: [] };
}

function beginningOf(stream: string) {
  if (stream.startsWith("rule/")) return initialRule;
  if (stream.startsWith(REVOCATIONS)) return initialRevocations;
  if (stream.startsWith("vault/")) return initialSession();
  return stream.startsWith(CIRCLE) ? initialCircle : initialSnapshot();
}

function advance(before: Stream, recorded: Recorded): Stream {
  const { stream, version, machineVersion, state, event } = recorded;
  const snapshot = snapshotAfter(before, recorded);
  const head = { stream, version, machineVersion, state, snapshot, at: event.at };
  return { head, open: openAfter(before.open, recorded), wakes: wakesAfter(before.wakes, recorded) };
}

function snapshotAfter({ head, open, wakes }: Stream, { stream, event, closes }: Recorded): JsonObject {
  const { snapshot, version } = head;
  if (stream.startsWith("rule/")) {
    return (foldRule(snapshot as unknown as RuleSnapshot, event as unknown as RuleEvent) ??
      snapshot) as unknown as JsonObject;
  }
  if (stream.startsWith(CIRCLE)) {
    return (foldCircle(snapshot as unknown as CircleSnapshot, event as unknown as CircleEvent) ??
      snapshot) as unknown as JsonObject;
  }
  if (stream.startsWith(REVOCATIONS)) {
    const before = snapshot as unknown as RevocationsSnapshot;
    return foldRevocations(before, event as unknown as RevocationEvent) as unknown as JsonObject;
  }
  const standing = { stream, version, open, wakes: wakes.map(({ name }) => name) };
  const closed = closes ?? undefined;
  if (stream.startsWith("vault/")) {
    const session = { ...standing, snapshot: snapshot as unknown as SessionSnapshot };
    return stepSession(session, event as unknown as SessionEvent, closed).snapshot as unknown as JsonObject;
  }
  if (!stream.startsWith("enrolment/")) return snapshot;
  const enrolment = { ...standing, snapshot: snapshot as unknown as Snapshot };
  return step(enrolment, event as unknown as EnrolmentEvent, closed).snapshot as unknown as JsonObject;
}

function openAfter(
  open: readonly OpenIntent[],
  { stream, event, closes, withdraws = [], intents }: Recorded,
): OpenIntent[] {
  const kept = open
    .filter(({ id }) => id !== closes && !withdraws.includes(id))
    .map((intent) => withFailure(intent, event));
  const begun = intents.map((intent) => {
    return { ...intent, stream, openedAt: event.at, attempt: 0, phase: "open" as const, failure: null };
  });
  return [...kept, ...begun];
}

/** FAILED stands for the first failure of its class. */
function withFailure(intent: OpenIntent, { type, at, ...rest }: Recorded["event"]): OpenIntent {
  if (type !== "FAILED" || rest.intent !== intent.kind) return intent;
  const failure = { class: String(rest.class), message: String(rest.message), since: intent.failure?.since ?? at, at };
  return { ...intent, attempt: intent.attempt + 1, failure };
}

function wakesAfter(wakes: readonly Wake[], { stream, wakes: set, cancelWakes }: Recorded): Wake[] {
  const ended = new Set([...cancelWakes, ...set.map(({ name }) => name)]);
  return [...wakes.filter(({ name }) => !ended.has(name)), ...set.map(({ name, at }) => ({ stream, name, at }))];
}
