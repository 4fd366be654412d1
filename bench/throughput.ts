import { type Simulator, startSimulator } from "../src/simulator/simulator.ts";
import { type OpenBao, startOpenBao } from "../test/support/openbao.ts";
import type { Figure } from "./journal.ts";
import { askForRotations, untilEach } from "./support/agent.ts";
import { startAgent } from "./support/child.ts";
import { type Home, makeHome, seedEmbedded, seedVault } from "./support/home.ts";
import { median } from "./support/numbers.ts";

const enrolments = 40;
const rounds = 5;

/**
 * Rotations per second of one agent, a process of its own, to which all enrolments are due at once: each claims the lease,
 * reads, presents, seals, stores, writes its file and releases. The simulated platform answers beside it.
 */
export async function benchThroughput(): Promise<Figure[]> {
  await using simulator = await startSimulator();
  const bao = await startOpenBao();
  try {
    const name = `rotations per second of one agent, ${enrolments} due at once`;
    return [
      { name: `${name}: embedded store`, value: await embedded(simulator), unit: "1/s" },
      { name: `${name}: OpenBao`, value: await shared(simulator, bao), unit: "1/s" },
    ];
  } finally {
    await bao.stop();
  }
}

async function embedded(simulator: Simulator): Promise<number> {
  using home = makeHome({ platform: simulator.url, enrolments });
  await seedEmbedded(simulator, home);
  return await rate(home);
}

async function shared(simulator: Simulator, bao: OpenBao): Promise<number> {
  using home = makeHome({ platform: simulator.url, enrolments, vault: bao });
  await seedVault(simulator, home, bao);
  return await rate(home);
}

/** The median round's; the first one is for warming up. */
async function rate(home: Home): Promise<number> {
  const agent = startAgent(home);
  const seconds: number[] = [];
  try {
    await untilEach(home, "SYNCED", 1);
    for (let round = 1; round <= rounds; round++) {
      const start = performance.now();
      await askForRotations(home);
      await untilEach(home, "RELEASED", round);
      seconds.push((performance.now() - start) / 1000);
    }
  } finally {
    await agent.stop();
  }
  return enrolments / median(seconds.slice(1));
}
