import { hash, type KeyObject } from "node:crypto";
import { type Appended, appendWithin } from "./append.ts";
import type { Tail } from "./chain.ts";
import type { Connection } from "./connection.ts";
import { type Cut, cuts } from "./cuts.ts";
import { damaged } from "./errors.ts";
import { keepStanding } from "./keep.ts";
import type { JsonObject } from "./port.ts";
import type { Verifier } from "./verify.ts";

/** The journal's own stream: it tells what was compacted. */
export const journalStream = "journal";

/** A run of events that is gone, and the mac of its last one, from which the chain goes on. */
export interface Gap {
  readonly first: number;
  readonly last: number;
  readonly mac: string;
}

/**
 * Removes the beginning of each stream up to the newest kept standing from which all since `before` follows: the event of
 * that one stays, and vouches for it. A stream without events since then is kept as it stands now. What is left of those
 * that go is a gap per run; the appended COMPACTED carries the digest of all gaps, so that the chain vouches for them.
 */
export function compactWithin(
  connection: Connection,
  chain: KeyObject,
  tail: Tail,
  { before, at, verifier }: { readonly before: number; readonly at: number; readonly verifier: Verifier },
): { removed: number; kept: number; tail: Tail } {
  connection.run("DELETE FROM inbox WHERE at < ? AND state <> 'waiting'", before);
  keepResting(connection, chain, before);
  const removed = cuts(connection, verifier, before).flatMap((cut) => removeUpTo(connection, cut));
  if (removed.length === 0) return { removed: 0, kept: countEvents(connection), tail };
  connection.run("DELETE FROM kept WHERE seq NOT IN (SELECT seq FROM events)");
  connection.run("DELETE FROM setbacks WHERE seq < (SELECT min(seq) FROM events)");
  replaceGaps(connection, joinGaps([...readGaps(connection), ...removed]));
  const appended = appendCompacted(connection, chain, tail, { before, at, removed: removed.length });
  return { removed: removed.length, kept: countEvents(connection), tail: appended.tail };
}

/** Streams that have more than one event, none of them since then. */
function keepResting(connection: Connection, chain: KeyObject, before: number): void {
  type Row = Parameters<typeof keepStanding>[2];
  const resting = connection.all<Row>(
    `SELECT s.seq, s.stream, s.snapshot, e.mac FROM streams s JOIN events e ON e.seq = s.seq
     WHERE EXISTS (SELECT 1 FROM events p WHERE p.stream = s.stream AND p.version < s.version)
       AND NOT EXISTS (SELECT 1 FROM events l WHERE l.stream = s.stream AND l.at >= ?)`,
    before,
  );
  for (const head of resting) keepStanding(connection, chain, head);
}

function removeUpTo(connection: Connection, { stream, version }: Cut): Gap[] {
  const rows = connection.all<{ seq: number; mac: string }>(
    "SELECT seq, mac FROM events WHERE stream = ? AND version < ?",
    ...[stream, version],
  );
  if (rows.length > 0) connection.run("DELETE FROM events WHERE stream = ? AND version < ?", stream, version);
  return rows.map(({ seq, mac }) => ({ first: seq, last: seq, mac }));
}

export function readGaps(connection: Connection): Gap[] {
  const gaps = connection.all<Gap>("SELECT first, last, mac FROM gaps ORDER BY first");
  if (gaps.some(({ mac }) => typeof mac !== "string")) throw damaged(connection.path, "a gap has no mac");
  return gaps;
}

/** What a COMPACTED event says of the gaps. */
export function gapsDigest(gaps: readonly Gap[]): string {
  return hash("sha256", JSON.stringify(gaps.map(({ first, last, mac }) => [first, last, mac])), "hex");
}

/** A kept standing that a stream begins with, since compaction has dropped what was before. */
export interface Beginning {
  readonly seq: number;
  readonly digest: string;
}

export function readBeginnings(connection: Connection): Beginning[] {
  return connection.all<Beginning>(
    `SELECT k.seq, k.digest FROM kept k JOIN events e ON e.seq = k.seq WHERE e.version > 1 AND NOT EXISTS
       (SELECT 1 FROM events p WHERE p.stream = e.stream AND p.version < e.version) ORDER BY k.seq`,
  );
}

/** What a COMPACTED event says of the beginnings. */
export function beginningsDigest(beginnings: readonly Beginning[]): string {
  return hash("sha256", JSON.stringify(beginnings.map(({ seq, digest }) => [seq, digest])), "hex");
}

/** Neighbouring runs become one; the later run's mac is the one that counts. */
export function joinGaps(gaps: readonly Gap[]): Gap[] {
  const joined: Gap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.first - b.first)) {
    const previous = joined.at(-1);
    if (previous?.last === gap.first - 1) joined[joined.length - 1] = { ...gap, first: previous.first };
    else joined.push(gap);
  }
  return joined;
}

function replaceGaps(connection: Connection, gaps: readonly Gap[]): void {
  connection.run("DELETE FROM gaps");
  for (const { first, last, mac } of gaps) {
    connection.run("INSERT INTO gaps (first, last, mac) VALUES (?, ?, ?)", first, last, mac);
  }
}

function appendCompacted(
  connection: Connection,
  chain: KeyObject,
  tail: Tail,
  { before, at, removed }: { before: number; at: number; removed: number },
): Appended {
  return appendToJournal(connection, chain, tail, { type: "COMPACTED", at, before, removed });
}

/** An event of the journal's own stream. The newest one vouches for the gaps and the beginnings, whatever else it tells. */
export function appendToJournal(
  connection: Connection,
  chain: KeyObject,
  tail: Tail,
  news: JsonObject & { readonly type: string; readonly at: number },
): Appended {
  const gaps = readGaps(connection);
  const version = connection.get<{ version: number }>("SELECT version FROM streams WHERE stream = ?", journalStream);
  const event = {
    ...news,
    gaps: gaps.length,
    gapsDigest: gapsDigest(gaps),
    beginningsDigest: beginningsDigest(readBeginnings(connection)),
  };
  return appendWithin(connection, chain, tail, {
    stream: journalStream,
    expectedVersion: version?.version ?? 0,
    machineVersion: 1,
    event,
    state: "kept",
    snapshot: event,
  });
}

function countEvents(connection: Connection): number {
  return connection.get<{ count: number }>("SELECT count(*) AS count FROM events")?.count ?? 0;
}
