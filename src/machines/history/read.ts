import { DotvaultError } from "../../errors.ts";
import { HISTORY_SCHEMA, type History, type HistoryRow, type HistoryStanding } from "./history.ts";
import { isKind, KINDS } from "./streams.ts";

export const REPORT_KIND = "dotvault-report";
export const REPORT_SCHEMA = 2;

type Hashed = { readonly hash: string };
type Chained = History<HistoryRow & Hashed, HistoryStanding & Hashed>;

/**
 * Reads an exported history, of this schema or of an older one.
 *
 * Throws `history.not-one`, `history.newer`, `history.gap` (an event is missing), `history.no-beginning` (compaction took it),
 * and whatever `verifyChain` throws.
 *
 * @param verifyChain the journal's check of the rows' hashes: machines know no hash
 */
export function readHistory(json: unknown, verifyChain: (rows: readonly Hashed[]) => void): History {
  const history = asHistory(json);
  const { start, events, end, stream } = history;
  verifyChain([start, ...events, end].filter((row) => row !== null));
  const { version } = KINDS[stream];
  if ([start, ...events].some((row) => row !== null && row.machineVersion > version)) throw newer();
  const before = start?.version ?? 0;
  for (const [index, row] of events.entries()) {
    if (index === 0 && start === null && row.version > 1) throw noBeginning(row.version);
    if (row.version !== before + index + 1) {
      throw new DotvaultError("history.gap", `event ${before + index + 1} of the history is missing`);
    }
  }
  return history;
}

/**
 * All histories of a document: an export's own and those beside it, or a bug report's. Nothing of them is looked at yet.
 * Throws `history.newer`.
 */
export function historiesIn(document: unknown): unknown[] {
  const { kind, schemaVersion, histories, beside } = (document ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === REPORT_KIND && Number(schemaVersion) > REPORT_SCHEMA) throw newer();
  if (kind === REPORT_KIND) return Array.isArray(histories) ? histories : [];
  return [document, ...(Array.isArray(beside) ? beside : [])];
}

/** Whether a document is a history whose beginning is missing, without anything that takes its place. */
export function isShortened(json: unknown): boolean {
  const { start = null, events } = (json ?? {}) as Partial<History>;
  return start === null && (events?.[0]?.version ?? 1) > 1;
}

function noBeginning(version: number): DotvaultError {
  return new DotvaultError(
    "history.no-beginning",
    `the history begins with event ${version}: compaction took what was before`,
    { hint: "a replay needs its beginning, or a snapshot to start from: export it with a newer dotvault" },
  );
}

function asHistory(json: unknown): Chained {
  const { kind, schemaVersion, ...rest } = (typeof json === "object" && json !== null ? json : {}) as Partial<History>;
  if (kind !== "dotvault-history") throw notOne();
  if ((schemaVersion as number) > HISTORY_SCHEMA) throw newer();
  const history = { schemaVersion, kind, ...((schemaVersion as number) === 1 ? ofFirstSchema(rest) : rest) };
  const { stream, name, events, start = null, end = null } = history as Partial<History>;
  const isWhole = Array.isArray(events) && events.every(isRow) && isStanding(start) && isStanding(end);
  if (!isKind(stream) || typeof name !== "string" || !isWhole) throw notOne();
  return { ...history, start, end } as unknown as Chained;
}

/** It knew enrolments alone, and told them whole. */
function ofFirstSchema(rest: object) {
  const { enrolment = "", ...others } = rest as { readonly enrolment?: unknown };
  return { ...others, stream: "enrolment", name: String(enrolment), start: null, end: null };
}

function notOne(): DotvaultError {
  return new DotvaultError("history.not-one", "this is no exported history", {
    hint: "make one with: dotvault export NAME > history.json",
  });
}

function newer(): DotvaultError {
  return new DotvaultError("history.newer", "the history was written by a newer dotvault", {
    hint: "replay it with that one",
  });
}

function isRow(row: unknown): boolean {
  const { version, machineVersion, event, intents, wakes, closes } = (row ?? {}) as Partial<HistoryRow>;
  const closed = closes === null || typeof closes?.kind === "string";
  return (
    typeof version === "number" &&
    typeof machineVersion === "number" &&
    typeof event?.type === "string" &&
    typeof event.at === "number" &&
    Array.isArray(intents) &&
    Array.isArray(wakes) &&
    closed
  );
}

function isStanding(standing: unknown): boolean {
  if (standing === null) return true;
  const { version, machineVersion, snapshot, open, wakes } = (standing ?? {}) as Partial<HistoryStanding>;
  return (
    typeof version === "number" &&
    typeof machineVersion === "number" &&
    typeof snapshot === "object" &&
    snapshot !== null &&
    Array.isArray(open) &&
    open.every((intent: unknown) => typeof (intent as Partial<HistoryStanding["open"][0]> | null)?.kind === "string") &&
    Array.isArray(wakes)
  );
}
