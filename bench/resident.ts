import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { startSimulator } from "../src/simulator/simulator.ts";
import { startOpenBao } from "../test/support/openbao.ts";
import type { Figure } from "./journal.ts";
import { askForRotations, untilEach } from "./support/agent.ts";
import { startAgent, startIdleNode, type Watched } from "./support/child.ts";
import { type Home, makeHome, seedEmbedded, seedVault } from "./support/home.ts";
import { median } from "./support/numbers.ts";

const enrolments = 10;
const idleMinutes = 1;
const sampleEvery = 2_000;

/**
 * Resident memory and processor time of agents at rest, after every enrolment has rotated once, beside a Node that does
 * nothing; all three are watched over the same minute.
 */
export async function benchResident(): Promise<Figure[]> {
  if (!existsSync("/proc/self/status")) return [];
  await using simulator = await startSimulator();
  const bao = await startOpenBao();
  using embedded = makeHome({ platform: simulator.url, enrolments });
  using shared = makeHome({ platform: simulator.url, enrolments, vault: bao });
  await seedEmbedded(simulator, embedded);
  await seedVault(simulator, shared, bao);
  const watched = { bare: startIdleNode(), embedded: startAgent(embedded), vault: startAgent(shared) };
  try {
    await Promise.all([embedded, shared].map(rotatedOnce));
    return figures(await watchIdle(watched));
  } finally {
    await Promise.all(Object.values(watched).map((process) => process.stop()));
    await bao.stop();
  }
}

async function rotatedOnce(home: Home): Promise<void> {
  await untilEach(home, "SYNCED", 1);
  await askForRotations(home);
  await untilEach(home, "RELEASED", 1);
}

type Seen<K extends string> = Record<K, { readonly resident: number[]; processor: number }>;

async function watchIdle<K extends string>(processes: Readonly<Record<K, Watched>>): Promise<Seen<K>> {
  const entries = Object.entries<Watched>(processes);
  const before = new Map(entries.map(([name, process]) => [name, process.processorTime()]));
  const resident = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let waited = 0; waited < idleMinutes * 60_000; waited += sampleEvery) {
    await pause(sampleEvery);
    for (const [name, process] of entries) resident.get(name)?.push(process.resident());
  }
  const seen = entries.map(([name, process]) => [
    name,
    { resident: resident.get(name) ?? [], processor: process.processorTime() - (before.get(name) ?? 0) },
  ]);
  return Object.fromEntries(seen) as Seen<K>;
}

function figures(seen: Seen<"bare" | "embedded" | "vault">): Figure[] {
  const memory = (name: keyof typeof seen) => median(seen[name].resident);
  const beside = (name: keyof typeof seen) => memory(name) / memory("bare");
  const share = (name: keyof typeof seen) => (100 * seen[name].processor) / (idleMinutes * 60_000);
  const agent = `agent, ${enrolments} enrolments, all rotated once`;
  return [
    { name: `memory: ${agent}: embedded store beside idle Node`, value: beside("embedded"), unit: "×", aim: "≤ 2.3" },
    { name: `memory: ${agent}: OpenBao beside idle Node`, value: beside("vault"), unit: "×", aim: "≤ 2.6" },
    { name: "memory: idle Node of the same minute", value: memory("bare") / 1e6, unit: "MB" },
    {
      name: "memory: agent on the embedded store, its largest",
      value: Math.max(...seen.embedded.resident) / 1e6,
      unit: "MB",
    },
    { name: "memory: agent on OpenBao, its largest", value: Math.max(...seen.vault.resident) / 1e6, unit: "MB" },
    { name: "idle processor time over a minute: embedded store", value: share("embedded"), unit: "%" },
    { name: "idle processor time over a minute: OpenBao", value: share("vault"), unit: "%" },
  ];
}
