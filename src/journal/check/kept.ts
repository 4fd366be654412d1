import type { KeyObject } from "node:crypto";
import { DotvaultError } from "../../errors.ts";
import { keptMac } from "../chain.ts";
import type { EventRow } from "../columns.ts";
import { beginningsDigest, readBeginnings } from "../compact.ts";
import type { Connection } from "../connection.ts";
import { keptWhere } from "../kept.ts";
import type { Kept } from "../port.ts";
import { standingOf } from "../standing.ts";
import type { Findings } from "./report.ts";

interface KeptCheck {
  readonly key: KeyObject | undefined;
  /** The newest COMPACTED. */
  readonly compacted: EventRow | undefined;
  /** Of the standings only those behind this position are looked at. */
  readonly after: number;
}

/**
 * Every kept standing must be what its event left; those that streams begin with since compaction dropped the rest must be
 * the ones that the newest COMPACTED speaks of.
 */
export function checkKept(connection: Connection, findings: Findings, { key, compacted, after }: KeptCheck): void {
  for (const { seq } of connection.all<{ seq: number }>("SELECT seq FROM kept WHERE seq > ? ORDER BY seq", after)) {
    findings.attempt(`what is kept of event ${seq}`, undefined, () => {
      const [kept] = keptWhere(connection, "e.seq = ?", seq);
      if (!kept || !isVouched(kept, key)) findings.add("kept", notKept(seq), seq);
    });
  }
  checkBeginnings(connection, findings, compacted);
}

function isVouched(kept: Kept, key: KeyObject | undefined): boolean {
  try {
    standingOf(kept);
  } catch (error) {
    if (error instanceof DotvaultError && error.code === "journal.damaged") return false;
    throw error;
  }
  const { eventMac, digest, mac } = kept.row;
  return key === undefined || keptMac(key, eventMac, digest) === mac;
}

function notKept(seq: number): string {
  return `the snapshot that was kept with event ${seq} is not as it was written`;
}

function checkBeginnings(connection: Connection, findings: Findings, compacted: EventRow | undefined): void {
  const said: unknown = compacted === undefined ? undefined : JSON.parse(compacted.event).beginningsDigest;
  if (said === undefined || said === beginningsDigest(readBeginnings(connection))) return;
  findings.add("kept", "snapshots that compaction has kept for the beginnings of streams are gone or changed");
}

/** Where times fall back, the journal must know: it looks for moments by that. */
export class ClockCheck {
  readonly #findings: Findings;
  readonly #setbacks: readonly number[];
  #before: Pick<EventRow, "seq" | "at"> | undefined;
  #next = 0;

  constructor(connection: Connection, findings: Findings) {
    this.#findings = findings;
    this.#setbacks = findings.attempt<number[]>("setbacks", [], () =>
      connection.all<{ seq: number }>("SELECT seq FROM setbacks ORDER BY seq").map(({ seq }) => seq),
    );
  }

  /** To be called with every readable event in order. */
  see(row: EventRow): void {
    const { seq, at } = this.#before ?? row;
    this.#before = row;
    while ((this.#setbacks[this.#next] ?? Number.POSITIVE_INFINITY) <= seq) this.#next++;
    const noted = (this.#setbacks[this.#next] ?? Number.POSITIVE_INFINITY) <= row.seq;
    // Of a broken chain any time may be a lie.
    if (row.at < at && !noted && !this.#findings.has("chain")) {
      this.#findings.add("clock", `the clock was set back before event ${row.seq}, and that is not on record`, row.seq);
    }
  }
}
