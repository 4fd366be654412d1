import { DotvaultError } from "../errors.ts";
import { initialSnapshot, type Snapshot } from "./enrolment/decide.ts";
import type { EnrolmentEvent } from "./enrolment/events.ts";
import { MACHINE_VERSION } from "./enrolment/machine.ts";
import { step } from "./enrolment/step.ts";
import { HISTORY_SCHEMA, type History, type HistoryRow } from "./history/history.ts";
import type { AnySnapshot } from "./stream/decide.ts";
import { after, type Standing, type Step } from "./stream/step.ts";
import { initialSession, type SessionSnapshot, step as stepSession } from "./vault-session/decide.ts";
import type { SessionEvent } from "./vault-session/events.ts";

export interface Difference {
  /** Of the row, from 0. */
  readonly index: number;
  readonly event: string;
  readonly field: "state" | "intents" | "wakes";
  readonly recorded: unknown;
  readonly now: unknown;
}

export interface Replayed {
  /** Events that came out as they did then. */
  readonly steps: number;
  readonly firstDifference?: Difference;
}

/**
 * Feeds a recorded history to today's machine and compares what it decides with what was decided then. Pure.
 *
 * Throws `history.damaged` when an event can't even be decided on.
 */
export function replayHistory(history: History): Replayed {
  const retake: Retake<Snapshot> = (standing, event, closes) => step(standing, event as EnrolmentEvent, closes);
  return replayRows(initialSnapshot(), retake, history.events);
}

/** The same for the session with Vault, as it lies in a journal. */
export function replaySession(rows: readonly Row[]): Replayed {
  const retake: Retake<SessionSnapshot> = (standing, event, closes) =>
    stepSession(standing, event as SessionEvent, closes);
  return replayRows(initialSession(), retake, rows);
}

/** What is compared: an event, and what was decided on it. */
export type Row = Pick<HistoryRow, "event" | "state" | "closes" | "wakes"> & {
  readonly intents: readonly { readonly kind: string; readonly subject: string; readonly params: unknown }[];
};
type Retake<S extends AnySnapshot> = (standing: Standing<S>, event: unknown, closes: string | undefined) => Step<S>;

function replayRows<S extends AnySnapshot>(snapshot: S, retake: Retake<S>, rows: readonly Row[]): Replayed {
  let standing: Standing<S> = { stream: "", version: 0, snapshot, open: [], wakes: [] };
  for (const [index, row] of rows.entries()) {
    const closes = idOf(standing, row);
    const taken = retaken(() => retake(standing, row.event, closes), row, index);
    const difference = compare(row, taken);
    if (difference) return { steps: index, firstDifference: { index, event: row.event.type, ...difference } };
    standing = after(standing, taken, closes);
  }
  return { steps: rows.length };
}

function retaken<S extends AnySnapshot>(retake: () => Step<S>, row: Row, index: number): Step<S> {
  try {
    return retake();
  } catch (cause) {
    throw new DotvaultError("history.damaged", `event ${index + 1} (${row.event.type}) can't be decided on`, { cause });
  }
}

/** The open intent that the recorded outcome belongs to; ids are made anew, kind and subject are not. */
function idOf({ open }: Standing, { closes }: Row): string | undefined {
  if (closes === null) return undefined;
  return open.find(({ kind, subject }) => kind === closes.kind && subject === closes.subject)?.id ?? "not open";
}

function compare(row: Row, taken: Step): Omit<Difference, "index" | "event"> | null {
  const now = {
    state: taken.snapshot.value,
    intents: taken.begins.map(({ kind, subject, params }) => ({ kind, subject, params })),
    wakes: taken.sets,
  };
  const field = (["state", "intents", "wakes"] as const).find((name) => sorted(row[name]) !== sorted(now[name]));
  return field === undefined ? null : { field, recorded: row[field], now: now[field] };
}

/** One spelling per value, whatever the order of its members. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * Reads an exported history.
 *
 * Throws `history.not-one`, `history.newer`, `history.gap` (an event is missing), `history.no-beginning` (compaction took it),
 * and whatever `verifyChain` throws.
 *
 * @param verifyChain the journal's check of the rows' hashes: machines know no hash
 */
export function readHistory(
  json: unknown,
  verifyChain: (rows: readonly (HistoryRow & { hash: string })[]) => void,
): History {
  const history = asHistory(json);
  verifyChain(history.events);
  for (const [index, { version, machineVersion }] of history.events.entries()) {
    if (machineVersion > MACHINE_VERSION) throw newer();
    if (index === 0 && version > 1) {
      throw new DotvaultError(
        "history.no-beginning",
        `the history begins with event ${version}: compaction took what was before`,
        {
          hint: "a replay needs the whole of it: export sooner, or raise the journal's retention",
        },
      );
    }
    if (version !== index + 1) throw new DotvaultError("history.gap", `event ${index + 1} of the history is missing`);
  }
  return history;
}

function asHistory(json: unknown): History<HistoryRow & { hash: string }> {
  const { kind, schemaVersion, events } = (typeof json === "object" && json !== null ? json : {}) as Partial<History>;
  if (kind !== "dotvault-history" || !Array.isArray(events) || !events.every(isRow)) {
    throw new DotvaultError("history.not-one", "this is no exported history", {
      hint: "make one with: dotvault export NAME > history.json",
    });
  }
  if (schemaVersion !== HISTORY_SCHEMA) throw newer();
  return json as History<HistoryRow & { hash: string }>;
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
