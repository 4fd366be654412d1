import type { KeyObject } from "node:crypto";
import { keptDigest, keptMac, type Tail } from "./chain.ts";
import type { Connection } from "./connection.ts";
import { openIntents } from "./intents.ts";
import type { Append } from "./port.ts";
import { keptColumns } from "./rows.ts";
import { wakes } from "./wakes.ts";

/** Where nothing is under way, since streams stand there for the longest time: after so many events at the soonest. */
const AT_REST = 6;
/** Elsewhere after so many. It is looked at only at each eighth. */
const ELSEWHERE = 16;
const LOOK_EVERY = 8;

/** Part of an append, after all the rest: every few events, what the stream stands on now is kept. */
export function keepIfDue(connection: Connection, chain: KeyObject, tail: Tail, input: Append, snapshot: string): void {
  const { stream } = input;
  const version = input.expectedVersion + 1;
  const rests = isAtRest(connection, input);
  if (!rests && version % LOOK_EVERY !== 0) return;
  if (version - lastKept(connection, stream) < (rests ? AT_REST : ELSEWHERE)) return;
  keepStanding(connection, chain, { seq: tail.seq, mac: tail.mac, stream, snapshot, rests });
}

function isAtRest(connection: Connection, { stream, intents }: Append): boolean {
  if (intents !== undefined && intents.length > 0) return false;
  return connection.get("SELECT 1 FROM intents WHERE stream = ? LIMIT 1", stream) === undefined;
}

function lastKept(connection: Connection, stream: string): number {
  const sql = `SELECT version FROM events WHERE stream = ? AND seq IN (SELECT seq FROM kept)
               ORDER BY version DESC LIMIT 1`;
  return connection.get<{ version: number }>(sql, stream)?.version ?? 0;
}

interface Stood {
  readonly seq: number;
  readonly stream: string;
  readonly snapshot: string;
  /** Of the event. */
  readonly mac: string;
  /** Nothing is open. */
  readonly rests?: boolean;
}

/** The stream stands now as the event has left it. What was kept of that may be damaged: it is kept anew. */
export function keepStanding(connection: Connection, chain: KeyObject, stood: Stood): void {
  const { seq, stream, snapshot, mac, rests = false } = stood;
  const open = JSON.stringify(rests ? [] : openIntents(connection, stream));
  const set = JSON.stringify(wakes(connection, stream));
  const digest = keptDigest({ seq, open, wakes: set });
  connection.run(
    `INSERT INTO kept (${keptColumns}) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (seq) DO UPDATE SET (${keptColumns}) =
       (excluded.seq, excluded.snapshot, excluded.open, excluded.wakes, excluded.digest, excluded.mac)`,
    ...[seq, snapshot, open, set, digest, keptMac(chain, mac, digest)],
  );
}

/** Part of an append: an event that was earlier, by its clock, than the one before it. */
export function noteSetback(connection: Connection, before: Tail, { seq, at }: Pick<Tail, "seq" | "at">): void {
  if (at < before.at) connection.run("INSERT INTO setbacks (seq) VALUES (?)", seq);
}

/** After the events were chained with another key. */
export function revouchKept(connection: Connection, chain: KeyObject): void {
  type Row = { seq: number; digest: string; mac: string };
  const sql = "SELECT k.seq, k.digest, e.mac FROM kept k JOIN events e ON e.seq = k.seq";
  for (const { seq, digest, mac } of connection.all<Row>(sql)) {
    connection.run("UPDATE kept SET mac = ? WHERE seq = ?", keptMac(chain, mac, digest), seq);
  }
}
