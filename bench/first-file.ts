import { existsSync, rmSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { startSimulator } from "../src/simulator/simulator.ts";
import type { Figure } from "./journal.ts";
import { startAgent } from "./support/child.ts";
import { type Home, makeHome, seedEmbedded } from "./support/home.ts";
import { median, quantile } from "./support/numbers.ts";

const rounds = 20;

/** From starting the agent's process to the file of the first rule, on the embedded store. */
export async function benchFirstFile(): Promise<Figure[]> {
  await using simulator = await startSimulator();
  using home = makeHome({ platform: simulator.url, enrolments: 1 });
  await seedEmbedded(simulator, home);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) times.push(await untilFile(home, "service-0"));
  // The first start finds neither a journal nor compiled code.
  const [first = Number.NaN, ...others] = times;
  return [
    { name: "agent start → first file: median", value: median(others), unit: "ms" },
    { name: "agent start → first file: 9 of 10", value: quantile(others, 0.9), unit: "ms" },
    { name: "agent start → first file: on a new machine", value: first, unit: "ms" },
  ];
}

async function untilFile(home: Home, name: string): Promise<number> {
  const file = home.file(name);
  rmSync(file, { force: true });
  const start = performance.now();
  const agent = startAgent(home);
  try {
    while (!existsSync(file)) await Promise.race([nextTurn(), agent.ended]);
    return performance.now() - start;
  } finally {
    await agent.stop();
  }
}
