import type { EventRow, VouchedRow } from "./columns.ts";
import { damaged } from "./errors.ts";
import type { Json, JsonObject, NewIntent, OpenIntent, Recorded, SecretRef, StreamHead } from "./port.ts";

/** What an event tells: its row without what only the chain needs. */
export type ToldRow = Omit<EventRow, "snapshot" | "mac">;

/** By name, since a damaged schema can give `*` any columns. */
export const toldColumns = "seq, stream, version, machine, at, event, state, effects";
export const eventColumns = `${toldColumns}, snapshot, mac`;

/** What an event did beside moving its stream; empty lists are left out of the file. */
export interface Effects {
  readonly intents?: readonly NewIntent[];
  readonly closes?: string;
  readonly withdraws?: readonly string[];
  readonly wakes?: readonly { readonly name: string; readonly at: number }[];
  readonly cancelWakes?: readonly string[];
  readonly sealed?: readonly SecretRef[];
  readonly forgets?: readonly string[];
  readonly takes?: number;
}

export interface HeadRow {
  readonly stream: string;
  readonly version: number;
  readonly machine: number;
  readonly at: number;
  readonly seq: number;
  readonly state: string;
  readonly snapshot: string;
}

export const keptColumns = "seq, snapshot, open, wakes, digest, mac";

export interface IntentRow {
  readonly stream: string;
  readonly kind: string;
  readonly subject: string;
  readonly id: string;
  readonly params: string;
  readonly once: number;
  readonly opened_at: number;
  readonly due_at: number;
  readonly attempt: number;
  readonly phase: OpenIntent["phase"];
  readonly failure: string | null;
}

/** Reads a column of JSON. Text that is none means that the file has changed under us. */
export function parse<T>(path: string, where: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw damaged(path, `${where} is not JSON`, cause);
  }
}

/** Of a column that holds an object. */
function parseObject<T extends object>(path: string, where: string, text: string): T {
  const value = parse<unknown>(path, where, text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw damaged(path, `${where} holds no object`);
  }
  return value as T;
}

function parseEvent(path: string, where: string, text: string): Recorded["event"] {
  const event = parseObject<Recorded["event"]>(path, where, text);
  if (typeof event.type !== "string" || typeof event.at !== "number") throw damaged(path, `${where} is no event`);
  return event;
}

type ColumnType = "text" | "number";

/** A damaged page can make any column come out as anything: a row is used only when each has the type it was given. */
function expectTypes(path: string, where: string, row: object, types: ReadonlyMap<string, ColumnType>): void {
  const columns = row as Readonly<Record<string, unknown>>;
  for (const [name, type] of types) {
    if (typeOf(columns[name]) !== type) throw damaged(path, `${where} has no ${name}`);
  }
}

function typeOf(value: unknown): ColumnType | undefined {
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "number" : undefined;
}

const headTypes = columnTypes({ number: "version machine at seq", text: "stream state snapshot" });
const toldTypes = columnTypes({ number: "seq version machine at", text: "stream event state effects" });
const chainedTypes = columnTypes({ text: "snapshot mac" });
const intentTypes = columnTypes({
  number: "once opened_at due_at attempt",
  text: "id stream kind subject params phase",
});

const keptTypes = columnTypes({
  number: "seq version machine at",
  text: "stream snapshot open wakes digest mac state snapshotDigest eventMac",
});

function columnTypes(names: { readonly [Type in ColumnType]?: string }): ReadonlyMap<string, ColumnType> {
  const types = Object.entries(names) as [ColumnType, string][];
  return new Map(types.flatMap(([type, list]) => list.split(" ").map((name) => [name, type] as const)));
}

/** Throws `journal.damaged` unless every column has its type. */
export function expectEvent(path: string, row: ToldRow): asserts row is EventRow {
  expectTypes(path, `event ${row.seq}`, row, toldTypes);
  expectTypes(path, `event ${row.seq}`, row, chainedTypes);
}

/** Throws `journal.damaged` unless every column has its type. */
export function expectHead(path: string, row: HeadRow): void {
  expectTypes(path, `the head of ${row.stream}`, row, headTypes);
}

/** Throws `journal.damaged` unless every column has its type. */
export function expectKept(path: string, row: VouchedRow): void {
  expectTypes(path, `what is kept of event ${row.seq}`, row, keptTypes);
}

export function toRecorded(path: string, row: ToldRow): Recorded {
  const where = `event ${row.seq}`;
  expectTypes(path, where, row, toldTypes);
  const {
    intents = [],
    closes = null,
    wakes = [],
    cancelWakes = [],
    ...rest
  } = parseObject<Effects>(path, where, row.effects);
  return {
    seq: row.seq,
    stream: row.stream,
    version: row.version,
    machineVersion: row.machine,
    event: parseEvent(path, where, row.event),
    state: parse<Json>(path, where, row.state),
    intents,
    closes,
    wakes,
    cancelWakes,
    ...rest,
  };
}

export function toHead(path: string, row: HeadRow): StreamHead {
  const where = `the head of ${row.stream}`;
  expectHead(path, row);
  return {
    stream: row.stream,
    version: row.version,
    machineVersion: row.machine,
    state: parse<Json>(path, where, row.state),
    snapshot: parseObject<JsonObject>(path, where, row.snapshot),
    at: row.at,
  };
}

export function toOpenIntent(path: string, row: IntentRow): OpenIntent {
  const where = `intent ${row.id}`;
  expectTypes(path, where, row, intentTypes);
  return {
    id: row.id,
    stream: row.stream,
    kind: row.kind,
    subject: row.subject,
    params: parseObject<JsonObject>(path, where, row.params),
    once: row.once === 1,
    dueAt: row.due_at,
    openedAt: row.opened_at,
    attempt: row.attempt,
    phase: row.phase,
    failure: row.failure === null ? null : parse(path, where, row.failure),
  };
}
