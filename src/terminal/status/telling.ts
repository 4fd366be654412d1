import { harmless } from "../style.ts";
import { moment, ordinal, span } from "../times.ts";
import type { EnrolmentReport, RetryReport } from "./report.ts";

/** One thing in words: a state word, and lines of parts that belong together. */
export interface Told {
  readonly word: string;
  readonly lines: readonly (readonly string[])[];
}

export interface Telling {
  readonly now: Date;
  readonly agentRuns: boolean;
}

/** How long the token in the files lives. */
export function life({ expiresAt }: EnrolmentReport, { now }: Telling): string[] {
  if (expiresAt === null) return [];
  const left = expiresAt.getTime() - now.getTime();
  return [left > 0 ? `token good for ${span(left)}` : `token expired ${moment(expiresAt, now)}`];
}

/** `3rd try at 14:20 (in 6 min) · Vault answered 503`. */
export function tellRetry({ tries, nextAt, message }: RetryReport, { now, agentRuns }: Telling): string[] {
  if (tries === 0) return ["waits for the session with Vault", harmless(message)];
  return [`${ordinal(tries + 1)} try ${tryTime(nextAt, now, agentRuns)}`, harmless(message)];
}

export function tryTime(nextAt: Date, now: Date, agentRuns: boolean): string {
  if (!agentRuns) return "when an agent runs";
  return nextAt.getTime() > now.getTime() ? `at ${moment(nextAt, now)}` : "now";
}

/** Without what there is nothing to say of. */
export function told(word: string, lines: readonly string[][]): Told {
  return { word, lines: lines.filter((line) => line.length > 0) };
}

export function said(text: string | null | undefined, before = ""): string[] {
  return text ? [`${before}${harmless(text)}`] : [];
}
