import { dotvault } from "../../shell.ts";
import type { EnrolmentReport, Level } from "../../terminal/status/report.ts";

export type Unjudged = Omit<EnrolmentReport, "level" | "run">;

/** Timers fire a little late; only later than this counts as late, milliseconds. */
const LATE = 60_000;

/** How an enrolment stands, and what a person can do about it: pure. */
export function levelOf(
  report: Unjudged,
  { now, agentRuns }: { readonly now: number; readonly agentRuns: boolean },
): { readonly level: Level; readonly run: string | null } {
  const { name, situation } = report;
  switch (situation) {
    case "paused":
    case "unenrolled":
      return { level: "off", run: null };
    case "new":
      return agentRuns ? { level: "under-way", run: null } : { level: "person-needed", run: dotvault("enrol", name) };
    case "signing-in":
      return signingIn(report, now, agentRuns);
    default:
      if (report.ask) return { level: "person-needed", run: remedy(report) };
      return { level: unasked(report, now, agentRuns), run: null };
  }
}

/** A login whose time is over ends by itself, but only where an agent sees to it. */
function signingIn({ name, login, retries }: Unjudged, now: number, agentRuns: boolean) {
  const over = login !== null && login.until.getTime() + LATE < now;
  if (over && !agentRuns) return { level: "person-needed", run: dotvault("enrol", name) } as const;
  return { level: hasFailed(retries) ? "trouble" : "under-way", run: null } as const;
}

const TROUBLED: readonly EnrolmentReport["situation"][] = ["in-doubt", "second-look", "held-elsewhere", "keeping"];

function unasked(report: Unjudged, now: number, agentRuns: boolean): Level {
  const { situation, retries, rotatesAt, expiresAt, unanswered } = report;
  if (hasFailed(retries) || TROUBLED.includes(situation)) return "trouble";
  if (retries.length > 0) return "under-way";
  // Nobody is there to get the answer.
  if (unanswered?.state === "awaited" && !agentRuns) return "trouble";
  if (situation !== "active") return "under-way";
  const overdue = rotatesAt !== null && rotatesAt.getTime() + LATE < now && !agentRuns;
  const expired = expiresAt !== null && expiresAt.getTime() <= now;
  return overdue || expired || hasTrouble(report) ? "trouble" : "healthy";
}

/** What only waits for the session with Vault has not failed. */
function hasFailed(retries: Unjudged["retries"]): boolean {
  return retries.some(({ tries }) => tries > 0);
}

/** Somebody among those that the credential is for does not take it, or nobody vouches for it. */
function hasTrouble({ platforms, trust }: Unjudged): boolean {
  const refuses = platforms.some(({ accepted, failure }) => accepted === false || failure !== null);
  return refuses || (trust !== null && trust.certificate === null && trust.reason !== "reference-token");
}

/** An active enrolment is signed in anew only with `--again`. */
function remedy({ name, state }: Unjudged): string {
  return state?.startsWith("active") ? dotvault("enrol", name, "--again") : dotvault("enrol", name);
}
