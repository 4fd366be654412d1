import { wrap } from "../layout.ts";
import { harmless, type Style } from "../style.ts";
import { clock, moment, relative } from "../times.ts";
import { tellFile } from "./file.ts";
import { type FileReport, LEVELS, type Level, type StatusReport } from "./report.ts";
import { tellVault } from "./session.ts";
import type { Telling, Told } from "./telling.ts";
import { tellTrouble } from "./trouble.ts";
import { tellEnrolment } from "./words.ts";

/** `status` for people: worst first, healthy ones in a line, the summary last, then what to run. */
export function statusText(report: StatusReport, style: Style, columns: number): string {
  const lines = [...preface(report, style), ...table(rowsOf(report), style, columns), ...summary(report, style)];
  return `${lines.join("\n")}\n`;
}

/** `status --at`: the table alone, under the moment that it shows. */
export function pastText(report: StatusReport, now: Date, style: Style, columns: number): string {
  const title = style.dim(`as it was ${moment(report.at, now)}`);
  const told = counted(report).join(", ") || "nothing was on record then";
  return `${[title, ...table(rowsOf(report), style, columns), told].join("\n")}\n`;
}

interface Row extends Told {
  readonly level: Level;
  readonly name: string;
}

function rowsOf(report: StatusReport): Row[] {
  const telling: Telling = { now: report.at, agentRuns: report.agent.running };
  const rows = [
    ...report.troubles.map((trouble) => row(trouble.about, trouble.level, tellTrouble(trouble, telling))),
    ...(report.vault === null ? [] : [row("vault", report.vault.level, tellVault(report.vault, telling))]),
    ...report.files
      .filter((file) => isWorthTelling(file, report.at))
      .map((file) => row(`${file.name} (file)`, file.level, tellFile(file, telling))),
    ...report.enrolments.map((enrolment) => row(enrolment.name, enrolment.level, tellEnrolment(enrolment, telling))),
  ];
  return rows.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

/** What was put right is told for a day. */
const EDIT_TOLD = 24 * 60 * 60_000;

function isWorthTelling({ failure, state, edited, post }: FileReport, now: Date): boolean {
  const isNew = edited !== null && (edited.kept || now.getTime() - edited.at.getTime() < EDIT_TOLD);
  return failure !== null || state === "missing" || state === "stopped" || isNew || post !== null;
}

function row(name: string, level: Level, told: Told): Row {
  return { name: harmless(name), level, ...told };
}

const GLYPHS: { readonly [L in Level]: readonly [glyph: string, colour: keyof Style] } = {
  "person-needed": ["✗", "red"],
  trouble: ["!", "yellow"],
  "under-way": ["…", "yellow"],
  healthy: ["✓", "green"],
  off: ["○", "dim"],
};

function table(rows: readonly Row[], style: Style, columns: number): string[] {
  const names = Math.max(0, ...rows.map(({ name }) => name.length));
  const words = Math.max(0, ...rows.map(({ word }) => word.length));
  const indent = 2 + names + 3 + words + 3;
  return rows.flatMap(({ level, name, word, lines }) => {
    const [glyph, colour] = GLYPHS[level];
    const paint = style[colour];
    const head = `${paint(glyph)} ${style.bold(name)}${" ".repeat(names - name.length + 3)}${paint(word)}`;
    const gap = " ".repeat(words - word.length + 3);
    const [first = "", ...rest] = lines.flatMap((line) => wrap(line, columns - indent, " · "));
    return [`${head}${gap}${first}`.trimEnd(), ...rest.map((line) => " ".repeat(indent) + line)];
  });
}

function preface({ agent, asOf, at, configuration, rehearsal }: StatusReport, style: Style): string[] {
  const lines: string[] = [];
  if (!agent.running) {
    const old = asOf ? `; this is how things stood ${ago(asOf, at)} (${clock(asOf, at)})` : "";
    lines.push(style.dim(`no agent runs${old}`));
  }
  if (configuration.state === "missing") lines.push(style.yellow("there is no configuration"));
  if (configuration.state === "invalid") {
    lines.push(
      style.yellow(`the configuration ${harmless(configuration.file ?? "")} is wrong; these are the names that it had`),
    );
  }
  if (rehearsal !== null) {
    const { version, names } = rehearsal;
    const told = `dotvault ${version} would have decided otherwise in the past of ${names.map(harmless).join(", ")}`;
    lines.push(style.yellow(`${told}: dotvault replay journal`));
  }
  return lines;
}

function ago(time: Date, now: Date): string {
  const said = relative(time, now);
  return said === "now" ? "just now" : said;
}

function summary(report: StatusReport, style: Style): string[] {
  const { agent, at, next } = report;
  const told = counted(report);
  const agentTold = agent.running ? [agentWords(agent.since, at)] : [];
  const line = [told.length > 0 ? told.join(", ") : "nothing enrolled", ...agentTold].join(" · ");
  return next === null ? [line] : [line, style.bold(`next: ${next}`)];
}

/** `1 needs you, 1 is being retried, 1 healthy`. */
function counted({ counts, enrolments, troubles, vault }: StatusReport): string[] {
  const retried =
    (vault?.level === "trouble" ? 1 : 0) +
    enrolments.filter(({ level, retries }) => level === "trouble" && retries.length > 0).length +
    troubles.filter(({ level }) => level === "trouble").length;
  const parts: readonly (readonly [count: number, words: string])[] = [
    [counts["person-needed"], counts["person-needed"] === 1 ? "needs you" : "need you"],
    [retried, retried === 1 ? "is being retried" : "are being retried"],
    [counts.trouble - retried, "in trouble"],
    [counts["under-way"], "under way"],
    [counts.healthy, "healthy"],
    [counts.off, "off"],
  ];
  return parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
}

function agentWords(since: Date | null, now: Date): string {
  return since && since.getTime() > 0 ? `agent running since ${clock(since, now)}` : "agent running";
}
