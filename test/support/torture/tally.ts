import type { Ledger } from "../../../src/simulator/ledger.ts";
import { CRASH_POINTS } from "../crash-points.ts";
import { PROMISES, type PromiseName } from "./promises.ts";

/** One SIGKILL that struck. */
export interface Kill {
  readonly pid: number;
  readonly wish: string;
  readonly weapon: string;
  readonly scene: string;
}

/** What a run has done and seen. */
export class Tally {
  readonly kills: Kill[] = [];
  readonly outcomes = new Map<string, number>();
  /** Each with its life's seed, and the promise that was broken; none for a run that hung. */
  readonly failures: { readonly promise?: PromiseName | undefined; readonly story: string }[] = [];
  /** Weapons that did not strike: the wish was over first. */
  missed = 0;
  lives = 0;
  /** Times that file, store and journal were compared with the ledger. */
  looks = 0;
  readonly counts = {
    sealed: 0,
    unseen: 0,
    known: 0,
    takenOver: 0,
    stale: 0,
    revoked: 0,
    removals: 0,
    superseded: 0,
    open: 0,
  };
  /** Milliseconds from the start after a kill to rest. */
  readonly recoveries: number[] = [];

  outcome(name: string): void {
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
  }

  /** A life is over. @param revoked pairs that an administrator revoked in it */
  close(
    events: readonly { readonly type: string; readonly facts?: unknown; readonly doubt?: unknown }[],
    ledger: Ledger,
    revoked: number,
  ): void {
    const { counts } = this;
    const of = (type: string) => events.filter((event) => event.type === type);
    const issued = of("PAIR_ISSUED").map(({ facts }) => (facts as { tokenId: string }).tokenId);
    counts.sealed += issued.length;
    counts.unseen += ledger.pairs.filter(({ by, tokenId }) => by === "refresh" && !issued.includes(tokenId)).length;
    counts.known += of("ANSWER_LOST").length;
    counts.takenOver += of("CLAIMED").filter(({ doubt }) => doubt !== null).length;
    counts.stale += ledger.stalePresentations().length;
    counts.revoked += revoked;
    counts.removals += of("REMOVED").length;
    counts.superseded += ledger.pairs.filter(({ state }) => state !== "live").length;
    counts.open += Math.max(0, ledger.live().length - 1);
  }
}

/** The report, for people. */
export function reportOf(tally: Tally, { seed, seconds }: { readonly seed: number; readonly seconds: number }): string {
  const { kills, failures } = tally;
  return [
    `${kills.length} kills of child processes (SIGKILL) in ${tally.lives} lives, ${Math.round(seconds)} s, seed ${seed}`,
    "",
    ...table("killed", kills, ({ weapon }) => weapon),
    ...table("while", kills, ({ wish }) => wish),
    ...table("where", kills, ({ scene }) => scene),
    "what came of it, after the next start that was left alone",
    ...[...tally.outcomes].sort(byCount).map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`),
    "",
    "required: 0 of each",
    ...figures(tally),
    "",
    `${tally.missed} times the wish was over before the kill`,
    `from the start after a kill to rest: median ${at(tally.recoveries, 0.5)} ms, p99 ${at(tally.recoveries, 0.99)} ms (other lives run beside it)`,
    ...neverStruck(kills),
    ...failures.map(({ story }) => `\n${story}`),
    "",
  ].join("\n");
}

function figures({ failures, counts, looks }: Tally): string[] {
  const { sealed, unseen, known, takenOver, stale, revoked, removals, superseded, open } = counts;
  const beside: Readonly<Record<PromiseName, string>> = {
    lost: `${sealed} pairs were sealed; file and store were compared with the ledger ${looks} times`,
    unnoticed: `${unseen} rotations never reached the journal, ${known} requests are known as unanswered`,
    presented: `${stale} presentations, ${known} unanswered, ${takenOver} leases taken over, ${revoked} pairs revoked behind the agent's back`,
    removed: `${removals} secrets were removed`,
    file: `looked at ${looks} times, also at the moment of death`,
    forgotten: `${superseded} are revoked or spent, ${open} were on record as still to be when their life ended`,
    journal: `every chain was verified ${looks} times`,
  };
  const broken = (name?: string) => failures.filter(({ promise }) => promise === name).length;
  const lines = (Object.keys(PROMISES) as PromiseName[]).map((name) => [broken(name), PROMISES[name], beside[name]]);
  const stuck = [broken(undefined), "lives that hung or failed otherwise", ""];
  return [...lines, stuck].map(
    ([count, name, of]) => `  ${String(count).padStart(5)}  ${name}${of === "" ? "" : ` (${of})`}`,
  );
}

function table(title: string, kills: readonly Kill[], key: (kill: Kill) => string): string[] {
  const groups = [...Map.groupBy(kills, key)].sort(([, one], [, other]) => other.length - one.length);
  const width = Math.max(0, ...groups.map(([name]) => name.length));
  return [
    title,
    ...groups.map(([name, of]) => {
      const pids = title === "killed" ? `  pids ${of.map(({ pid }) => pid).join(" ")}` : "";
      return `  ${String(of.length).padStart(5)}  ${pids === "" ? name : name.padEnd(width)}${pids}`;
    }),
    "",
  ];
}

/** Named points at which nobody died: a run that is long enough has none. */
function neverStruck(kills: readonly Kill[]): string[] {
  const struck = new Set(kills.map(({ weapon }) => weapon.replace("starting, ", "").replace(/ of \w+$/, "")));
  const points = CRASH_POINTS.flatMap((point) => [`before ${point}`, `after ${point}`]);
  const missing = points.filter((point) => !struck.has(point));
  return missing.length === 0 ? [] : [`never struck: ${missing.join(", ")}`];
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

function byCount([, one]: [string, number], [, other]: [string, number]): number {
  return other - one;
}
