import type { KeyObject } from "node:crypto";
import { chainMac, genesis, isWhole, keptMac, snapshotDigest, type Tail } from "./chain.ts";
import type { EventRow } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { damaged, notAsWritten } from "./errors.ts";
import type { Kept } from "./port.ts";
import { eventColumns, expectEvent, expectHead, expectKept, type HeadRow, type ToldRow } from "./rows.ts";

/** Checks what is read before anyone acts on it. Throws `journal.damaged`. */
export interface Verifier {
  /** The columns of an event that it looks at. */
  readonly columns: string;
  event(row: ToldRow): void;
  head(row: HeadRow): void;
  kept(kept: Kept): void;
}

/** With the key: every event and snapshot that is handed out is exactly what was appended. */
export function keyedVerifier(connection: Connection, key: KeyObject): Verifier {
  let last: Tail | undefined;

  function event(row: ToldRow): void {
    expectEvent(connection.path, row);
    const previous = last?.seq === row.seq - 1 ? last.mac : macBefore(connection, row.seq);
    if (previous === undefined || chainMac(key, previous, row) !== row.mac) {
      throw damaged(connection.path, `event ${row.seq} is not as it was written, or the one before it is gone`);
    }
    last = row;
  }

  function head(row: HeadRow): void {
    expectHead(connection.path, row);
    const newest = connection.get<EventRow>(`SELECT ${eventColumns} FROM events WHERE seq = ?`, row.seq);
    if (newest === undefined) throw damaged(connection.path, `the newest event of ${row.stream} is gone`);
    event(newest);
    if (!standsOn(row, newest)) throw damaged(connection.path, `the head of ${row.stream} is not as it was written`);
  }

  function kept({ row }: Kept): void {
    expectKept(connection.path, row);
    const by = connection.get<EventRow>(`SELECT ${eventColumns} FROM events WHERE seq = ?`, row.seq);
    if (by) event(by);
    const isOurs = by !== undefined && isWhole(row) && keptMac(key, by.mac, row.digest) === row.mac;
    if (!isOurs) throw notAsWritten(connection.path, row.seq);
  }

  return { columns: eventColumns, event, head, kept };
}

/** Whether a head is the one that this event left. */
export function standsOn(head: HeadRow, event: EventRow): boolean {
  return (
    head.stream === event.stream &&
    head.version === event.version &&
    head.machine === event.machine &&
    head.at === event.at &&
    head.state === event.state &&
    snapshotDigest(head.snapshot) === event.snapshot
  );
}

/** The mac that the event of this position is chained to: its neighbour's, or what compaction kept of it. */
export function macBefore(connection: Connection, seq: number): string | undefined {
  if (seq === 1) return genesis.mac;
  const mac: unknown = (
    connection.get<{ mac: unknown }>("SELECT mac FROM events WHERE seq = ?", seq - 1) ??
    connection.get<{ mac: unknown }>("SELECT mac FROM gaps WHERE last = ?", seq - 1)
  )?.mac;
  return typeof mac === "string" ? mac : undefined;
}
