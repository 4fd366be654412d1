import type { Outcome } from "../unanswered.ts";

/** One event of the journal as `log` tells it. */
export interface Entry {
  readonly seq: number;
  readonly at: Date;
  readonly kind: "enrolment" | "file" | "circle" | "revocations" | "vault" | "journal";
  /** Of the enrolment (also for its circle of trust), of the rule that writes the file, of the server. */
  readonly name: string;
  readonly event: Event;
  /** The machine's state after it. */
  readonly state: string;
  /** Whether it is another than before. */
  readonly moved: boolean;
  /** Steps that it asked for, to be performed next. */
  readonly asked: readonly AskedStep[];
  /** Timers that it set. */
  readonly timers: readonly { readonly name: string; readonly at: Date }[];
  /** The step that it is the outcome of, if that failed before: how long it took, in how many tries (null: not known). */
  readonly retried: { readonly since: Date; readonly tries: number | null } | null;
  /** With it a rotation whose answer was lost has come out. */
  readonly cameOut: CameOut | null;
}

/** How an unanswered rotation came out, and what it took to find out, milliseconds. */
export interface CameOut {
  readonly how: Outcome;
  readonly took: number;
}

export interface AskedStep {
  readonly kind: string;
  /** The kind of secret that it works on: `bootstrap`, `pair`, …; null where it works on none. */
  readonly about: string | null;
  readonly once: boolean;
  /** Milliseconds that it waits first. */
  readonly after: number;
}

/** An event's own fields, as JSON. Never a secret; texts of services are as they came. */
export interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A step that has failed and is still being tried. */
export interface OpenTrouble {
  readonly name: string;
  readonly step: string;
  readonly tries: number;
  readonly since: Date;
  readonly nextAt: Date;
}
