import { harmless, type Style } from "./style.ts";
import { clock, count, span } from "./times.ts";

/** How close it came; for programs as this very document (docs/json.md). */
export interface StatsReport {
  readonly schemaVersion: 1;
  readonly since: Date;
  readonly at: Date;
  readonly rotations: number;
  /** Of them, those that nothing disturbed. */
  readonly firstTry: number;
  readonly leastLifeLeft: Closest | null;
  /** The longest that a step was tried again until it went well. */
  readonly longestOutage: Closest | null;
  /** Sign-ins that a person asked for. */
  readonly logins: number;
  readonly lostAnswers: number;
  /** Of the agent that runs for good, and those of them that followed a killed one. */
  readonly starts: number;
  readonly kills: number;
  /** Starts that found something open: the agent had been killed, or stopped, in the middle of it. */
  readonly interruptedStarts: number;
}

export interface Closest {
  /** Of the enrolment. */
  readonly name: string;
  readonly at: Date;
  readonly milliseconds: number;
}

/** `stats` for people: one screen. */
export function statsText(report: StatsReport, style: Style): string {
  const {
    rotations,
    firstTry,
    leastLifeLeft,
    longestOutage,
    logins,
    lostAnswers,
    interruptedStarts,
    starts,
    kills,
    at,
  } = report;
  const share = rotations === 0 ? "" : ` · ${Math.round((100 * firstTry) / rotations)} % at the first try`;
  const rows: [string, string][] = [
    ["rotations", `${rotations}${share}`],
    ["least life left", leastLifeLeft === null ? "–" : closestWords(leastLifeLeft, at)],
    ["longest outage", longestOutage === null ? "–" : closestWords(longestOutage, at)],
    ["sign-ins asked", String(logins)],
    ["answers lost", lostAnswers === 0 ? "0" : `${lostAnswers} · each one known, dotvault log tells what became of it`],
    ["kills survived", kills === 0 ? "none" : `${kills} · of ${count(starts, "start")}`],
    ["interrupted", interruptedStarts === 0 ? "never" : `${count(interruptedStarts, "time")}, and taken up again`],
  ];
  const title = style.dim(`since ${clock(report.since, at)}`);
  return `${[title, ...rows.map(([name, value]) => `${name.padEnd(16)} ${value}`)].join("\n")}\n`;
}

function closestWords({ name, at, milliseconds }: Closest, now: Date): string {
  return `${span(milliseconds)} · ${harmless(name)}, ${clock(at, now)}`;
}
