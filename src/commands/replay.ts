import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expandHome, paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { verifyChain } from "../journal/plain-chain.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { exportHistory, type History } from "../machines/history/history.ts";
import { type Row, readHistory, replayHistory, replaySession } from "../machines/replay.ts";
import { type ReplayReport, replayText } from "../terminal/replay.ts";
import { styleFor } from "../terminal/style.ts";
import { REPORT_KIND } from "./bug-report/document.ts";
import { enrolmentNames, streamOf } from "./history/streams.ts";
import { type Command, EXIT, type Io } from "./io.ts";
import { printJson, withJsonErrors } from "./json.ts";
import { readVersion } from "./version.ts";

/** Feeds a recorded history, or each of the own journal, to today's machine and says where they part. */
export const replay: Command = withJsonErrors(async (parsed, io) => {
  const [source = ""] = parsed.positionals;
  const reports = source === "journal" ? ofJournal(io) : ofFile(source, io);
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, histories: reports });
  else io.out.write(replayText(reports, styleFor(io.out, io.env)));
  return reports.some(({ difference }) => difference !== null) ? EXIT.error : EXIT.healthy;
});

/** One history, or all of a bug report. One with a missing or altered event is refused. */
function ofFile(source: string, io: Io): ReplayReport[] {
  const file = resolve(io.cwd, expandHome(source, io.home));
  const document = parseJson(readText(file), file);
  const { kind, histories } = (document ?? {}) as { readonly kind?: unknown; readonly histories?: unknown };
  if (kind !== REPORT_KIND || !Array.isArray(histories)) return [reportOn(readHistory(document, verifyChain))];
  return histories.map((history: unknown) =>
    beginsAt(history) > 1 ? skipped(history as History) : reportOn(readHistory(history, verifyChain)),
  );
}

function beginsAt(history: unknown): number {
  return (history as Partial<History> | null)?.events?.[0]?.version ?? 1;
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
  const report = { enrolment: history.enrolment, events: history.events.length, same: steps, skipped: null };
  if (!firstDifference) return { ...report, difference: null };
  const { index, event: type, field, recorded, now } = firstDifference;
  return { ...report, difference: { event: index + 1, type, field, recorded, now } };
}

function ofJournal(io: Io): ReplayReport[] {
  const where = paths(io.env, io.platform, io.home);
  const reader = openReader({ directory: where.stateDir });
  if (!reader) throw new DotvaultError("journal.missing", `there is no journal at ${where.journal} yet`);
  try {
    return [
      ...enrolmentNames(reader).map((name) => ofStream(reader, name)),
      ...reader.heads("vault/").map(({ stream }) => ofSession(reader, stream)),
    ];
  } finally {
    reader.close();
  }
}

function ofStream(reader: JournalReader, enrolment: string): ReplayReport {
  const history = exportHistory(reader.events({ stream: streamOf(enrolment) }), { version: readVersion(), enrolment });
  return beginsAt(history) > 1 ? skipped(history) : reportOn(history);
}

/** The session with Vault. */
function ofSession(reader: JournalReader, stream: string): ReplayReport {
  const recorded = [...reader.events({ stream })];
  const asked = new Map(recorded.flatMap(({ intents }) => intents.map((intent) => [intent.id, intent] as const)));
  const report = { enrolment: stream, events: recorded.length, difference: null };
  const first = recorded[0]?.version ?? 1;
  if (first > 1) return { ...report, same: 0, skipped: `its first ${first - 1} events were compacted` };
  const rows = recorded.map((row) => ({
    ...row,
    state: row.state as Row["state"],
    closes: asked.get(row.closes ?? "") ?? null,
    intents: row.intents.map(({ kind, subject, params }) => ({ kind, subject, params })),
  }));
  const { steps: same, firstDifference } = replaySession(rows);
  if (!firstDifference) return { ...report, same, skipped: null };
  const { index, event: type, field, recorded: then, now } = firstDifference;
  return { ...report, same, skipped: null, difference: { event: index + 1, type, field, recorded: then, now } };
}

/** What compaction has shortened has no beginning to start from. */
function skipped(history: History): ReplayReport {
  const { enrolment, events } = history;
  const reason = `its first ${beginsAt(history) - 1} events were compacted`;
  return { enrolment, events: events.length, same: 0, skipped: reason, difference: null };
}
