import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expandHome, paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { verifyChain } from "../journal/plain-chain.ts";
import { openReader } from "../journal/reader.ts";
import { Aliases } from "../machines/history/aliases.ts";
import { exportHistory, type History } from "../machines/history/history.ts";
import { historiesIn, isShortened, readHistory } from "../machines/history/read.ts";
import { replayHistory } from "../machines/replay/replay.ts";
import { type ReplayReport, replayText } from "../terminal/replay.ts";
import { styleFor } from "../terminal/style.ts";
import { count } from "../terminal/times.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { recordedHistory, toldStreams } from "./history/recorded.ts";
import { readVersion } from "./version.ts";

/** Feeds recorded histories, or all of the own journal, to today's machines and says where they part. */
export const replay: Command = withJsonErrors(async (parsed, io) => {
  const [source = ""] = parsed.positionals;
  const histories = source === "journal" ? ofJournal(io) : ofFile(source, io);
  if (histories.length > 1 && source !== "journal") io.err.write(AS_TEST);
  if (parsed.flags.log === true) await showLog(histories, parsed.flags.json === true ? io.err : io.out, io);
  const reports = histories.map((history) => (isShortened(history) ? skipped(history) : reportOn(history)));
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, histories: reports });
  else io.out.write(replayText(reports, styleFor(io.out, io.env)));
  return reports.some(({ difference }) => difference !== null) ? EXIT.error : EXIT.healthy;
});

const AS_TEST = "a test is made of it by test/replay/take.ts (CONTRIBUTING.md)\n";

async function showLog(histories: readonly History[], to: Io["out"], { env }: Io): Promise<void> {
  const { toldLog } = await import("./history/told-log.ts");
  const columns = to.isTerminal ? to.columns : Number.POSITIVE_INFINITY;
  try {
    to.write(toldLog(histories, { style: styleFor(to, env), columns }));
  } catch (cause) {
    throw new DotvaultError("history.damaged", "the events of this history can't be told", { cause });
  }
}

/** All histories of an export or a bug report. One with a missing or altered event is refused. */
function ofFile(source: string, io: Io): History[] {
  const file = resolve(io.cwd, expandHome(source, io.home));
  const told = historiesIn(parseJson(readText(file), file));
  return told.map((each) => (told.length === 1 ? readHistory(each, verifyChain) : oneOfMany(each)));
}

/** One without a beginning does not hinder the others. */
function oneOfMany(told: unknown): History {
  try {
    return readHistory(told, verifyChain);
  } catch (error) {
    if (error instanceof DotvaultError && error.code === "history.no-beginning") return told as History;
    throw error;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new DotvaultError("history.unreadable", `${file} can't be read (${code})`, {
      hint: "name a file, or say: dotvault replay journal",
      cause,
    });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DotvaultError("history.not-one", `${file} is no JSON`, {
      hint: "make one with: dotvault export NAME > history.json",
    });
  }
}

function reportOn(history: History): ReplayReport {
  const { steps, firstDifference } = replayHistory(history);
  const report = { ...about(history), same: steps, skipped: null };
  if (!firstDifference) return { ...report, difference: null };
  const { index, event: type, field, recorded, now } = firstDifference;
  return { ...report, difference: { event: report.from + index, type, field, recorded, now } };
}

function about({ stream, name, start, events }: History) {
  return { enrolment: name, stream, events: events.length, from: (start?.version ?? 0) + 1 };
}

/** Names stay as they are: nothing leaves the machine. */
function ofJournal(io: Io): History[] {
  const where = paths(io.env, io.platform, io.home);
  const reader = openReader({ directory: where.stateDir });
  if (!reader) throw new DotvaultError("journal.missing", `there is no journal at ${where.journal} yet`);
  try {
    const recorded = toldStreams(reader).flatMap((stream) => recordedHistory(reader, stream) ?? []);
    const aliases = new Aliases();
    return recorded.map(({ rows, ...rest }) => exportHistory(rows, { version: readVersion(), ...rest }, aliases));
  } finally {
    reader.close();
  }
}

/** What compaction has shortened has no beginning to start from. */
function skipped(history: History): ReplayReport {
  const before = (history.events[0]?.version ?? 1) - 1;
  return {
    ...about(history),
    same: 0,
    skipped: `its first ${count(before, "event")} ${before === 1 ? "was" : "were"} compacted`,
    difference: null,
  };
}
