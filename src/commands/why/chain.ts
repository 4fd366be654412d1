import type { JournalReader, Recorded } from "../../journal/port.ts";
import type { Cause } from "../../terminal/why.ts";

/** What sets a new pair going. */
const BEGINNINGS = ["WOKE", "REFRESH_ASKED", "ENROL_ASKED"];
/** What is worth telling between the beginning and the pair. */
const BETWEEN = ["ANSWER_LOST", "REFUSED", "GRANTED", "HELD_ELSEWHERE"];
/** The pair was stored, or found, by these. */
const FOUND = ["SECRET_SEEN", "SECRET_READ", "STORE_CONFLICT"];

/** What the journal knows of a pair: the event that brought it, what led to it, and where it was stored. */
export interface PairStory {
  readonly chain: readonly Cause[];
  readonly expiresAt: number | null;
  readonly storedVersion: number | null;
}

/** The causal chain of one pair of an enrolment, in order; empty where compaction has dropped it. */
export function pairStory(reader: JournalReader, enrolment: string, digest: string): PairStory {
  const events = [...reader.events({ stream: `enrolment/${enrolment}` })];
  const at = events.findIndex((recorded) => brings(recorded, digest));
  const brought = events[at];
  if (brought === undefined) return { chain: [], expiresAt: null, storedVersion: null };
  const begun = events.slice(0, at).findLastIndex(({ event }) => BEGINNINGS.includes(event.type));
  const beginning = brought.event.type === "PAIR_ISSUED" && begun >= 0 ? events[begun] : undefined;
  const between = beginning ? events.slice(begun + 1, at).filter(({ event }) => BETWEEN.includes(event.type)) : [];
  const stored = events.slice(at).find(({ event }) => event.type === "STORED");
  const told = [beginning, ...between, brought, stored].filter((recorded) => recorded !== undefined);
  return {
    chain: told.map((recorded) => causeOf(recorded, enrolment)),
    expiresAt: factsOf(brought)?.expiresAt ?? null,
    storedVersion: Number((stored ?? brought).event.version ?? 0) || null,
  };
}

export function causeOf({ seq, event }: Recorded, name: string): Cause {
  return { seq, at: new Date(event.at), name, event };
}

function brings({ event }: Recorded, digest: string): boolean {
  if (event.type === "PAIR_ISSUED") return factsOf({ event } as Recorded)?.digest === digest;
  return FOUND.includes(event.type) && (event.found as { digest?: string } | null)?.digest === digest;
}

function factsOf({ event }: Recorded): { readonly digest?: string; readonly expiresAt?: number } | undefined {
  return (event.type === "PAIR_ISSUED" ? event.facts : event.found) as ReturnType<typeof factsOf>;
}

/** The enrolment that ever had a token of this id at the service. */
export function enrolmentOf(reader: JournalReader, tokenId: string): string | undefined {
  for (const { stream, event } of reader.events()) {
    const facts = (event.facts ?? event.found) as { readonly tokenId?: string } | null | undefined;
    if (facts?.tokenId === tokenId) return stream.replace(/^enrolment\//, "");
  }
  return undefined;
}
