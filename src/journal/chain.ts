import { createHmac, hash, type KeyObject } from "node:crypto";
import type { EventRow, KeptRow, VouchedRow } from "./columns.ts";

/** The newest event's position, time and mac: what the next one is chained to. */
export interface Tail {
  readonly seq: number;
  readonly at: number;
  readonly mac: string;
}

/** What the first event is chained to. */
export const genesis: Tail = { seq: 0, at: Number.MIN_SAFE_INTEGER, mac: "" };

/**
 * HMAC-SHA-256 (hex) over the previous row's mac and this row's columns, each text with its length, so that no two rows
 * encode alike.
 */
export function chainMac(key: KeyObject, previous: string, row: Omit<EventRow, "mac">): string {
  const { seq, version, machine, at, stream, event, state, effects, snapshot } = row;
  const numbers = `${previous} ${seq} ${version} ${machine} ${at} ${snapshot}`;
  const lengths = `${stream.length} ${event.length} ${state.length} ${effects.length}`;
  return createHmac("sha256", key).update(`${numbers} ${lengths}\n${stream}${event}${state}${effects}`).digest("hex");
}

/** The digest of a snapshot's text, as the chain covers it. */
export function snapshotDigest(text: string): string {
  return hash("sha256", text, "hex");
}

/** The digest of what was open and of the wakes after that event, each text with its length. */
export function keptDigest({ seq, open, wakes }: Pick<KeptRow, "seq" | "open" | "wakes">): string {
  return hash("sha256", `${seq} ${open.length} ${wakes.length}\n${open}${wakes}`, "hex");
}

/** Whether a kept standing is that of its event, as far as can be told without the key. */
export function isWhole(row: VouchedRow): boolean {
  return snapshotDigest(row.snapshot) === row.snapshotDigest && keptDigest(row) === row.digest;
}

/** Binds a kept standing to its event; the snapshot's digest is in that one's mac. */
export function keptMac(key: KeyObject, eventMac: string, digest: string): string {
  return createHmac("sha256", key).update(`kept ${eventMac} ${digest}`).digest("hex");
}
