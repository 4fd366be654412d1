import { createHmac, hash, type KeyObject } from "node:crypto";
import type { EventRow } from "./rows.ts";

/** The newest event's position and mac: what the next one is chained to. */
export interface Tail {
  readonly seq: number;
  readonly mac: string;
}

/** What the first event is chained to. */
export const genesis: Tail = { seq: 0, mac: "" };

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
