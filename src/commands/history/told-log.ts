import type { Json, JsonObject, NewIntent, Recorded } from "../../journal/port.ts";
import type { History, HistoryIntent, HistoryRow } from "../../machines/history/history.ts";
import { KINDS } from "../../machines/history/streams.ts";
import { LogWriter } from "../../terminal/log/text.ts";
import type { Style } from "../../terminal/style.ts";
import { EntryReader } from "./entries.ts";

/** What a report or an export tells, as `dotvault log` would: all its histories, in the order of the journal. */
export function toldLog(histories: readonly History[], layout: { style: Style; columns: number }): string {
  const rows = histories.flatMap((history) => history.events.map((row) => recordedOf(history, row)));
  const names = histories.length > 1 ? Math.max(...histories.map(({ name }) => name.length)) : 0;
  const writer = new LogWriter({ ...layout, names });
  const entries = new EntryReader();
  return rows
    .toSorted((one, other) => one.seq - other.seq)
    .map((row) => writer.lines(entries.read(row)))
    .join("");
}

/** As the journal had it; an intent's id is made of what it is about. */
function recordedOf({ stream: kind, name }: History, row: HistoryRow): Recorded {
  const { seq, version, machineVersion, event, state, closes, intents, wakes } = row;
  const stream = `${KINDS[kind].prefix}${name}`;
  const idOf = (intent: { readonly kind: string; readonly subject: string }) =>
    `${stream} ${intent.kind} ${intent.subject}`;
  const begun = (intent: HistoryIntent): NewIntent => {
    const params = intent.params as JsonObject;
    const after = typeof params.after === "number" ? params.after : 0;
    const { kind: what, subject } = intent;
    return { id: idOf(intent), kind: what, subject, params, once: false, dueAt: event.at + after };
  };
  return {
    ...{ seq, stream, version, machineVersion, event: worded(event), wakes, cancelWakes: [] },
    state: state as Json,
    intents: intents.map(begun),
    closes: closes && idOf(closes),
  };
}

/** Of a failure its class is told: its words have stayed where it happened. */
function worded(event: HistoryRow["event"]): Recorded["event"] {
  const { class: failed = event.code } = event;
  return {
    ...event,
    ...(typeof failed === "string" && "message" in event ? { message: failed } : {}),
  } as Recorded["event"];
}
