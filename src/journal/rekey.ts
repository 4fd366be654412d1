import { existsSync } from "node:fs";
import { deriveKey, type Key } from "../seal/key.ts";
import { open, readLabel, seal } from "../seal/seal.ts";
import { chainMac, genesis, type Tail } from "./chain.ts";
import type { EventRow } from "./columns.ts";
import { appendToJournal, readGaps } from "./compact.ts";
import type { Connection } from "./connection.ts";
import { fact, setFact } from "./facts.ts";
import { journalFiles } from "./files.ts";
import { openForWriting, readTail } from "./journal.ts";
import { revouchKept } from "./keep.ts";
import { eventColumns } from "./rows.ts";
import { truncateWal } from "./tidy.ts";
import { keyedVerifier } from "./verify.ts";

export interface Rekeying {
  readonly directory: string;
  readonly from: Key;
  readonly to: Key;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Seals and chains the whole journal with another key, in one transaction; nothing is done where that is done already, or
 * where there is no journal. REKEYED names both keys and the mac that the chain ended with under the old one: by it a
 * backup is recognised. The caller holds the lock. Throws `seal.broken`, `journal.damaged` and the disk's errors.
 */
export function rekeyJournal({ directory, from, to, at }: Rekeying): void {
  const { journal } = journalFiles(directory);
  if (!existsSync(journal)) return;
  const connection = openForWriting(journal);
  try {
    if (fact(connection, "keyId") === to.id) return;
    connection.write(() => rekeyWithin(connection, { from, to, at }));
    truncateWal(connection);
  } finally {
    connection.close();
  }
}

function rekeyWithin(connection: Connection, { from, to, at }: Omit<Rekeying, "directory">): void {
  const { seq, mac } = readTail(connection, keyedVerifier(connection, deriveKey(from, "chain")));
  const chain = deriveKey(to, "chain");
  reseal(connection, from, to);
  refuseWaiting(connection);
  const tail = rechain(connection, chain);
  revouchKept(connection, chain);
  setFact(connection, "keyId", to.id);
  const news = { type: "REKEYED", at, from: from.id, to: to.id, before: { seq, mac } };
  appendToJournal(connection, chain, tail, news);
}

function reseal(connection: Connection, from: Key, to: Key): void {
  for (const { id, jwe } of connection.all<{ id: string; jwe: string }>("SELECT id, jwe FROM secrets")) {
    const label = readLabel(jwe);
    connection.run("UPDATE secrets SET jwe = ? WHERE id = ?", seal(to, label, open(from, jwe, label)), id);
  }
}

/** A request may hold what the one who asks has sealed with the key that goes. */
function refuseWaiting(connection: Connection): void {
  const reason = "the key was changed meanwhile: ask again";
  connection.run("UPDATE inbox SET state = 'refused', reason = ?, args = '{}' WHERE state = 'waiting'", reason);
}

const PAGE = 500;

/** Over gaps the chain goes on from the mac that compaction kept, which is no more than a starting value. */
function rechain(connection: Connection, chain: ReturnType<typeof deriveKey>): Tail {
  const gaps = new Map(readGaps(connection).map((gap) => [gap.first, gap]));
  const sql = `SELECT ${eventColumns} FROM events WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`;
  let before: Tail = genesis;
  for (let rows = connection.all<EventRow>(sql, 0); rows.length > 0; rows = connection.all<EventRow>(sql, before.seq)) {
    for (const row of rows) {
      const gap = gaps.get(before.seq + 1);
      const mac = chainMac(chain, gap?.mac ?? before.mac, row);
      connection.run("UPDATE events SET mac = ? WHERE seq = ?", mac, row.seq);
      before = { seq: row.seq, at: row.at, mac };
    }
  }
  return before;
}
