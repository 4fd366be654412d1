/**
 * The journal: the only durable truth. One SQLite file; one writer (the agent that holds the lock), any number of
 * readers. Everything is JSON and milliseconds since the epoch; secrets are sealed rows beside it, never inside it.
 */

import type { VouchedRow } from "./columns.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** What happened, in the past tense: `{ type: "STORED", at: 1764000000000, … }`. Never a secret, only references. */
export interface JournalEvent {
  readonly type: string;
  readonly at: number;
  readonly [key: string]: Json;
}

/** Names a sealed secret without showing it. `digest` is the SHA-256 (hex) of its bytes. */
export interface SecretRef {
  readonly id: string;
  readonly kind: SecretKind;
  readonly digest: string;
}
export type SecretKind = "session" | "bootstrap" | "pair" | "vaultToken" | "wrapped" | "pkce";

export interface NewIntent {
  /** Stable; the idempotency key of its effect. */
  readonly id: string;
  readonly kind: string;
  /** What it is about. At most one open intent per stream, kind and subject. */
  readonly subject: string;
  readonly params: JsonObject;
  readonly once: boolean;
  readonly dueAt: number;
}

/** One transition, written in one transaction: all of it is durable or none of it. */
export interface Append {
  readonly stream: string;
  /** The version that the decision was made on; the stream's first event expects 0. */
  readonly expectedVersion: number;
  readonly machineVersion: number;
  readonly event: JournalEvent;
  /** The machine's state value after the event, for people and for replay. */
  readonly state: Json;
  /** The whole snapshot after the event, from which the next decision goes on. */
  readonly snapshot: JsonObject;
  readonly intents?: readonly NewIntent[];
  /** Id of the open intent that this event is the outcome of; it must be open (`IntentNotOpen`). */
  readonly closes?: string;
  /** Ids of open intents that are no longer wanted (the machine left their state); not open is what was wanted. */
  readonly withdraws?: readonly string[];
  readonly wakes?: readonly { readonly name: string; readonly at: number }[];
  readonly cancelWakes?: readonly string[];
  readonly seal?: readonly SealedSecret[];
  /** Ids of secrets whose life ends with this event. */
  readonly forget?: readonly string[];
  /** Id of the inbox row that this event answers; taken in the same transaction, once (`RequestNotWaiting`). */
  readonly takes?: number;
}

export interface SealedSecret {
  readonly ref: SecretRef;
  /** Compact JWE (RFC 7516), made by the seal room. */
  readonly jwe: string;
}

/** An event as it lies in the journal. */
export interface Recorded {
  /** Position in the whole journal, from 1, without gaps but those where compaction removed the beginning of a stream. */
  readonly seq: number;
  readonly stream: string;
  /** Position in its stream, from 1. */
  readonly version: number;
  readonly machineVersion: number;
  readonly event: JournalEvent;
  readonly state: Json;
  readonly intents: readonly NewIntent[];
  readonly closes: string | null;
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
  readonly cancelWakes: readonly string[];
  /** The rest of what the event did; absent where it did nothing of the kind. */
  readonly withdraws?: readonly string[];
  readonly sealed?: readonly SecretRef[];
  readonly forgets?: readonly string[];
  readonly takes?: number;
}

export interface OpenIntent extends NewIntent {
  readonly stream: string;
  readonly openedAt: number;
  /** Failed tries so far. */
  readonly attempt: number;
  /**
   * For `once` intents: `"open"` = it may have been performed; `"unsent"` = its last try is known not to have reached
   * the other side, so that it may be tried again.
   */
  readonly phase: "open" | "unsent";
  readonly failure: {
    readonly class: string;
    readonly message: string;
    readonly since: number;
    readonly at: number;
  } | null;
}

export interface Wake {
  readonly stream: string;
  readonly name: string;
  readonly at: number;
}

export interface StreamHead {
  readonly stream: string;
  readonly version: number;
  readonly machineVersion: number;
  readonly state: Json;
  readonly snapshot: JsonObject;
  /** Time of its last event. */
  readonly at: number;
}

/** All that a stream stands on after an event. */
export interface Standing {
  readonly head: StreamHead;
  readonly open: readonly OpenIntent[];
  readonly wakes: readonly Wake[];
}

/** A verb's request to the agent: the only row that a process without the lock writes. */
export interface InboxRow {
  readonly id: number;
  readonly verb: string;
  readonly args: JsonObject;
  readonly at: number;
}

/** Which events to read; all that is given has to hold. */
export interface EventFilter {
  readonly stream?: string | readonly string[];
  readonly type?: readonly string[];
  /** Events that ask for an intent of such a kind come, too, whatever their type. */
  readonly orAsks?: readonly string[];
  readonly afterSeq?: number;
  readonly beforeSeq?: number;
  /** For those of one stream. */
  readonly afterVersion?: number;
  readonly sinceAt?: number;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** A kept standing as it lies in the file: unread, since it has to be checked first. */
export interface Kept {
  readonly path: string;
  readonly row: VouchedRow;
  /** With the key: throws `journal.damaged` unless it is what the journal's writer has kept. */
  vouch(): void;
}

/** Read side: what `status`, `log`, `export` need. Works with the agent running, stopped, or the key missing. */
export interface JournalReader {
  head(stream: string): StreamHead | undefined;
  heads(prefix?: string): StreamHead[];
  /** In order of `seq`. Streams lazily. What a filter leaves out is neither verified nor parsed. */
  events(filter?: EventFilter): IterableIterator<Recorded>;
  lastSeq(): number;
  /**
   * Position of the last event, in the order of the journal, whose clock showed no more than `at`; 0: none did. A clock that
   * was set back has shown some moments twice: the last time counts.
   */
  seqAt(at: number): number;
  /** Of the streams that have no event behind this position: they stand as they stood there. */
  headsUpTo(seq: number): StreamHead[];
  /** Streams with an event behind this position. */
  movedSince(seq: number): string[];
  /** What the stream stood on at the latest event up to `upTo` for which that was kept. `standingOf` (standing.ts) reads it. */
  kept(stream: string, upTo: number): Kept | undefined;
  /** How many events a compaction up to that time would drop. */
  dropped(before: number): number;
  openIntents(stream?: string): OpenIntent[];
  wakes(stream?: string): Wake[];
  /** The sealed row, or undefined when its life has ended. */
  sealed(id: string): string | undefined;
  sealedRefs(stream?: string): (SecretRef & { readonly stream: string })[];
  /** Facts about the journal itself, set by the writer: `machineId`, `agentPid`, `agentSeenAt`, … */
  fact(name: string): Json | undefined;
  /** Changes whenever another connection has committed (`PRAGMA data_version`). */
  dataVersion(): number;
  /** The row of an inbox request: still waiting, taken (with the event's seq), or refused with a reason. */
  request(
    id: number,
  ):
    | { readonly state: "waiting" | "taken" | "refused"; readonly seq: number | null; readonly reason: string | null }
    | undefined;
  close(): void;
}

/** Write side: the agent's, and only while it holds the lock. All synchronous: a call that returned is durable. */
export interface Journal extends JournalReader {
  /** Throws `VersionConflict` when the stream has moved on, `DuplicateIntent` for a second open one. Returns the new seq. */
  append(input: Append): number;
  /** All that an append does but its commit: throws what it would throw, and leaves nothing. */
  rehearse(input: Append): void;
  /** Several transitions in one transaction: all of them are durable or none. */
  appendAll(inputs: readonly Append[]): void;
  /** A try failed in a way that changes nothing in the history: only the open row moves. */
  reschedule(
    intentId: string,
    to: { dueAt: number; attempt: number; phase: "open" | "unsent"; failure: OpenIntent["failure"] },
  ): void;
  /** Before an `unsent` once intent is tried again: from here on it may have been sent. */
  markOpen(intentId: string): void;
  /** Open intents that are due, oldest first, at most `limit`. Cost follows what is due, not what exists. */
  dueIntents(now: number, limit: number): OpenIntent[];
  dueWakes(now: number, limit: number): Wake[];
  /** The earliest due time of any intent or wake; with `after`, of those that are due later than that. */
  nextDue(after?: number): number | undefined;
  setFact(name: string, value: Json): void;
  inbox(): InboxRow[];
  /** Takes a request that no event answers: refused with a reason for the person who asked. */
  refuse(requestId: number, reason: string): void;
  /** Takes a request that needs no event (say, `sync`). */
  take(requestId: number): void;
  /** At an idle moment: truncates the WAL, so that ended secrets leave the disk. Cheap when there is nothing to do. */
  tidy(): void;
  /**
   * Drops events older than `before`, and keeps what all since then follows from: some older events may stay with it. The
   * chain goes on from a recorded anchor.
   */
  compact(before: number): { readonly removed: number; readonly kept: number };
}
