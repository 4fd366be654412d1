import type { Fields } from "../adapters/engines/port.ts";
import { DotvaultError } from "../errors.ts";
import type { OpenIntent, SecretKind, SecretRef } from "../journal/port.ts";
import type { Snapshot } from "../machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../machines/enrolment/events.ts";
import type { Intents } from "../machines/enrolment/intents.ts";
import type { Enrolment, World } from "./ports.ts";

export type WithoutTime<E> = E extends unknown ? Omit<E, "at"> : never;
/** An event as an adapter's outcome gives it; its time is added when it is journaled. */
export type NewEvent = WithoutTime<EnrolmentEvent>;

/** What came of performing an intent, of an enrolment or of another machine. */
export type Outcome<E = EnrolmentEvent> =
  /** It is over; this is what happened. */
  | { readonly kind: "event"; readonly event: WithoutTime<E> }
  /** Not yet, and nothing is wrong: ask again after so many milliseconds. */
  | { readonly kind: "again"; readonly after: number }
  /** The store's session has to come first; nothing is wrong with this. */
  | { readonly kind: "waits"; readonly class: string; readonly message: string }
  | FailedTry;

/** A try that failed in a way that passes. `sent: "maybe"`: it may have had its effect. */
export interface FailedTry {
  readonly kind: "trouble";
  readonly class: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly sent: "no" | "maybe";
  readonly retryAfterMs?: number | undefined;
}

/** One open intent in hand, with what its performer may use. */
export interface Task<K extends keyof Intents = keyof Intents> {
  readonly world: World;
  readonly enrolment: Enrolment;
  readonly stream: string;
  readonly intent: OpenIntent;
  readonly params: Intents[K];
  /** The stream's snapshot when the try began. */
  readonly snapshot: Snapshot;
  /** The stream's snapshot now. */
  latest(): Snapshot;
  readonly signal: AbortSignal;
  /** Seals bytes at once and names them; they are journaled with the outcome's event, if it still mentions them. */
  keep(kind: SecretKind, bytes: Uint8Array, digest?: string): SecretRef;
  /** Everything that the outcome's journaling takes, with nothing left of it. Throws where the journal could not take it. */
  rehearse(outcome: (keep: Task["keep"]) => NewEvent): void;
  /** The bytes of a sealed secret. Throws `secret.ended` when its life is over. */
  open(ref: SecretRef): Buffer;
}

export type Performer<K extends keyof Intents> = (task: Task<K>) => Promise<Outcome>;

export function happened(event: NewEvent): Outcome {
  return { kind: "event", event };
}

/** A pair as it is sealed: its fields as JSON. */
export function pairBytes(fields: Fields): Uint8Array {
  return Buffer.from(JSON.stringify(fields), "utf8");
}

/** Opens a sealed pair. */
export function openPair(task: Pick<Task, "open">, ref: SecretRef): Fields {
  return JSON.parse(task.open(ref).toString("utf8")) as Fields;
}

/** The same, for who knows a way out. With another key than ours a row may be opened yet; one that is damaged never will be. */
export function pairIfReadable(task: Pick<Task, "open">, ref: SecretRef): Fields | undefined {
  try {
    return openPair(task, ref);
  } catch (error) {
    if (error instanceof DotvaultError && (error.code === "seal.broken" || error.code === "secret.ended")) return;
    throw error;
  }
}
