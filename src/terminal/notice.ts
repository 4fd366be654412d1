import { ASK_WORDS } from "./asks.ts";
import { harmless } from "./style.ts";
import { date } from "./times.ts";
import { type Outcome, outcomeWords, sentWords, type Unanswered } from "./unanswered.ts";

/** What a notice is made from. Times: milliseconds since the epoch. */
export interface Noticed {
  readonly enrolment: string;
  readonly code: string;
  /** End of the token in use, by this machine's clock; null: none, or it has no end. */
  readonly expiresAt: number | null;
  /** The command that helps. */
  readonly run: string;
  readonly unanswered: {
    readonly sentAt: number;
    readonly lostAt: number;
    readonly times: number;
    readonly outcome: { readonly how: Outcome; readonly at: number } | null;
  } | null;
}

/**
 * One line for the desktop and the agent's log: `jfrog needs you before 12 Dec: its token can't be rotated · dotvault enrol
 * jfrog --again`. Nothing of what a service said is in it.
 */
export function noticeText(noticed: Noticed, now: Date): string {
  const { enrolment, code, run, unanswered } = noticed;
  if (code === "answer-lost" && unanswered) return `${harmless(enrolment)}: ${lostText(unanswered, now)}`;
  return `${harmless(enrolment)} needs you${before(noticed, now)}: ${ASK_WORDS[code] ?? code} · ${run}`;
}

/** Only where something of it is still good until then. */
function before({ expiresAt, code }: Noticed, now: Date): string {
  if (expiresAt === null || code === "revoked" || expiresAt <= now.getTime()) return "";
  return ` before ${date(new Date(expiresAt), now)}`;
}

function lostText({ sentAt, times, lostAt, outcome }: NonNullable<Noticed["unanswered"]>, now: Date): string {
  const sent: Unanswered = { sentAt: new Date(sentAt), times };
  const came = outcome ? [outcomeWords(outcome.how, outcome.at - lostAt)] : [];
  return [sentWords(sent, now), ...came].join("; ");
}
