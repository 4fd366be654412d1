import type { SecretStore } from "../../src/adapters/store-port.ts";
import { Actors } from "../../src/agent/actors.ts";
import { Patrol } from "../../src/agent/patrol.ts";
import type { FileSync, World } from "../../src/agent/ports.ts";
import { VirtualClock } from "./model/clock.ts";
import { MemoryJournal } from "./model/journal.ts";

const nothing = () => {};
const START = Date.UTC(2026, 10, 27);

/** The agent's rounds over the secrets of a store, in a time that moves only when it is told to. */
export interface PatrolStage {
  readonly patrol: Patrol;
  readonly clock: VirtualClock;
  readonly journal: MemoryJournal;
  /** Secrets whose files were written, with the time. */
  readonly synced: { readonly name: string; readonly at: number }[];
  /** Begins of rounds in which everything was compared. */
  readonly full: number[];
  /** Milliseconds since the stage was set up. */
  time(): number;
  runFor(milliseconds: number): Promise<void>;
}

export function patrolOver(
  store: SecretStore,
  names: readonly string[],
  { watchEvery = 10_000, syncEvery = 15 * 60_000 }: { watchEvery?: number; syncEvery?: number } = {},
  clock: VirtualClock = new VirtualClock(START),
): PatrolStage {
  const start = clock.now();
  const time = () => clock.now() - start;
  const synced: { name: string; at: number }[] = [];
  const report = { written: [], failed: [], passing: false };
  const files: FileSync = {
    sync: async (name) => {
      synced.push({ name, at: time() });
      return report;
    },
    missing: async () => report,
    untouched: async () => true,
  };
  const journal = new MemoryJournal(nothing, nothing);
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const world = { store, clock, journal, log, files } as Partial<World> as World;
  const full: number[] = [];
  const before = async () => void full.push(time());
  const beat = () => ({ names, watchEvery, syncEvery });
  const actors = new Actors(world);
  const patrol = new Patrol({ world, actors, enrolments: new Map(), beat, before, after: nothing });
  const runFor = async (milliseconds: number) => {
    const end = clock.now() + milliseconds;
    for (await patrol.settled(); clock.next() <= end; await patrol.settled()) clock.moveTo(clock.next());
    clock.moveTo(end);
    await patrol.settled();
  };
  return { patrol, clock, journal, synced, full, time, runFor };
}
