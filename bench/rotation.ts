import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Agent, type Plan } from "../src/agent/agent.ts";
import type { World } from "../src/agent/ports.ts";
import { requireConfig } from "../src/commands/config.ts";
import { silentLog } from "../src/commands/log-output.ts";
import { openWorld } from "../src/commands/world.ts";
import { postRequest } from "../src/journal/request.ts";
import { startSimulator } from "../src/simulator/simulator.ts";
import type { Figure } from "./journal.ts";
import { type Home, makeHome, seedEmbedded } from "./support/home.ts";
import { median, quantile, timed } from "./support/numbers.ts";

const enrolments = 50;
const rotationsOfEach = 3;
/** What one event adds to the WAL (the journal's own figure): the bytes that the raw write beside it writes. */
const bytesOfEvent = 20_000;

interface Moments {
  answered: number;
  readonly durable: number[];
  readonly onDisk: number[];
}

/** One rotation after the other in this process: what the machine that just got the only copy of a credential needs to keep it. */
export async function benchRotation(): Promise<Figure[]> {
  await using simulator = await startSimulator();
  using home = makeHome({ platform: simulator.url, enrolments });
  await seedEmbedded(simulator, home);
  const moments: Moments = { answered: 0, durable: [], onDisk: [] };
  await rotateAll(home, moments);
  const raw = rawWrites(home, moments.durable.length);
  return [
    { name: "rotation's answer → durable sealed row: median", value: median(moments.durable), unit: "ms" },
    { name: "rotation's answer → durable sealed row: p99", value: quantile(moments.durable, 0.99), unit: "ms" },
    { name: "  beside it, one write + fdatasync of as many bytes: median", value: median(raw), unit: "ms" },
    { name: "  beside it, one write + fdatasync of as many bytes: p99", value: quantile(raw, 0.99), unit: "ms" },
    { name: "rotation's answer → file on disk: median", value: median(moments.onDisk), unit: "ms" },
    { name: "rotation's answer → file on disk: p99", value: quantile(moments.onDisk, 0.99), unit: "ms" },
  ];
}

async function rotateAll(home: Home, moments: Moments): Promise<void> {
  const config = requireConfig({ positionals: [], flags: {} }, home.io);
  const real = await openWorld(home.where, config, home.io, { log: silentLog });
  const agent = new Agent(watchedWorld(real.world, moments), watchedPlan(real.plan, moments));
  agent.start();
  await agent.settled();
  for (let round = 0; round < rotationsOfEach; round++) {
    for (const name of home.names) {
      postRequest({ directory: home.where.stateDir, clock: Date.now }, "refresh", { name });
      agent.ring();
      await agent.settled();
    }
  }
  await agent.stop();
  await real.close();
}

/** Notes when the pair is durable, and when its file is written. */
function watchedWorld(world: World, moments: Moments): World {
  const since = (list: number[]) => list.push(performance.now() - moments.answered);
  return {
    ...world,
    journal: {
      ...world.journal,
      append(input) {
        const seq = world.journal.append(input);
        if (input.event.type === "PAIR_ISSUED") since(moments.durable);
        return seq;
      },
    },
    files: {
      async sync(name, fields, source) {
        const report = await world.files.sync(name, fields, source);
        if (source === "sealed" && report.written.length > 0) since(moments.onDisk);
        return report;
      },
    },
  };
}

/** Notes when the service's answer has arrived. */
function watchedPlan(plan: Plan, moments: Moments): Plan {
  const enrolments = plan.enrolments.map(({ name, engine }) => ({
    name,
    engine: {
      ...engine,
      async refresh(...args: Parameters<NonNullable<typeof engine.refresh>>) {
        const result = await engine.refresh?.(...args);
        if (!result) throw new Error("this engine can't rotate");
        moments.answered = performance.now();
        return result;
      },
    },
  }));
  return { ...plan, enrolments };
}

function rawWrites({ path }: Home, count: number): number[] {
  const file = openSync(join(path, "raw"), "w");
  const block = Buffer.alloc(bytesOfEvent, 1);
  try {
    return Array.from({ length: count }, () =>
      timed(() => {
        writeSync(file, block, 0, block.length, 0);
        fdatasyncSync(file);
      }),
    );
  } finally {
    closeSync(file);
  }
}
