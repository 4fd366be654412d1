import { existsSync } from "node:fs";
import { parseDuration } from "../config/durations.ts";
import { type Paths, paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import type { JournalReport } from "../journal/check/report.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "./io.ts";
import { printJson, withJsonErrors } from "./json.ts";

/** `journal check` and `journal compact`. */
export const journal: Command = withJsonErrors(async (parsed, io) => {
  const [what] = parsed.positionals;
  if (what === "check") return checkIt(parsed, io);
  if (what === "compact") return compactIt(parsed, io);
  throw new DotvaultError("usage.journal", `journal: there is no "${what}"`, {
    hint: "journal check, or journal compact",
  });
});

/** What is damaged, and what can be read. With the key the chain is followed, too. */
async function checkIt(parsed: Parsed, io: Io): Promise<number> {
  if (parsed.flags["older-than"] !== undefined) {
    throw new DotvaultError("usage.arguments", "journal check: --older-than is for compact");
  }
  const [{ checkJournal }, { checkText, noJournal }, { loadKey }, { styleFor }] = await Promise.all([
    import("../journal/check/check.ts"),
    import("../terminal/journal.ts"),
    import("../seal/key-file.ts"),
    import("../terminal/style.ts"),
  ]);
  const where = paths(io.env, io.platform, io.home);
  const report = checkJournal(where.stateDir, loadKey(where.key));
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, journal: report ? explicit(report) : null });
  else io.out.write(report ? checkText(report, styleFor(io.out, io.env)) : noJournal(where.journal));
  return report && !report.ok ? EXIT.error : EXIT.healthy;
}

/** Every member is there, whatever is known. */
function explicit(report: JournalReport) {
  return { ...report, problems: report.problems.map(({ code, what, seq }) => ({ code, what, seq: seq ?? null })) };
}

/** Drops old history. It takes the lock itself: an agent that runs compacts by itself. */
async function compactIt(parsed: Parsed, io: Io): Promise<number> {
  const where = paths(io.env, io.platform, io.home);
  const age = await keptAge(parsed, io);
  if (!existsSync(where.journal)) throw missingJournal(where);
  const { acquireLock } = await import("../journal/lock.ts");
  const lock = acquireLock({ directory: where.stateDir, command: "dotvault journal compact", clock: io.now });
  if ("heldBy" in lock) throw agentRuns(lock.heldBy.pid);
  try {
    const { removed, kept } = await compacted(where, io.now() - age, io);
    if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, removed, kept });
    else io.out.write((await import("../terminal/journal.ts")).compactText(removed, kept, age));
    return EXIT.healthy;
  } finally {
    lock.release();
  }
}

async function compacted(where: Paths, before: number, io: Io) {
  const [{ openKey }, { openJournal }, { readVersion }] = await Promise.all([
    import("./keys.ts"),
    import("../journal/journal.ts"),
    import("./version.ts"),
  ]);
  const opened = openJournal({
    directory: where.stateDir,
    key: openKey(where),
    clock: io.now,
    appVersion: readVersion(),
  });
  try {
    const result = opened.compact(before);
    opened.tidy();
    return result;
  } finally {
    opened.close();
  }
}

const DEFAULT_AGE = 180 * 24 * 3_600_000;

/** As told, else as configured, else half a year; milliseconds. Throws `usage.older-than`. */
async function keptAge(parsed: Parsed, io: Io): Promise<number> {
  const text = textFlag(parsed, "older-than");
  if (text === undefined) return configuredAge(parsed, io);
  const duration = parseDuration(text);
  if (duration.ok && duration.value >= 0) return duration.value;
  throw new DotvaultError("usage.older-than", `--older-than: "${text}" is no age`, { hint: "say 30d or 12h" });
}

async function configuredAge(parsed: Parsed, io: Io): Promise<number> {
  const { readConfig } = await import("./config.ts");
  try {
    return readConfig(parsed, io).config?.journal.retentionMs ?? DEFAULT_AGE;
  } catch (error) {
    if (error instanceof DotvaultError && error.code === "config.not-found") return DEFAULT_AGE;
    throw error;
  }
}

function missingJournal(where: Paths): DotvaultError {
  return new DotvaultError("journal.missing", `there is no journal at ${where.journal} yet`, {
    hint: "dotvault enrol begins one",
  });
}

function agentRuns(pid: number): DotvaultError {
  return new DotvaultError("agent.running", `an agent has the journal (pid ${pid}), and drops old history by itself`, {
    hint: "to do it now, stop the agent first; journal.retention in the configuration says how much is kept",
  });
}
