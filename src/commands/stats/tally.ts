import type { JournalReader, Recorded } from "../../journal/port.ts";
import { nameOf } from "../../machines/stream/names.ts";
import type { Closest, StatsReport } from "../../terminal/stats.ts";
import { outages } from "./outages.ts";

type Found = Omit<StatsReport, "schemaVersion" | "since" | "at">;

/** Every stream's RESUMED of one start lies within this, milliseconds. */
const ONE_START = 2_000;
const DISTURBS = ["ANSWER_LOST", "FAILED", "REFUSED"];
const BEGINS = ["WOKE", "REFRESH_ASKED"];
/** One in five of all events. */
const COUNTED = [...DISTURBS, ...BEGINS, "PAIR_ISSUED", "ENROL_ASKED", "AGENT_STARTED", "RESUMED"];

/** Counts what the history holds from a time on; causes may lie before it. Reads those events alone that it has to. */
export function tally(reader: Pick<JournalReader, "events">, from: number): Found {
  const seen = new Tally(from);
  for (const recorded of reader.events({ type: COUNTED })) seen.see(recorded);
  const bridged = outages(reader, seen.failures).filter(({ outcome }) => outcome.event.at >= from);
  const took = bridged.map(({ since, outcome }) => closest(outcome, outcome.event.at - since));
  return { ...seen.counts, leastLifeLeft: seen.least, longestOutage: took.toSorted(longest)[0] ?? null };
}

function longest(one: Closest, other: Closest): number {
  return other.milliseconds - one.milliseconds;
}

class Tally {
  readonly counts = {
    rotations: 0,
    firstTry: 0,
    logins: 0,
    lostAnswers: 0,
    starts: 0,
    kills: 0,
    interruptedStarts: 0,
  };
  least: Closest | null = null;
  readonly failures: Recorded[] = [];
  readonly #from: number;
  /** End of the newest pair, by stream. */
  readonly #ends = new Map<string, number | undefined>();
  /** Streams whose rotation under way was not answered at once. */
  readonly #disturbed = new Set<string>();
  #resumedAt = Number.NEGATIVE_INFINITY;

  constructor(from: number) {
    this.#from = from;
  }

  see(recorded: Recorded): void {
    if (recorded.event.type === "FAILED") this.failures.push(recorded);
    this.#count(recorded);
    this.#rotation(recorded);
    this.#start(recorded);
  }

  #isNew({ event }: Recorded): boolean {
    return event.at >= this.#from;
  }

  #count(recorded: Recorded): void {
    if (!this.#isNew(recorded)) return;
    if (recorded.event.type === "ANSWER_LOST") this.counts.lostAnswers += 1;
    if (recorded.event.type === "ENROL_ASKED") this.counts.logins += 1;
    if (recorded.event.type !== "AGENT_STARTED") return;
    this.counts.starts += 1;
    if (recorded.event.before === "killed") this.counts.kills += 1;
  }

  #rotation(recorded: Recorded): void {
    const { stream, event, state } = recorded;
    if (BEGINS.includes(event.type)) this.#disturbed.delete(stream);
    if (DISTURBS.includes(event.type)) this.#disturbed.add(stream);
    if (event.type !== "PAIR_ISSUED") return;
    const before = this.#ends.get(stream);
    this.#ends.set(stream, (event.facts as { readonly expiresAt?: number }).expiresAt);
    const isRotation = typeof state === "object" && state !== null && "refreshing" in state;
    if (!isRotation || !this.#isNew(recorded)) return;
    this.counts.rotations += 1;
    if (!this.#disturbed.has(stream) && event.tries === undefined) this.counts.firstTry += 1;
    if (before !== undefined) this.#nearer(closest(recorded, before - event.at));
  }

  #nearer(left: Closest): void {
    if (this.least === null || left.milliseconds < this.least.milliseconds) this.least = left;
  }

  #start(recorded: Recorded): void {
    const { at, type } = recorded.event;
    if (type !== "RESUMED") return;
    if (this.#isNew(recorded) && at - this.#resumedAt > ONE_START) this.counts.interruptedStarts += 1;
    this.#resumedAt = at;
  }
}

function closest({ stream, event }: Recorded, milliseconds: number): Closest {
  return { name: nameOf(stream), at: new Date(event.at), milliseconds };
}
