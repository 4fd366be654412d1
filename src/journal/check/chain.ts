import type { KeyObject } from "node:crypto";
import { chainMac, genesis, type Tail } from "../chain.ts";
import type { EventRow } from "../columns.ts";
import { type Gap, gapsDigest } from "../compact.ts";
import type { Findings } from "./report.ts";

/** Follows the chain from the genesis, or from an event that is taken as it stands, over gaps that compaction left, and names every place where it does not hold. */
export class ChainCheck {
  readonly #findings: Findings;
  readonly #key: KeyObject | undefined;
  readonly #gaps: ReadonlyMap<number, Gap>;
  #before: Tail;

  constructor(findings: Findings, gaps: readonly Gap[], key: KeyObject | undefined, before: Tail = genesis) {
    this.#before = before;
    this.#findings = findings;
    this.#key = key;
    this.#gaps = new Map(gaps.map((gap) => [gap.first, gap]));
  }

  /** To be called with every readable event in order. */
  see(row: EventRow): void {
    this.#crossGap();
    if (row.seq !== this.#before.seq + 1) {
      this.#findings.add("missing", `${range(this.#before.seq + 1, row.seq - 1)} missing`, this.#before.seq + 1);
    } else if (this.#key !== undefined && chainMac(this.#key, this.#before.mac, row) !== row.mac) {
      this.#findings.add("chain", `event ${row.seq} is not as it was written`, row.seq);
    }
    this.#before = row;
  }

  #crossGap(): void {
    const gap = this.#gaps.get(this.#before.seq + 1);
    if (gap !== undefined) this.#before = { ...this.#before, seq: gap.last, mac: gap.mac };
  }
}

/** The gaps must be those that the newest COMPACTED speaks of, or somebody else removed events. */
export function checkGaps(findings: Findings, gaps: readonly Gap[], compacted: EventRow | undefined): void {
  if (gaps.length === 0) return;
  const said: unknown = compacted === undefined ? undefined : JSON.parse(compacted.event).gapsDigest;
  if (said !== gapsDigest(gaps)) findings.add("chain", "events were removed, but not by compaction");
}

function range(first: number, last: number): string {
  return first === last ? `event ${first} is` : `events ${first} to ${last} are`;
}
