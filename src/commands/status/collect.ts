import { existsSync } from "node:fs";
import type { AgentSnapshot } from "../../agent/agent-stream.ts";
import type { Paths } from "../../config/paths.ts";
import type { JournalReader, OpenIntent, StreamHead, Wake } from "../../journal/port.ts";
import type { Context } from "../../machines/enrolment/context.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../machines/rule/rule.ts";
import { personMends, type StoreTrouble } from "../../machines/store-trouble.ts";
import { ENROLMENT, nameOf, RULE } from "../../machines/stream/names.ts";
import {
  type AgentReport,
  type EnrolmentReport,
  type FileReport,
  LEVELS,
  type Level,
  type StatusReport,
  type TroubleReport,
  type VaultReport,
} from "../../terminal/status/report.ts";
import { dateOf } from "../../terminal/times.ts";
import { recordedCircles } from "./circle.ts";
import type { Configured } from "./configured.ts";
import { type Recorded, reportEnrolment } from "./enrolment.ts";
import { serverInUse, vaultReport } from "./session.ts";

/** What a report is made from. */
export interface Sources {
  readonly reader: JournalReader | undefined;
  readonly configured: Configured;
  readonly agent: AgentReport;
  readonly where: Paths;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How things stand: from the journal, the names in the configuration, and whether an agent runs. */
export function statusReport(sources: Sources): StatusReport {
  const { reader, configured, agent, now } = sources;
  const heads = reader?.heads() ?? [];
  const vault = vaultReport(reader, heads, serverInUse(configured.vault, agent.running), now);
  const troubles = troublesOf(sources, vault);
  const files = filesOf(sources, heads);
  const enrolments = worstFirst(enrolmentsOf(sources, heads));
  const beside = [...files, ...(vault === null ? [] : [vault])].filter(({ level }) => level !== "healthy");
  const levels = [...troubles, ...enrolments, ...beside].map(({ level }) => level);
  return {
    schemaVersion: 1,
    at: new Date(now),
    health: healthOf(levels),
    agent,
    configuration: { file: configured.file, state: configured.state, problems: configured.problems },
    asOf: asOf(reader, heads),
    rehearsal: rehearsalOf(heads),
    troubles,
    vault,
    enrolments,
    files,
    counts: countsOf(levels),
    next: nextCommand({ vault, enrolments, files, agent, configured }),
  };
}

function enrolmentsOf({ reader, configured, agent, now }: Sources, heads: readonly StreamHead[]): EnrolmentReport[] {
  const recorded = recordedEnrolments(reader, heads);
  const report = (name: string, paused: boolean) => {
    const known = configured.enrolments.find((enrolment) => enrolment.name === name);
    const engine = known?.engine ?? engineOf(recorded.get(name));
    const files = configured.rules.filter(({ secret }) => secret === name).map((rule) => rule.name);
    return reportEnrolment(
      { name, engine, label: known?.label ?? engine ?? name },
      recorded.get(name) ?? { head: undefined, intents: [], wakes: [] },
      { now, agentRuns: agent.running, files, paused },
    );
  };
  const named = configured.enrolments.map(({ name }) => name);
  const others = [...recorded.keys()].filter((name) => !named.includes(name));
  // Without a configuration nothing can have been taken out of it.
  const left = configured.state === "current";
  const all = [...named.map((name) => report(name, false)), ...others.map((name) => report(name, left))];
  return all.filter(({ situation, storedVersion, cleanups }) => {
    return situation !== "paused" || storedVersion !== null || cleanups.length > 0;
  });
}

function engineOf(recorded: Recorded | undefined): string | null {
  const snapshot = recorded?.head?.snapshot as { context?: Context } | undefined;
  return snapshot?.context?.settings?.engine ?? null;
}

/** By name. As many queries for one enrolment as for many. */
function recordedEnrolments(reader: JournalReader | undefined, heads: readonly StreamHead[]): Map<string, Recorded> {
  const intents = Map.groupBy(reader?.openIntents() ?? [], ({ stream }: OpenIntent) => stream);
  const wakes = Map.groupBy(reader?.wakes() ?? [], ({ stream }: Wake) => stream);
  const enrolments = heads.filter(({ stream }) => stream.startsWith(ENROLMENT));
  const circles = recordedCircles(heads);
  return new Map(
    enrolments.map((head) => [
      nameOf(head.stream),
      {
        head,
        intents: intents.get(head.stream) ?? [],
        wakes: wakes.get(head.stream) ?? [],
        circle: circles.get(nameOf(head.stream)),
      },
    ]),
  );
}

/** The configured rules, with what the journal says of them; of one that left the configuration nothing is said. */
function filesOf({ configured }: Sources, heads: readonly StreamHead[]): FileReport[] {
  const snapshots = new Map(heads.map(({ stream, snapshot }) => [stream, snapshot]));
  return configured.rules.map(({ name, secret, path }) => {
    const snapshot = snapshots.get(RULE + name) as { path?: string } | undefined;
    const { value, writtenAt, failure, missingSince, edited, answer, post } = ruleSnapshot(snapshot);
    return {
      name,
      secret,
      path: snapshot?.path ?? path,
      state: value,
      level: fileLevel({ value, failure, post }),
      writtenAt: dateOf(writtenAt),
      failure: failure && { ...failure, since: new Date(failure.since) },
      missingSince: dateOf(missingSince),
      edited: edited && { ...edited, at: new Date(edited.at) },
      answer: answer && { ...answer, at: new Date(answer.at) },
      post: post && { ...post, at: new Date(post.at) },
    };
  });
}

function fileLevel({ value, failure, post }: Pick<RuleSnapshot, "value" | "failure" | "post">): Level {
  if (failure !== null) return "person-needed";
  if (value === "stopped") return "off";
  return value === "missing" || post?.state === "failed" ? "trouble" : "healthy";
}

function troublesOf({ reader, where }: Sources, vault: VaultReport | null): TroubleReport[] {
  const store = storeTrouble(reader).filter((trouble) => !isTheSessions(trouble, vault));
  return [...keyTrouble(reader, where), ...store];
}

/** Told with the session, where it belongs. */
function isTheSessions({ class: name }: TroubleReport, vault: VaultReport | null): boolean {
  if (vault === null || vault.source !== null) return false;
  return name === "store.token" || name === "store.no-token" || vault.retries.some((retry) => retry.class === name);
}

/** A journal without its key: nothing sealed can be opened, and no agent starts. */
function keyTrouble(reader: JournalReader | undefined, where: Paths): TroubleReport[] {
  if (!reader || existsSync(where.key)) return [];
  const sealed = reader.sealedRefs().length;
  const store = existsSync(where.store) ? ", and so is the embedded store" : "";
  return [
    {
      about: "key",
      level: "person-needed",
      class: "key.missing",
      message: `${where.key} is gone; ${sealed === 1 ? "1 secret is" : `${sealed} secrets are`} sealed with it${store}`,
      hint: "restore it from a backup, or move the journal away and enrol anew",
      since: null,
    },
  ];
}

function storeTrouble(reader: JournalReader | undefined): TroubleReport[] {
  const noted = reader?.fact("storeTrouble") as StoreTrouble | null | undefined;
  if (!noted) return [];
  const { at, hint, message } = noted;
  const level = personMends(noted.class) ? "person-needed" : "trouble";
  return [{ about: "store", level, class: noted.class, message, hint, since: new Date(at) }];
}

/** The newest thing that the journal says: an event, or the agent's last round. */
function asOf(reader: JournalReader | undefined, heads: readonly StreamHead[]): Date | null {
  const times = heads.map(({ at }) => at);
  const round = reader?.fact("syncs");
  const newest = Math.max(...times, typeof round === "number" ? round : 0, 0);
  return newest === 0 ? null : new Date(newest);
}

function worstFirst(enrolments: readonly EnrolmentReport[]): EnrolmentReport[] {
  const rank = ({ level }: EnrolmentReport) => LEVELS.indexOf(level);
  return enrolments.toSorted((a, b) => rank(a) - rank(b));
}

function countsOf(levels: readonly Level[]): Record<Level, number> {
  const count = (level: Level) => levels.filter((candidate) => candidate === level).length;
  return Object.fromEntries(LEVELS.map((level) => [level, count(level)])) as Record<Level, number>;
}

function healthOf(levels: readonly Level[]): StatusReport["health"] {
  if (levels.includes("person-needed")) return "person-needed";
  return levels.includes("trouble") ? "trouble" : "healthy";
}

interface Known {
  readonly vault: VaultReport | null;
  readonly enrolments: readonly EnrolmentReport[];
  readonly files: readonly FileReport[];
  readonly agent: AgentReport;
  readonly configured: Configured;
}

function nextCommand({ vault, enrolments, files, agent, configured }: Known): string | null {
  if (configured.state === "missing" && enrolments.length === 0) return "dotvault init";
  if (configured.state === "invalid") return "dotvault check";
  if (vault !== null && vault.run !== null) return vault.run;
  const run = enrolments.find((enrolment) => enrolment.run !== null)?.run;
  if (run) return run;
  if (files.some(({ failure }) => failure !== null)) return "dotvault sync";
  return agent.running || enrolments.length === 0 ? null : "dotvault run";
}

/** What an update found in this history, where it found anything. */
function rehearsalOf(heads: readonly StreamHead[]): StatusReport["rehearsal"] {
  const agent = heads.find(({ stream }) => stream === "agent")?.snapshot as Partial<AgentSnapshot> | undefined;
  const rehearsed = agent?.rehearsed;
  if (!rehearsed || rehearsed.parts.length === 0) return null;
  const { version, events, same, parts } = rehearsed;
  return { version, events, same, names: parts.map(({ name }) => name) };
}
