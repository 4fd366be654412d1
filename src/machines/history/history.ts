import type { StateValue } from "../stream/state-name.ts";
import { Aliases } from "./aliases.ts";
import { type Allowed, failureClass, type Json, list, nullable, number, oneOf, record } from "./shapes.ts";
import { KINDS, type KindName } from "./streams.ts";

/** An event as the journal gives it (journal's `Recorded`). */
export interface RecordedEvent {
  readonly seq: number;
  readonly version: number;
  readonly machineVersion: number;
  readonly event: { readonly type: string; readonly at: number };
  readonly state: unknown;
  readonly intents: readonly RecordedIntent[];
  /** Id of the intent that the event is the outcome of. */
  readonly closes: string | null;
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
}

type RecordedIntent = {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly params: object;
};

/** All that a stream stood on after one of its events. */
export interface RecordedStanding {
  /** Of that event; events that are told with it follow on it. */
  readonly version: number;
  readonly machineVersion: number;
  readonly snapshot: unknown;
  readonly open: readonly RecordedIntent[];
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

/** What a history begins on, or ends with. `open`: with what is known of their tries. */
export type HistoryStanding = {
  readonly version: number;
  readonly machineVersion: number;
  readonly snapshot: Json;
  readonly open: readonly (HistoryIntent & { readonly [member: string]: Json })[];
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
};

/** Everything that one stream went through, without anything that opens a door or names a person. */
export interface History<Row = HistoryRow, Standing = HistoryStanding> {
  readonly schemaVersion: 2;
  readonly kind: "dotvault-history";
  /** `machine`: version of the stream's machine or fold. */
  readonly exportedBy: { readonly version: string; readonly machine: number };
  readonly stream: KindName;
  /** The stream's: an alias. */
  readonly name: string;
  /** Null: the history is told from its beginning. */
  readonly start: Standing | null;
  readonly events: readonly Row[];
  /** How it stood when it was told. */
  readonly end: Standing | null;
}

export const HISTORY_SCHEMA = 2;

interface About {
  /** Of dotvault. */
  readonly version: string;
  readonly stream: KindName;
  /** As it is to be told. */
  readonly name: string;
  readonly start?: RecordedStanding | null;
  readonly end?: RecordedStanding | null;
}

/**
 * The document, without its chain. Pure. Secrets, digests, tokens, people, hosts and machines become aliases, the same
 * throughout; free text is left out; members that the shapes (allowed/) do not name never get in, and of an event that this
 * dotvault does not know, the time alone.
 *
 * @param aliases of a document that has more than this history
 */
export function exportHistory(recorded: Iterable<RecordedEvent>, about: About, aliases = new Aliases()): History {
  const { allowed, version } = KINDS[about.stream];
  const teller = new Teller(allowed, aliases);
  const start = about.start ? teller.standing(about.start) : null;
  const events = Array.from(recorded, (row) => teller.row(row));
  return {
    schemaVersion: HISTORY_SCHEMA,
    kind: "dotvault-history",
    exportedBy: { version: about.version, machine: version },
    stream: about.stream,
    name: about.name,
    start,
    events,
    end: about.end ? teller.standing(about.end) : null,
  };
}

/** What may be told of one stream, row for row. */
class Teller {
  readonly #allowed: Allowed;
  readonly #aliases: Aliases;
  readonly #intents = new Map<string, HistoryIntent>();

  constructor(allowed: Allowed, aliases: Aliases) {
    this.#allowed = allowed;
    this.#aliases = aliases;
  }

  row({ seq, version, machineVersion, event, state, intents, closes, wakes }: RecordedEvent): HistoryRow {
    const told = this.#event(event);
    const begun = intents.map((intent) => this.#intent(intent));
    const { kind, subject } = this.#intents.get(closes ?? "") ?? {};
    for (const [index, { id }] of intents.entries()) this.#remember(id, begun[index]);
    return {
      ...{ seq, version, machineVersion },
      event: told,
      state: this.#allowed.state(state, this.#aliases) as StateValue,
      closes: kind !== undefined && subject !== undefined ? { kind, subject } : null,
      intents: begun,
      wakes: this.#wakes(wakes),
    };
  }

  standing({ version, machineVersion, snapshot, open, wakes }: RecordedStanding): HistoryStanding {
    const told = open.map((intent) => {
      const known = this.#intent(intent);
      this.#remember(intent.id, known);
      return { ...known, ...(TRIES(intent, this.#aliases) as Record<string, Json>) };
    });
    return {
      ...{ version, machineVersion },
      snapshot: this.#allowed.snapshot(snapshot, this.#aliases),
      open: told,
      wakes: this.#wakes(wakes),
    };
  }

  #remember(id: string, intent: HistoryIntent | undefined): void {
    if (intent) this.#intents.set(id, intent);
  }

  #event(event: RecordedEvent["event"]): HistoryRow["event"] {
    const { type, at } = event;
    this.#aliases.tells(at);
    const { events, common } = this.#allowed;
    if (!Object.hasOwn(events, type)) return { type: UNKNOWN, at };
    const told = record({ ...common, ...events[type] })(event, this.#aliases);
    return { type, at, ...(told as Record<string, Json>) };
  }

  #intent({ kind, subject, params }: RecordedIntent): HistoryIntent {
    const { intents } = this.#allowed;
    const shapes = Object.hasOwn(intents, kind) ? intents[kind] : undefined;
    if (!shapes) return { kind: UNKNOWN, subject: "", params: {} };
    const told = shapes.subject(subject, this.#aliases);
    return { kind, subject: told as string, params: record(shapes.params)(params, this.#aliases) };
  }

  #wakes(wakes: RecordedEvent["wakes"]): HistoryRow["wakes"] {
    const shape = list(record({ name: oneOf(this.#allowed.wakes), at: number }));
    return shape(wakes, this.#aliases) as HistoryRow["wakes"];
  }
}

/** In place of what this dotvault has no shape for. */
export const UNKNOWN = "other";

/** What is known of an open intent's tries. */
const TRIES = record({
  openedAt: number,
  dueAt: number,
  attempt: number,
  phase: oneOf(["open", "unsent"]),
  failure: nullable(record({ class: failureClass, since: number, at: number })),
});
