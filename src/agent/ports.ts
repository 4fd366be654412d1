import type { Engine } from "../adapters/engines/port.ts";
import type { SecretStore } from "../adapters/store-port.ts";
import type { InboxRow, Journal, OpenIntent } from "../journal/port.ts";
import type { Context, NoticeCode } from "../machines/enrolment/context.ts";
import type { FileAnswer, Rendered } from "../machines/rule/rule.ts";
import type { StoreTrouble } from "../machines/store-trouble.ts";

/** Wall-clock time, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Calls `wake` once, at or after `time`; the returned function takes it back. */
  at(time: number, wake: () => void): () => void;
}

/** What an operator may read. Fields never hold secrets: only ids, kinds, classes and names get this far. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Sealing with the journal's key; the label binds the bytes to their reference and stream. */
export interface Sealer {
  seal(label: SealLabel, bytes: Uint8Array): string;
  /** Throws `seal.broken`. */
  open(label: Omit<SealLabel, "at">, jwe: string): Buffer;
  /** SHA-256, hex. */
  digest(bytes: Uint8Array): string;
}

export interface SealLabel {
  readonly id: string;
  readonly kind: string;
  readonly stream: string;
  readonly at: number;
}

/** One enrolment of the configuration, with the engine that serves it. */
export interface Enrolment {
  /** As in the configuration; also the secret's name in the store: `jfrog`, `group/name`. */
  readonly name: string;
  readonly engine: Engine;
}

/** What became of the rules of one secret. Names of rules. */
export interface SyncReport {
  readonly written: readonly string[];
  readonly failed: readonly string[];
  /** A failure among them may pass by itself: a busy lock, a full disk. */
  readonly passing: boolean;
}

/** Writes the files of all rules that render this secret. Never throws: a rule that fails is in the report. */
export interface FileSync {
  /** Whether all files of this secret are, byte for byte, as its last sync left them. Left out: that is not known. */
  untouched?(secret: string): Promise<boolean>;
  /** Whether a secret has to be read although it has not moved: something else than it has changed that its files show. */
  wants?(secret: string): boolean;
  /** Calls the listener when that begins to be so. */
  onNews?(listener: () => void): void;
  /** A person asks: whatever is looked at from time to time is looked at now. */
  hurry?(): void;
  /** Resolves when nothing goes on in the background. */
  settled?(): Promise<void>;
  /** A pass over many secrets: outcomes are committed together, at its end at the latest. */
  together?<T>(pass: () => Promise<T>): Promise<T>;
  sync(
    secret: string,
    fields: Readonly<Record<string, unknown>>,
    source: "store" | "sealed",
    from?: Rendered | null,
  ): Promise<SyncReport>;
  /**
   * A person's word on a file that somebody else has changed: journaled together with the request that it takes; undefined
   * for a rule that is not known. Left out: nobody asks.
   */
  answer?(rule: string, answer: FileAnswer, takes?: number): Promise<void> | undefined;
  /** The secret is gone from the store; `enrolment`: since its person has un-enrolled. */
  missing(secret: string, why: "secret" | "enrolment"): Promise<SyncReport>;
}

/** What the loop runs beside the enrolments: a stream with a machine of its own. */
export interface Stream {
  readonly stream: string;
  /** A timer rang. */
  wake(name: string): void;
  perform(intent: OpenIntent, signal: AbortSignal): Promise<void>;
  /** A person's request about it. */
  take(request: InboxRow): void;
}

/** The store's session (agent/vault-session), as the agent keeps it. */
export interface StoreSession extends Stream {
  /** @param onLive work that waits for it may go on */
  start(calls: { readonly ring: () => void; readonly onLive: () => void }): void;
  stop(): void;
}

/** A server that the configuration has left: something may still have to be done there, and nobody waits for it. */
export interface LeftStream extends Stream {
  start(): void;
  stop(): void;
}

/** Everything outside that the agent works with; the real ones are put together in commands/, tests bring their own. */
export interface World {
  readonly journal: Journal;
  readonly sealer: Sealer;
  readonly store: SecretStore;
  /** For a store that has to be logged in to. */
  readonly session?: StoreSession | undefined;
  readonly left?: readonly LeftStream[];
  readonly files: FileSync;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** A fresh login session: lower-case UUID v4 from a CSPRNG. */
  readonly newSession: () => string;
  readonly machine: { readonly id: string; readonly name: string };
  /** Tells the person in the log and on the desktop, best effort. */
  readonly notify: (enrolment: string, code: NoticeCode, context: Context) => Promise<void>;
  /** The same, of the store. */
  readonly notifyStore: (trouble: StoreTrouble) => Promise<void>;
  readonly log: Log;
}
