import { existsSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { parseDuration } from "../config/durations.ts";
import { type Paths, paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import type { JournalReport } from "../journal/check/report.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";

/** `journal check`, `journal compact` and `journal rekey`. */
export const journal: Command = withJsonErrors(async (parsed, io) => {
  const [what] = parsed.positionals;
  if (what === "check") return checkIt(parsed, io);
  if (what === "compact") return compactIt(parsed, io);
  if (what === "rekey") return rekeyIt(parsed, io);
  throw new DotvaultError("usage.journal", `journal: there is no "${what}"`, {
    hint: "journal check, journal compact, or journal rekey",
  });
});

/** Everything is sealed with a new key, which lies where the configuration wants it. */
async function rekeyIt(parsed: Parsed, io: Io): Promise<number> {
  refuseAge(parsed, "rekey");
  const where = paths(io.env, io.platform, io.home);
  const place = (await configured(parsed, io))?.journal.key ?? "auto";
  const [{ acquireLock }, { rekey }, { keyringId }] = await Promise.all([
    import("../journal/lock.ts"),
    import("./journal/rekey.ts"),
    import("../seal/key-file.ts"),
  ]);
  if (!existsSync(where.key)) throw missingJournal(where);
  const lock = acquireLock({ directory: where.stateDir, command: "dotvault journal rekey", clock: io.now });
  if ("heldBy" in lock) throw agentRuns(lock.heldBy.pid, "stop the agent first; it goes on with the new key");
  try {
    const { from, to } = await rekey(where, io, place);
    const now = keyringId(where.key) === undefined ? where.key : "the keyring";
    if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, from: from.id, to: to.id, place: now });
    else io.out.write((await import("../terminal/journal.ts")).rekeyText(from.id, to.id, now));
    return EXIT.healthy;
  } finally {
    lock.release();
  }
}

/** What is damaged, and what can be read. With the key the chain is followed, too. */
async function checkIt(parsed: Parsed, io: Io): Promise<number> {
  refuseAge(parsed, "check");
  const [{ checkJournal }, { checkText, noJournal }, { storedKey }, { styleFor }] = await Promise.all([
    import("../journal/check/check.ts"),
    import("../terminal/journal.ts"),
    import("./assembly/keys.ts"),
    import("../terminal/style.ts"),
  ]);
  const where = paths(io.env, io.platform, io.home);
  const report = checkJournal(where.stateDir, storedKey(where));
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, journal: report ? explicit(report) : null });
  else io.out.write(report ? checkText(report, styleFor(io.out, io.env)) : noJournal(where.journal));
  return report && !report.ok ? EXIT.error : EXIT.healthy;
}

function refuseAge(parsed: Parsed, what: string): void {
  if (parsed.flags["older-than"] === undefined) return;
  throw new DotvaultError("usage.arguments", `journal ${what}: --older-than is for compact`);
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
  if ("heldBy" in lock) throw agentRuns(lock.heldBy.pid, COMPACTS_ITSELF);
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
  const [{ openKey }, { openJournal }, { readVersion }, { keepLineage }] = await Promise.all([
    import("./assembly/keys.ts"),
    import("../journal/journal.ts"),
    import("./version.ts"),
    import("../agent/keep-lineage.ts"),
  ]);
  const opened = openJournal({
    directory: where.stateDir,
    key: await openKey(where, io, "auto"),
    clock: io.now,
    appVersion: readVersion(),
  });
  try {
    keepLineage(opened, before);
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
  return (await configured(parsed, io))?.journal.retentionMs ?? DEFAULT_AGE;
}

/** Undefined: there is none, or it is wrong. */
async function configured(parsed: Parsed, io: Io): Promise<Config | undefined> {
  const { readConfig } = await import("./assembly/config.ts");
  try {
    return readConfig(parsed, io).config;
  } catch (error) {
    if (error instanceof DotvaultError && error.code === "config.not-found") return undefined;
    throw error;
  }
}

function missingJournal(where: Paths): DotvaultError {
  return new DotvaultError("journal.missing", `there is no journal at ${where.journal} yet`, {
    hint: "dotvault enrol begins one",
  });
}

function agentRuns(pid: number, hint: string): DotvaultError {
  return new DotvaultError("agent.running", `an agent has the journal (pid ${pid})`, { hint });
}

const COMPACTS_ITSELF =
  "it drops old history by itself, as journal.retention in the configuration says; to do it now, stop it first";
