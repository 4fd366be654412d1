import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Agent, type Plan } from "../src/agent/agent.ts";
import type { World } from "../src/agent/ports.ts";
import { requireConfig } from "../src/commands/assembly/config.ts";
import { silentLog } from "../src/commands/assembly/log-output.ts";
import { openWorld } from "../src/commands/assembly/world.ts";
import { postRequest } from "../src/journal/request.ts";
import { startSimulator } from "../src/simulator/simulator.ts";
import type { Figure } from "./journal.ts";
import { type Home, makeHome, seedEmbedded } from "./support/home.ts";
import { median, quantile, timed } from "./support/numbers.ts";

const enrolments = 50;
/** The first is for warming up. */
const rotationsOfEach = 5;
/** What one event adds to the WAL (the journal's own figure): the bytes that the raw write beside it writes. */
const bytesOfEvent = 20_000;

interface Moments {
  answered: number;
  readonly durable: number[];
  readonly onDisk: number[];
  /** One write and fdatasync at the end of each rotation, over old bytes: the disk's mood is the same then. */
  readonly raw: number[];
  /** The same at the end of a file: it grows, as a WAL does that was truncated for the sake of deleted secrets. */
  readonly grown: number[];
}

/** One rotation after the other in this process: what the machine that just got the only copy of a credential needs to keep it. */
export async function benchRotation(): Promise<Figure[]> {
  await using simulator = await startSimulator();
  using home = makeHome({ platform: simulator.url, enrolments });
  await seedEmbedded(simulator, home);
  const moments: Moments = { answered: 0, durable: [], onDisk: [], raw: [], grown: [] };
  await rotateAll(home, moments);
  return figures(moments);
}

function figures(moments: Moments): Figure[] {
  const { durable, raw, grown, onDisk } = {
    durable: moments.durable.slice(enrolments),
    raw: moments.raw.slice(enrolments),
    grown: moments.grown.slice(enrolments),
    onDisk: moments.onDisk.slice(enrolments),
  };
  const [window, beside] = ["rotation's answer → durable sealed row", "one write + fdatasync of as many bytes"];
  const ratio = (share: number) => quantile(durable, share) / quantile(raw, share);
  return [
    { name: `${window}: median beside a raw fdatasync`, value: ratio(0.5), unit: "×", aim: "≤ 2.5" },
    { name: `${window}: p99 beside a raw fdatasync`, value: ratio(0.99), unit: "×" },
    { name: `${window}: median beside one of a file that grows`, value: median(durable) / median(grown), unit: "×" },
    { name: `${window}: median`, value: median(durable), unit: "ms" },
    { name: `${window}: p99`, value: quantile(durable, 0.99), unit: "ms" },
    // What an agent that rotates once a month has every time.
    { name: `${window}: the very first, all code cold`, value: moments.durable[0] ?? Number.NaN, unit: "ms" },
    { name: `  beside it, ${beside}: median`, value: median(raw), unit: "ms" },
    { name: `  beside it, ${beside}: p99`, value: quantile(raw, 0.99), unit: "ms" },
    { name: "rotation's answer → file on disk: median", value: median(onDisk), unit: "ms" },
    { name: "rotation's answer → file on disk: p99", value: quantile(onDisk, 0.99), unit: "ms" },
  ];
}

async function rotateAll(home: Home, moments: Moments): Promise<void> {
  const config = requireConfig({ positionals: [], flags: {} }, home.io);
  const real = await openWorld(home.where, config, home.io, { log: silentLog });
  const agent = new Agent(watchedWorld(real.world, moments), watchedPlan(real.plan, moments));
  const raw = openSync(join(home.path, "raw"), "w");
  const block = Buffer.alloc(bytesOfEvent, 1);
  const write = (position: number) => {
    writeSync(raw, block, 0, block.length, position);
    fdatasyncSync(raw);
  };
  write(0);
  agent.start();
  await agent.settled();
  for (let round = 0; round < rotationsOfEach; round++) {
    for (const name of home.names) {
      postRequest({ directory: home.where.stateDir, clock: Date.now }, "refresh", { name });
      agent.ring();
      await agent.settled();
      moments.raw.push(timed(() => write(0)));
      moments.grown.push(timed(() => write(block.length * (1 + moments.grown.length))));
    }
  }
  closeSync(raw);
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
      missing: world.files.missing,
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
