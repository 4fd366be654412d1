import { setTimeout as pause } from "node:timers/promises";
import type { JournalReader } from "../src/journal/port.ts";
import { openReader } from "../src/journal/reader.ts";
import { postRequest } from "../src/journal/request.ts";
import { startSimulator } from "../src/simulator/simulator.ts";
import { snapshotOf, stateOf } from "../test/support/agent-process.ts";
import { between, seeded } from "../test/support/random.ts";
import type { Figure } from "./journal.ts";
import { askForRotations, untilEach } from "./support/agent.ts";
import { startAgent } from "./support/child.ts";
import { type Home, makeHome, seedEmbedded } from "./support/home.ts";
import { median, quantile } from "./support/numbers.ts";

const kills = 100;
const quietStarts = 20;
const name = "service-0";
const seed = 20_261_126;
/** No rotation takes longer on a quiet machine; some of the kills come after it. */
const longestMs = 40;
const lookEvery = 2;
const patience = 30_000;

/**
 * From the start of the agent's process after a SIGKILL somewhere in a rotation until nothing is open any more: a live pair
 * is stored and in the file. Beside it a start after an orderly end, which has nothing to take up.
 */
export async function benchRecovery(): Promise<Figure[]> {
  await using simulator = await startSimulator({ switches: { oldAccessToken: "lives" } });
  using home = makeHome({ platform: simulator.url, enrolments: 1 });
  await seedEmbedded(simulator, home);
  const random = seeded(seed);
  await rotateAndEnd(home);
  const quiet: number[] = [];
  for (let done = 0; done < quietStarts; done++) quiet.push(await startToRest(home));
  const killed: number[] = [];
  for (let done = 0; done < kills; done++) {
    await killWhileRotating(home, between(random, 0, longestMs));
    killed.push(await startToRest(home));
  }
  const figure = `start after a kill in a rotation → at rest (${kills} kills)`;
  return [
    {
      name: `${figure}: median beside a quiet start`,
      value: median(killed) / median(quiet),
      unit: "×",
    },
    { name: `${figure}: median`, value: median(killed), unit: "ms" },
    { name: `${figure}: p99`, value: quantile(killed, 0.99), unit: "ms" },
    { name: "  a quiet start, with nothing to take up: median", value: median(quiet), unit: "ms" },
  ];
}

async function rotateAndEnd(home: Home): Promise<void> {
  const agent = startAgent(home);
  await untilEach(home, "SYNCED", 1);
  await askForRotations(home);
  await untilEach(home, "RELEASED", 1);
  await agent.stop();
}

async function killWhileRotating(home: Home, afterMs: number): Promise<void> {
  const agent = startAgent(home);
  await untilRest(home, wish(home, "sync"));
  await askForRotations(home);
  await pause(afterMs);
  await agent.kill();
}

async function startToRest(home: Home): Promise<number> {
  const request = wish(home, "sync");
  const start = performance.now();
  const agent = startAgent(home);
  await untilRest(home, request);
  const took = performance.now() - start;
  await agent.stop();
  return took;
}

/** A request that waits until an agent is up: how one sees from outside that it is. */
function wish({ where }: Home, verb: string): number {
  return postRequest({ directory: where.stateDir, clock: Date.now }, verb, { name });
}

async function untilRest({ where }: Home, request: number): Promise<void> {
  for (let waited = 0; waited < patience; waited += lookEvery) {
    const reader = openReader({ directory: where.stateDir });
    try {
      if (reader && isAtRest(reader, request)) return;
    } finally {
      reader?.close();
    }
    await pause(lookEvery);
  }
  throw new Error(`waited in vain for an agent at rest in ${where.stateDir}`);
}

/** Revocations that wait for running programs are the only ones still open. */
function isAtRest(reader: JournalReader, request: number): boolean {
  const busy = reader.openIntents().some(({ kind, params }) => kind !== "revoke" || params.after === 0);
  const isUp = reader.request(request)?.state === "taken";
  return (
    isUp && !busy && stateOf(reader, name) === "active.resting" && snapshotOf(reader, name)?.context.fresh === null
  );
}
