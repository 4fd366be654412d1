import type { RuleSnapshot } from "../../machines/rule/rule.ts";
import { moment } from "../../terminal/times.ts";
import type { Because } from "../../terminal/why/because.ts";
import type { FileValue, KnownToken } from "../../terminal/why/report.ts";

/** What was found out about a file. */
export interface Found {
  readonly rule: string;
  readonly secret: string | null;
  readonly known: RuleSnapshot;
  readonly exists: boolean;
  /** Why it can't be read, if it can't. */
  readonly unreadable: { readonly code: string; readonly message: string } | null;
  readonly values: readonly FileValue[];
  /** Where nothing of ours is on record: tokens in the file. */
  readonly strays: readonly KnownToken[];
  /** Digest of the pair that was written; null where the secret is no enrolment's. */
  readonly pair: string | null;
  /** It renders an enrolment's credential. */
  readonly ofEnrolment: boolean;
  /** Of the enrolment's pair now; null: it has none. */
  readonly current: string | null;
  readonly expiresAt: number | null;
  /** What stands in the way of a newer credential. */
  readonly because: Because | null;
  /** Who does not take the one that is there. */
  readonly circle: Because | null;
  /** Others may have changed the store, and nobody looks at it. */
  readonly isBlind: boolean;
  readonly isUnrecorded?: true;
  readonly now: number;
}

export function isChanged({ state }: FileValue): boolean {
  return state === "changed" || state === "gone";
}

export function isOlder({ pair, current }: Found): boolean {
  return pair !== null && current !== null && pair !== current;
}

export function whenWritten({ known, now }: Found): string {
  return known.writtenAt === null ? "earlier" : moment(new Date(known.writtenAt), new Date(now));
}

export function since(at: number | null | undefined, now: number): string {
  return at == null ? "" : ` since ${moment(new Date(at), new Date(now))}`;
}

export function ends(because: Because | null): string {
  return because === null ? "" : `, because ${because.text}`;
}
