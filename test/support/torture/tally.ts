import { CRASH_POINTS } from "../crash-points.ts";

/** One SIGKILL that struck. */
export interface Kill {
  readonly pid: number;
  readonly wish: string;
  readonly weapon: string;
  readonly scene: string;
}

/** What a run has done and seen; `failures` are told with the life's seed. */
export class Tally {
  readonly kills: Kill[] = [];
  readonly outcomes = new Map<string, number>();
  readonly failures: string[] = [];
  /** Weapons that did not strike: the wish was over first. */
  missed = 0;
  lives = 0;
  pairs = 0;
  lostAnswers = 0;
  stalePresentations = 0;
  removals = 0;
  /** Milliseconds from the start after a kill to rest. */
  readonly recoveries: number[] = [];

  outcome(name: string): void {
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
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
    `${tally.pairs} pairs sealed, ${tally.lostAnswers} answers lost, ${tally.stalePresentations} presentations of a spent or revoked pair, ${tally.removals} secrets removed`,
    `${tally.missed} times the wish was over before the kill`,
    `from the start after a kill to rest: median ${at(tally.recoveries, 0.5)} ms, p99 ${at(tally.recoveries, 0.99)} ms (other lives run beside it)`,
    ...neverStruck(kills),
    "",
    failures.length === 0
      ? "0 credentials lost after the sealed row, 0 wrong deletes, 0 torn or stale files, no presentation too many, no token forgotten"
      : failures.join("\n\n"),
    "",
  ].join("\n");
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
  const struck = new Set(kills.map(({ weapon }) => weapon.replace("starting, ", "")));
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
