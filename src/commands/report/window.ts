import type { JournalReader, Recorded } from "../../journal/port.ts";
import { toldStreams, unlessDamaged } from "../history/recorded.ts";

/** What a person can look through; half a megabyte. */
const NEWEST = 1000;

/** The part of the journal that a report tells. */
export interface Window {
  /** A position: what is behind it is told, and what that follows on. 0: everything. */
  readonly after: number;
  /** The time that was asked for, or of the first event behind the position; null: everything is told. */
  readonly since: number | null;
  readonly streams: readonly string[];
}

/** Of the time that was asked for what has moved since then; else the newest events, and how all the others stand. */
export function windowOf(reader: JournalReader, since: number | undefined): Window {
  const streams = unlessDamaged(() => toldStreams(reader)) ?? [];
  const found = unlessDamaged(() => (since === undefined ? newest(reader, streams) : moved(reader, streams, since)));
  return found ?? { after: 0, since: null, streams };
}

function moved(reader: JournalReader, streams: readonly string[], since: number): Window {
  const after = reader.seqAt(since - 1);
  const moving = new Set(reader.movedSince(after));
  return { after, since, streams: streams.filter((stream) => moving.has(stream)) };
}

function newest(reader: JournalReader, streams: readonly string[]): Window {
  const after = Math.max(0, reader.lastSeq() - NEWEST);
  const isCut = after > 0 && firstEvent(reader, { beforeSeq: after + 1 }) !== undefined;
  const first = isCut ? firstEvent(reader, { afterSeq: after }) : undefined;
  return first === undefined ? { after: 0, since: null, streams } : { after, since: first.event.at, streams };
}

/** When the journal begins: a report since then tells all. */
export function beginningOf(reader: JournalReader): number | undefined {
  return unlessDamaged(() => firstEvent(reader, {}))?.event.at;
}

function firstEvent(reader: JournalReader, bounds: { beforeSeq?: number; afterSeq?: number }): Recorded | undefined {
  const [first] = reader.events({ ...bounds, limit: 1 });
  return first;
}
