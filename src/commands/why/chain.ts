import type { JournalReader, Recorded } from "../../journal/port.ts";
import { streamOf } from "../../machines/stream/names.ts";
import { type StateValue, stateName } from "../../machines/stream/state-name.ts";
import type { Cause } from "../../terminal/why/report.ts";
import { EntryReader } from "../history/entries.ts";

/** States on the way to a pair: what first led into them is why there is one. */
const ON_THE_WAY = /^(session|polling|exchanging|refreshing)/;
/** What is worth telling between the beginning and the pair. */
const BETWEEN = ["ANSWER_LOST", "REFUSED", "GRANTED", "HELD_ELSEWHERE", "FAILED"];
/** The pair was stored by another machine, and found by these. */
const FOUND = ["SECRET_SEEN", "SECRET_READ", "STORE_CONFLICT"];
/** What ends a pair for good. */
const ENDINGS = ["REFUSED", "PROBED", "REMOVED", "REVOKE_ASKED", "PAUSED"];

/** What the journal knows of a pair: the event that brought it, what led to it, and where it was stored. */
export interface PairStory {
  readonly chain: readonly Cause[];
  readonly tokenId: string | null;
  readonly expiresAt: number | null;
  readonly storedVersion: number | null;
}

export const UNTOLD: PairStory = { chain: [], tokenId: null, expiresAt: null, storedVersion: null };

/** The causal chain of one pair of an enrolment, in order; empty where compaction has dropped it. */
export function pairStory(reader: JournalReader, enrolment: string, digest: string): PairStory {
  const events = backTo(reader, enrolment, digest);
  const at = events.findIndex((recorded) => brings(recorded, digest));
  const brought = events[at];
  if (brought === undefined) return UNTOLD;
  const begun = events.slice(0, at).findLastIndex((recorded) => !isOnTheWay(recorded)) + 1;
  const [beginning, ...between] = events.slice(begun, at);
  const after = ofThisPair(events.slice(at + 1));
  const stored = after.findIndex(({ event }) => event.type === "STORED");
  const told = [
    ...(beginning === undefined ? [] : [beginning]),
    ...between.filter(({ event }) => BETWEEN.includes(event.type) && event.intent !== "sync"),
    brought,
    ...after.slice(0, Math.max(0, stored)).filter(({ event }) => event.intent === "store"),
    ...after.slice(stored < 0 ? after.length : stored, stored + 1),
  ];
  const { tokenId, expiresAt } = factsOf(brought) ?? {};
  const { version } = (after[stored] ?? brought).event;
  return {
    chain: causesOf(told, enrolment),
    tokenId: tokenId ?? null,
    expiresAt: expiresAt ?? null,
    storedVersion: Number(version ?? 0) || null,
  };
}

function ofThisPair(after: readonly Recorded[]): readonly Recorded[] {
  const next = after.findIndex(({ event }) => event.type === "PAIR_ISSUED");
  return next < 0 ? after : after.slice(0, next);
}

const BRINGING = ["PAIR_ISSUED", ...FOUND];

/** The enrolment's events since the pair before this one, in order; none where the journal does not know it. */
function backTo(reader: JournalReader, enrolment: string, digest: string): Recorded[] {
  const events: Recorded[] = [];
  let isFound = false;
  for (const recorded of reader.events({ stream: streamOf(enrolment), newestFirst: true })) {
    if (isFound && bringsOther(recorded, digest)) break;
    events.push(recorded);
    isFound ||= brings(recorded, digest);
  }
  return isFound ? events.reverse() : [];
}

function isOnTheWay({ state }: Recorded): boolean {
  return ON_THE_WAY.test(stateName(state as StateValue));
}

/** The pair that a rotation is about to present has been there before. */
function isPresented(recorded: Recorded): boolean {
  return recorded.event.type === "SECRET_READ" && isOnTheWay(recorded);
}

function brings(recorded: Recorded, digest: string): boolean {
  return BRINGING.includes(recorded.event.type) && !isPresented(recorded) && factsOf(recorded)?.digest === digest;
}

function bringsOther(recorded: Recorded, digest: string): boolean {
  const other = factsOf(recorded)?.digest;
  return other !== undefined && brings(recorded, other) && other !== digest;
}

interface Known {
  readonly digest?: string;
  readonly tokenId?: string;
  readonly expiresAt?: number;
}

function factsOf({ event }: Recorded): Known | null {
  return ((event.type === "PAIR_ISSUED" ? event.facts : event.found) ?? null) as Known | null;
}

/** What ended the enrolment's last credential, where it has none now: the newest of each kind. */
export function endStory(reader: JournalReader, enrolment: string): Cause[] {
  const newest = new Map<string, Recorded>();
  for (const recorded of reader.events({ stream: streamOf(enrolment), newestFirst: true })) {
    const { type } = recorded.event;
    if (type === "STORED" || (type === "SECRET_SEEN" && recorded.event.found !== null)) break;
    if ((ENDINGS.includes(type) || type === "SECRET_SEEN") && !newest.has(type)) newest.set(type, recorded);
  }
  return causesOf([...newest.values()].toReversed(), enrolment);
}

/** Events as causes; with one a rotation whose answer was lost may have come out. */
export function causesOf(events: readonly Recorded[], name: string): Cause[] {
  const entries = new EntryReader();
  return events.map((recorded) => {
    const { seq, at, event, cameOut } = entries.read(recorded);
    return { seq, at, name, event, cameOut };
  });
}

/** In the order of the journal, each once. */
export function inOrder(causes: readonly Cause[]): Cause[] {
  return [...new Map(causes.map((cause) => [cause.seq, cause])).values()].toSorted((a, b) => a.seq - b.seq);
}
