import { DotvaultError } from "../../errors.ts";
import type { StateValue } from "../enrolment/decide.ts";
import type { EventType } from "../enrolment/events.ts";
import type { IntentKind } from "../enrolment/intents.ts";
import { enrolmentMachine, MACHINE_VERSION } from "../enrolment/machine.ts";
import { Aliases } from "./aliases.ts";
import { EVENTS, INTENTS } from "./allowed.ts";
import { type Json, list, number, oneOf, record, type Shape } from "./shapes.ts";

/** An event as the journal gives it (journal's `Recorded`). */
export interface RecordedEvent {
  readonly seq: number;
  readonly version: number;
  readonly machineVersion: number;
  readonly event: { readonly type: string; readonly at: number };
  readonly state: unknown;
  readonly intents: readonly {
    readonly id: string;
    readonly kind: string;
    readonly subject: string;
    readonly params: object;
  }[];
  /** Id of the intent that the event is the outcome of. */
  readonly closes: string | null;
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
}

export type HistoryIntent = { readonly kind: string; readonly subject: string; readonly params: Json };

/** A row of the document; `chainEvents` (journal) adds the hash that binds it to all rows before it. */
export type HistoryRow = {
  readonly seq: number;
  readonly version: number;
  readonly machineVersion: number;
  readonly event: { readonly type: string; readonly at: number; readonly [member: string]: Json };
  readonly state: StateValue;
  readonly closes: { readonly kind: string; readonly subject: string } | null;
  readonly intents: readonly HistoryIntent[];
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
};

/** `dotvault export`: everything that one enrolment went through, without anything that opens a door or names a person. */
export interface History<Row extends HistoryRow = HistoryRow> {
  readonly schemaVersion: 1;
  readonly kind: "dotvault-history";
  readonly exportedBy: { readonly version: string; readonly machine: number };
  readonly enrolment: string;
  readonly events: readonly Row[];
}

export const HISTORY_SCHEMA = 1;

/**
 * The document, without its chain. Pure. Secrets, digests, tokens, people, hosts and machines become aliases, the same
 * throughout; free text is left out; members that `allowed.ts` does not name never get in.
 *
 * Throws `history.unknown-event` for an event that this dotvault does not know.
 *
 * @param about version of dotvault; the enrolment's name in the configuration
 * @param aliases of a document that has more than this history
 */
export function exportHistory(
  recorded: Iterable<RecordedEvent>,
  about: { readonly version: string; readonly enrolment: string },
  aliases = new Aliases(),
): History {
  const open = new Map<string, HistoryIntent>();
  const events: HistoryRow[] = [];
  for (const row of recorded) {
    const event = eventOf(row.event, aliases);
    const intents = row.intents.map((intent) => intentOf(intent, aliases));
    const { kind, subject } = open.get(row.closes ?? "") ?? {};
    for (const [index, { id }] of row.intents.entries()) {
      const intent = intents[index];
      if (intent) open.set(id, intent);
    }
    events.push({
      ...{ seq: row.seq, version: row.version, machineVersion: row.machineVersion },
      event,
      state: stateOf(row.state),
      closes: kind !== undefined && subject !== undefined ? { kind, subject } : null,
      intents,
      wakes: wakesOf(row.wakes, aliases) as HistoryRow["wakes"],
    });
  }
  const exportedBy = { version: about.version, machine: MACHINE_VERSION };
  return { schemaVersion: HISTORY_SCHEMA, kind: "dotvault-history", exportedBy, enrolment: about.enrolment, events };
}

function eventOf(event: RecordedEvent["event"], aliases: Aliases): HistoryRow["event"] {
  const { type, at } = event;
  if (!Object.hasOwn(EVENTS, type))
    throw new DotvaultError("history.unknown-event", "the history holds an event of an unknown type");
  const shapes: Readonly<Record<string, Shape>> = { serverTime: number, tries: number, ...EVENTS[type as EventType] };
  return { type, at, ...(record(shapes)(event, aliases) as Record<string, Json>) };
}

function intentOf({ kind, subject, params }: RecordedEvent["intents"][number], aliases: Aliases): HistoryIntent {
  if (!Object.hasOwn(INTENTS, kind)) return { kind: "other", subject: "", params: {} };
  const shapes = INTENTS[kind as IntentKind];
  return {
    kind,
    subject: shapes.subject(subject, aliases) as string,
    params: record(shapes.params as Readonly<Record<string, Shape>>)(params, aliases),
  };
}

const wakesOf = list(record({ name: oneOf(["rotate", "ask", "retry", "expired"]), at: number }));

type Named = { readonly states?: Readonly<Record<string, Named>> };
const STATES: ReadonlySet<string> = new Set(namesOf(enrolmentMachine));

function namesOf(node: Named): string[] {
  return Object.entries(node.states ?? {}).flatMap(([name, inner]) => [name, ...namesOf(inner)]);
}

function stateOf(value: unknown): StateValue {
  if (typeof value === "string") return STATES.has(value) ? value : "other";
  if (typeof value !== "object" || value === null) return "other";
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [STATES.has(name) ? name : "other", stateOf(inner)]),
  );
}
