import type { Log } from "../../agent/ports.ts";
import { DotvaultError } from "../../errors.ts";
import { harmless } from "../../terminal/style.ts";
import { type Io, type Parsed, textFlag } from "../cli/io.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** The agent's log on stderr: JSON lines for machines, plain lines for a person. Throws `usage.log-level`, `usage.log-format`. */
export async function createLog(parsed: Parsed, io: Io): Promise<Log> {
  const level = oneOf("log-level", LEVELS, textFlag(parsed, "log-level") ?? "info");
  const format = oneOf("log-format", ["auto", "text", "json"], textFlag(parsed, "log-format") ?? "auto");
  const asText = format === "text" || (format === "auto" && io.err.isTerminal);
  const { default: pino } = await import("pino");
  const write = (line: string) => io.err.write(asText ? textLine(line) : line);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, { write });
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

/** `14:02:11 warn  enrolment/jfrog: Vault answered 503 (intent=store class=store.unavailable)` */
function textLine(line: string): string {
  const { level, time, msg, stream, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
  const about = typeof stream === "string" ? `${stream}: ` : "";
  const tail = fields.length > 0 ? ` (${fields.join(" ")})` : "";
  return `${harmless(`${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${about}${String(msg)}${tail}`)}\n`;
}

function oneOf<T extends string>(flag: string, known: readonly T[], given: string): T {
  const match = known.find((name) => name === given);
  if (match !== undefined) return match;
  throw new DotvaultError(`usage.${flag}`, `--${flag} takes ${known.join(", ")}`, { hint: `not "${given}"` });
}

/** For verbs that are the agent only for a moment: what matters is shown otherwise. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
