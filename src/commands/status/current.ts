import { paths } from "../../config/paths.ts";
import { lockHolder } from "../../journal/lock.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { AgentReport, StatusReport } from "../../terminal/status/report.ts";
import { EXIT, type Io, type Parsed } from "../cli/io.ts";
import { statusReport } from "./collect.ts";
import { configuredNames } from "./configured.ts";

/** The report as of now. */
export async function currentStatus(reader: JournalReader | undefined, parsed: Parsed, io: Io): Promise<StatusReport> {
  const where = paths(io.env, io.platform, io.home);
  const configured = await configuredNames(where, reader, parsed, io);
  return statusReport({ reader, configured, agent: agentReport(where.stateDir), where, now: io.now() });
}

export function exitCode({ health }: StatusReport): number {
  if (health === "person-needed") return EXIT.personNeeded;
  return health === "trouble" ? EXIT.error : EXIT.healthy;
}

/** By the lock, which dies with its holder: the note of a killed agent counts for nothing. */
export function agentReport(directory: string): AgentReport {
  const holder = lockHolder({ directory });
  if (!holder) return { running: false, pid: null, since: null, command: null };
  const { pid, since, command } = holder;
  return { running: true, pid: pid || null, since: since ? new Date(since) : null, command };
}
