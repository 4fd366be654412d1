import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOpenBao } from "../test/support/openbao.ts";
import type { Figure } from "./journal.ts";
import { type Cost, startSyncing } from "./support/syncing.ts";

const SIZES = [100, 1_000, 10_000];
/** The size that the aims are about. */
const AIMED = 1_000;

/** So many rules, each with a secret of its own on OpenBao: a first pass, one that finds nothing to do, one changed secret. */
export async function benchSync(): Promise<Figure[]> {
  const bao = await startOpenBao();
  const figures: Figure[] = [];
  try {
    for (const size of SIZES) figures.push(...(await measure(bao, size)));
  } finally {
    await bao.stop();
  }
  return figures;
}

async function measure(bao: Awaited<ReturnType<typeof startOpenBao>>, size: number): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "dotvault-bench-sync-"));
  try {
    await using syncing = await startSyncing(bao, home, size);
    const { first } = syncing;
    const again = await syncing.again();
    const quiet = await syncing.look();
    await syncing.change();
    const changed = await syncing.look();
    const restarted = await syncing.restart();
    const passes = {
      "first pass": first,
      "full pass, nothing to do": again,
      "look, nothing moved": quiet,
      "look, one secret changed": changed,
      "restarted, nothing to do": restarted,
    };
    return Object.entries(passes).flatMap(([pass, cost]) => lines(size, pass, cost));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function lines(size: number, pass: string, { seconds, cpu, requests, commits }: Cost): Figure[] {
  const name = `sync: ${size.toLocaleString("en")} rules: ${pass}`;
  const aims = size === AIMED ? AIMS[pass] : undefined;
  return [
    { name, value: seconds, unit: "s", ...(aims && { aim: aims.seconds }) },
    { name: `${name}: CPU`, value: cpu, unit: "s" },
    { name: `${name}: requests`, value: requests, unit: "", ...(aims && { aim: aims.requests }) },
    { name: `${name}: transactions`, value: commits, unit: "" },
  ];
}

const AIMS: Readonly<Record<string, { readonly seconds: string; readonly requests: string }>> = {
  "first pass": { seconds: "≤ 2", requests: "≤ 1,100" },
  "full pass, nothing to do": { seconds: "≤ 0.5", requests: "≤ 10" },
  "look, one secret changed": { seconds: "≤ 0.5", requests: "≤ 10" },
};
