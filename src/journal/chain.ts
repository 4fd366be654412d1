import { createHmac, hash, type KeyObject } from "node:crypto";

/** An event's columns as they lie in the file. */
export interface EventRow {
  readonly seq: number;
  readonly stream: string;
  readonly version: number;
  readonly machine: number;
  readonly at: number;
  readonly event: string;
  readonly state: string;
  readonly effects: string;
  /** SHA-256 of the snapshot's text after this event. */
  readonly snapshot: Buffer;
  readonly mac: Buffer;
}

/** What the first event is chained to. */
export const genesis: Buffer = Buffer.alloc(32);

/**
 * HMAC-SHA-256 over the previous row's mac and this row's columns. A JSON array of strings and whole numbers has one
 * spelling only, so no two rows encode alike.
 */
export function chainMac(key: KeyObject, previous: Buffer, row: Omit<EventRow, "mac">): Buffer {
  const columns = [row.seq, row.stream, row.version, row.machine, row.at, row.event, row.state, row.effects];
  return createHmac("sha256", key).update(previous).update(row.snapshot).update(JSON.stringify(columns)).digest();
}

/** The digest of a snapshot's text, as the chain covers it. */
export function snapshotDigest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
