import { Actors } from "../src/agent/actors.ts";
import { Loop } from "../src/agent/loop.ts";
import type { Enrolment, World } from "../src/agent/ports.ts";
import { configure, resume } from "../src/agent/resume.ts";
import { requireConfig } from "../src/commands/assembly/config.ts";
import { silentLog } from "../src/commands/assembly/log-output.ts";
import { openWorld } from "../src/commands/assembly/world.ts";
import { streamOf } from "../src/machines/stream/names.ts";
import type { Figure } from "./journal.ts";
import { eventsPerRotation, loadedHome } from "./support/loaded-home.ts";
import { byTurns, median } from "./support/numbers.ts";

const few = 10;
const many = 1_000;
const rounds = 60;

/** The same thing is due with ten enrolments and with a thousand: what a look, and a start, cost in each. */
export async function benchDue(): Promise<Figure[]> {
  const [small, large] = [await prepare(few), await prepare(many)];
  try {
    const ticks = byTurns(rounds, { small: small.tick, large: large.tick });
    const resumes = byTurns(rounds, { small: small.resume, large: large.resume });
    return [
      ...figures(`a tick of the loop: ${many} enrolments beside ${few}`, ticks, "ms"),
      ...figures(`a start's look at what was under way: ${many} beside ${few}`, resumes, "ms"),
    ];
  } finally {
    await small.close();
    await large.close();
  }
}

function figures(name: string, { small, large }: { small: number[]; large: number[] }, unit: string): Figure[] {
  return [
    { name: `due: ${name}`, value: median(large) / median(small), unit: "×" },
    { name: `due: ${name}: the thousand alone`, value: median(large), unit },
  ];
}

interface Prepared {
  readonly tick: () => void;
  readonly resume: () => void;
  close(): Promise<void>;
}

/** A journal with so many enrolments at rest. The clock stands still, so that nothing comes due. */
async function prepare(count: number): Promise<Prepared> {
  const home = await loadedHome(count, count * eventsPerRotation);
  const config = requireConfig({ positionals: [], flags: {} }, home.io);
  const { world: real, plan, close } = await openWorld(home.where, config, home.io, { log: silentLog });
  const now = Date.now();
  const world: World = { ...real, clock: { now: () => now, at: () => () => {} } };
  const enrolments = new Map<string, Enrolment>(plan.enrolments.map((one) => [streamOf(one.name), one]));
  const loop = new Loop(world, new Actors(world), enrolments, { sync: () => {}, revokeTokens: () => {} });
  loop.start();
  return {
    tick: () => loop.ring(),
    resume() {
      const actors = new Actors(world);
      resume(world, actors, enrolments.keys());
      configure(world, actors, enrolments);
    },
    async close() {
      await loop.stop(0);
      await close();
      home[Symbol.dispose]();
    },
  };
}
