import type { KeyObject } from "node:crypto";
import { DotvaultError } from "../errors.ts";
import { chainMac, snapshotDigest, type Tail } from "./chain.ts";
import type { EventRow } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { sqliteCode, VersionConflict } from "./errors.ts";
import { answer } from "./inbox.ts";
import { closeIntent, openIntent, withdrawIntent } from "./intents.ts";
import { keepIfDue, noteSetback } from "./keep.ts";
import type { Append } from "./port.ts";
import { type Effects, eventColumns } from "./rows.ts";
import { forgetSecret, keepSecret } from "./secrets.ts";
import { cancelWake, setWake } from "./wakes.ts";

/** What an append did that the caller has to keep in mind once it is committed. */
export interface Appended {
  readonly tail: Tail;
  /** A sealed secret was deleted: its bytes are still in the WAL. */
  readonly forgot: boolean;
}

/** One transition inside an open transaction. What ends comes before what begins, so that one event can do both. */
export function appendWithin(connection: Connection, chain: KeyObject, after: Tail, input: Append): Appended {
  const snapshot = JSON.stringify(input.snapshot);
  const tail = appendEvent(connection, chain, after, input, snapshot);
  const { stream, event } = input;
  if (input.closes !== undefined) closeIntent(connection, stream, input.closes);
  for (const id of input.withdraws ?? []) withdrawIntent(connection, stream, id);
  for (const name of input.cancelWakes ?? []) cancelWake(connection, stream, name);
  let forgot = false;
  for (const id of input.forget ?? []) forgot = forgetSecret(connection, stream, id) || forgot;
  for (const secret of input.seal ?? []) keepSecret(connection, stream, event.at, secret);
  for (const intent of input.intents ?? []) openIntent(connection, stream, tail.seq, event.at, intent);
  for (const wake of input.wakes ?? []) setWake(connection, stream, wake.name, wake.at);
  if (input.takes !== undefined) {
    answer(connection, input.takes, { state: "taken", seq: tail.seq });
    forgot = true;
  }
  keepIfDue(connection, chain, tail, input, snapshot);
  return { tail, forgot };
}

function appendEvent(connection: Connection, chain: KeyObject, after: Tail, input: Append, snapshot: string): Tail {
  const row = eventRow(input, after.seq + 1, snapshot);
  const mac = chainMac(chain, after.mac, row);
  moveStream(connection, input.expectedVersion, row, snapshot);
  insertEvent(connection, { ...row, mac });
  noteSetback(connection, after, row);
  return { seq: row.seq, at: row.at, mac };
}

function insertEvent(connection: Connection, row: EventRow): void {
  try {
    connection.run(
      `INSERT INTO events (${eventColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[row.seq, row.stream, row.version, row.machine, row.at, row.event, row.state, row.effects],
      ...[row.snapshot, row.mac],
    );
  } catch (error) {
    if (sqliteCode(error) === "SQLITE_CONSTRAINT_PRIMARYKEY") throw otherWriter(connection.path, error);
    throw error;
  }
}

/** The position is taken although this process holds the lock: whoever wrote there did not. */
function otherWriter(path: string, cause: unknown): DotvaultError {
  return new DotvaultError("journal.other-writer", `somebody else has written to the journal ${path}`, {
    hint: "stop every other dotvault that uses this directory, then start the agent again",
    cause,
  });
}

function eventRow(input: Append, seq: number, snapshot: string): Omit<EventRow, "mac"> {
  return {
    seq,
    stream: input.stream,
    version: input.expectedVersion + 1,
    machine: input.machineVersion,
    at: input.event.at,
    event: JSON.stringify(input.event),
    state: JSON.stringify(input.state),
    effects: JSON.stringify(effectsOf(input)),
    snapshot: snapshotDigest(snapshot),
  };
}

function effectsOf(input: Append): Effects {
  return {
    ...some("intents", input.intents),
    ...(input.closes === undefined ? {} : { closes: input.closes }),
    ...some("withdraws", input.withdraws),
    ...some("wakes", input.wakes),
    ...some("cancelWakes", input.cancelWakes),
    ...some(
      "sealed",
      input.seal?.map(({ ref }) => ref),
    ),
    ...some("forgets", input.forget),
    ...(input.takes === undefined ? {} : { takes: input.takes }),
  };
}

function some<Name extends string, Item>(name: Name, list: readonly Item[] | undefined) {
  return list === undefined || list.length === 0 ? {} : { [name]: list };
}

function moveStream(connection: Connection, expected: number, row: Omit<EventRow, "mac">, snapshot: string): void {
  const { stream, version, machine, at, seq, state } = row;
  const moved =
    expected === 0
      ? connection.run(
          `INSERT INTO streams (version, machine, at, seq, state, snapshot, stream) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (stream) DO NOTHING`,
          ...[version, machine, at, seq, state, snapshot, stream],
        )
      : connection.run(
          `UPDATE streams SET version = ?, machine = ?, at = ?, seq = ?, state = ?, snapshot = ?
           WHERE stream = ? AND version = ?`,
          ...[version, machine, at, seq, state, snapshot, stream, expected],
        );
  if (moved === 1) return;
  const found = connection.get<{ version: number }>("SELECT version FROM streams WHERE stream = ?", stream);
  throw new VersionConflict(stream, expected, found?.version ?? 0);
}
