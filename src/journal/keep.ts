import type { KeyObject } from "node:crypto";
import { keptDigest, keptMac, type Tail } from "./chain.ts";
import type { Connection } from "./connection.ts";
import { openIntents } from "./intents.ts";
import type { Append } from "./port.ts";
import { keptColumns } from "./rows.ts";
import { wakes } from "./wakes.ts";

/** Where a stream comes to rest, since it stays there for the longest time; but not sooner than after so many events. */
const AT_REST = 6;
/** Elsewhere after so many. It is looked at only at each eighth. */
const ELSEWHERE = 16;
const LOOK_EVERY = 8;

/** Part of an append, after all the rest: every few events, what the stream stands on now is kept. */
export function keepIfDue(connection: Connection, chain: KeyObject, tail: Tail, input: Append, snapshot: string): void {
  const { stream } = input;
  const version = input.expectedVersion + 1;
  const rests = comesToRest(connection, input);
  if (!rests && version % LOOK_EVERY !== 0) return;
  if (version - lastKept(connection, stream) < (rests ? AT_REST : ELSEWHERE)) return;
  keepStanding(connection, chain, { seq: tail.seq, mac: tail.mac, stream, version, snapshot });
}

/** An outcome after which nothing is under way. */
function comesToRest(connection: Connection, { stream, closes, intents }: Append): boolean {
  if (closes === undefined || (intents !== undefined && intents.length > 0)) return false;
  return connection.get("SELECT 1 FROM intents WHERE stream = ? LIMIT 1", stream) === undefined;
}

function lastKept(connection: Connection, stream: string): number {
  const sql = "SELECT max(version) AS version FROM kept WHERE stream = ?";
  return connection.get<{ version: number | null }>(sql, stream)?.version ?? 0;
}

interface Stood {
  readonly seq: number;
  readonly stream: string;
  readonly version: number;
  readonly snapshot: string;
  /** Of the event. */
  readonly mac: string;
}

/** The stream stands now as the event has left it. */
export function keepStanding(
  connection: Connection,
  chain: KeyObject,
  { seq, stream, version, snapshot, mac }: Stood,
): void {
  const open = JSON.stringify(openIntents(connection, stream));
  const set = JSON.stringify(wakes(connection, stream));
  const digest = keptDigest({ open, wakes: set });
  connection.run(
    `INSERT INTO kept (${keptColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ...[seq, stream, version, snapshot, open, set, digest, keptMac(chain, { mac }, digest)],
  );
}

/** Part of an append: an event that was earlier, by its clock, than the one before it. */
export function noteSetback(connection: Connection, before: Tail, { seq, at }: Pick<Tail, "seq" | "at">): void {
  if (at < before.at) connection.run("INSERT INTO setbacks (seq) VALUES (?)", seq);
}

/** After the events were chained with another key. */
export function revouchKept(connection: Connection, chain: KeyObject): void {
  type Row = { stream: string; version: number; digest: string; mac: string };
  const sql = "SELECT k.stream, k.version, k.digest, e.mac FROM kept k JOIN events e ON e.seq = k.seq";
  for (const { stream, version, digest, mac } of connection.all<Row>(sql)) {
    const vouched = keptMac(chain, { mac }, digest);
    connection.run("UPDATE kept SET mac = ? WHERE stream = ? AND version = ?", vouched, stream, version);
  }
}
