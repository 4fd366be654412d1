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

/** By name, since a damaged schema can give `*` any columns. */
export const eventColumns = "seq, stream, version, machine, at, event, state, effects, snapshot, mac";

/** What the first event is chained to. */
export const genesis: Buffer = Buffer.alloc(32);

/** HMAC-SHA-256 over the previous row's mac and this row's columns, each with its length, so that no two rows encode alike. */
export function chainMac(key: KeyObject, previous: Buffer, row: Omit<EventRow, "mac">): Buffer {
  const { seq, version, machine, at, stream, event, state, effects } = row;
  const lengths = [stream, event, state, effects].map((text) => text.length);
  const columns = `${[seq, version, machine, at, ...lengths].join(" ")}\n${stream}${event}${state}${effects}`;
  return createHmac("sha256", key).update(previous).update(row.snapshot).update(columns).digest();
}

/** The digest of a snapshot's text, as the chain covers it. */
export function snapshotDigest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
