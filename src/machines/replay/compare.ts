import type { History, HistoryRow } from "../history/history.ts";
import { KINDS } from "../history/streams.ts";

export interface Difference {
  /** Of the row, from 0. */
  readonly index: number;
  readonly event: string;
  /** `snapshot`, `open`: what the stream stands on at the history's end, although every step came out the same. */
  readonly field: "state" | "intents" | "wakes" | "snapshot" | "open";
  readonly recorded: unknown;
  readonly now: unknown;
}

/** What was decided on an event, or is today; a fold asks for nothing. */
export type Decided = { readonly state: unknown; readonly intents?: unknown; readonly wakes?: unknown };

const FIELDS = ["state", "intents", "wakes"] as const;

/** The first part of a decision that is another than then. */
export function compareStep(row: HistoryRow, decided: Decided): Omit<Difference, "index" | "event"> | null {
  const field = FIELDS.find((name) => name in decided && sorted(row[name]) !== sorted(decided[name]));
  return field === undefined ? null : { field, recorded: row[field], now: decided[field] };
}

type Place = { readonly snapshot: unknown; readonly open?: readonly OpenIntent[] };
type OpenIntent = { readonly kind: string; readonly subject: string };

/**
 * What was recorded of the end comes out the same. Asked of today's version alone: an older one's snapshot has another form.
 * Members that were not recorded then say nothing.
 */
export function compareEnd(
  { stream, end, events }: Pick<History, "stream" | "end" | "events">,
  { snapshot, open }: Place,
): Difference | null {
  const last = events.at(-1);
  const isOfToday = events.every(({ machineVersion }) => machineVersion === KINDS[stream].version);
  if (end === null || last === undefined || end.version !== last.version || !isOfToday) return null;
  const place = { index: events.length - 1, event: last.event.type };
  const part = otherPart(end.snapshot, snapshot);
  if (part !== null) return { ...place, field: "snapshot", ...part };
  const [recorded, now] = [named(end.open), named(open ?? end.open)];
  return sorted(recorded) === sorted(now) ? null : { ...place, field: "open", recorded, now };
}

function named(open: readonly OpenIntent[]): string[] {
  return open.map(({ kind, subject }) => `${kind} ${subject}`).toSorted();
}

/** The smallest part of what was recorded that is another now. */
function otherPart(recorded: unknown, now: unknown): Pick<Difference, "recorded" | "now"> | null {
  if (typeof recorded !== "object" || recorded === null || typeof now !== "object" || now === null) {
    return sorted(recorded) === sorted(now) ? null : { recorded, now };
  }
  if (Array.isArray(recorded) && recorded.length !== (now as unknown[]).length) return { recorded, now };
  for (const [name, value] of Object.entries(recorded)) {
    const part = otherPart(value, (now as Record<string, unknown>)[name]);
    if (part)
      return Array.isArray(recorded) ? part : { recorded: { [name]: part.recorded }, now: { [name]: part.now } };
  }
  return null;
}

/** One spelling per value, whatever the order of its members. */
function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
