import { harmless, type Style } from "./style.ts";
import { count } from "./times.ts";

/** What became of one history. */
export interface ReplayReport {
  /** The name, of whatever kind of stream it is. */
  readonly enrolment: string;
  /** `enrolment`, `circle`, `revocations`, `vault`, `rule` or `agent`. */
  readonly stream: string;
  readonly events: number;
  /** Where it begins, from 1: behind what compaction has kept of the beginning. */
  readonly from: number;
  /** Events decided as they were then, before the first that is not. */
  readonly same: number;
  /** Why it was not replayed. */
  readonly skipped: string | null;
  readonly difference: {
    /** From 1. */
    readonly event: number;
    readonly type: string;
    readonly field: string;
    readonly recorded: unknown;
    readonly now: unknown;
  } | null;
}

/** `replay` for people. */
export function replayText(reports: readonly ReplayReport[], style: Style): string {
  if (reports.length === 0) return "nothing to replay\n";
  const all = reports.flatMap((report) => lines(report, style));
  return `${[...all, ...(reports.length > 1 ? [sum(reports)] : [])].join("\n")}\n`;
}

function sum(reports: readonly ReplayReport[]): string {
  const played = reports.filter(({ skipped }) => skipped === null);
  const events = played.reduce((total, report) => total + report.events, 0);
  const parting = reports.filter(({ difference }) => difference !== null).length;
  const told = `${count(played.length, "history", "histories")}, ${count(events, "event")}`;
  return parting === 0 ? `${told}, 0 decisions differ` : `${told}; ${parting} of them part from what was recorded`;
}

function lines(report: ReplayReport, style: Style): string[] {
  const { enrolment, stream, events, from, same, skipped, difference } = report;
  const name = [stream === "enrolment" ? "" : stream, harmless(enrolment)].filter((word) => word !== "").join(" ");
  if (skipped !== null) return [`${style.yellow("○")} ${name}: ${skipped}; not replayed`];
  const before = from === 1 ? "" : ` (what its first ${count(from - 1, "event")} came to is taken as it was kept)`;
  if (difference === null)
    return [`${style.green("✓")} ${name}: ${count(events, "event")}, 0 decisions differ${before}`];
  const { event, type, field, recorded, now } = difference;
  return [
    `${style.red("✗")} ${name}: event ${event} of ${from - 1 + events} (${harmless(type)}): ${field} differs, after ${count(same, "event")} that came out the same`,
    `  then: ${spelled(recorded)}`,
    `  now:  ${spelled(now)}`,
  ];
}

function spelled(value: unknown): string {
  return harmless(JSON.stringify(value) ?? "nothing");
}
