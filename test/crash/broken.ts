import type { OpenBao } from "../support/openbao.ts";
import { seeded } from "../support/random.ts";
import { BREAKS, type Break } from "../support/torture/broken.ts";
import { live } from "../support/torture/life.ts";
import { BrokenPromise } from "../support/torture/promises.ts";
import { Tally } from "../support/torture/tally.ts";
import { openScope } from "./scope.ts";

/** Whoever is broken on purpose has shown it by then. */
const DEATHS = 60;

/** Lives of agents that are broken on purpose. @returns whether each of them was seen to be */
export async function showBroken(bao: OpenBao, seed: number): Promise<boolean> {
  let all = true;
  for (const [name, broken] of Object.entries(BREAKS)) {
    const tally = new Tally();
    const found = await firstFound(name, broken, tally, { bao, seed });
    const isSeen = broken.breaks.some((promise) => promise === found?.promise);
    all &&= isSeen;
    const after = `after ${tally.kills.length} kills: ${found?.story ?? "nothing was noticed"}`;
    process.stdout.write(`${isSeen ? "seen" : "NOT SEEN"}  ${name}\n      ${after}\n`);
  }
  return all;
}

async function firstFound(
  broken: string,
  { scene, agenda = [] }: Break,
  tally: Tally,
  { bao, seed }: { bao: OpenBao; seed: number },
) {
  const scope = openScope();
  try {
    await live(scope, { scene, random: seeded(seed), tally, bao, broken, agenda }, DEATHS);
    return undefined;
  } catch (error) {
    if (error instanceof BrokenPromise) return { promise: error.promise, story: error.message };
    return { promise: "rest", story: `it never came to rest: ${String(error).split("\n", 1)[0]}` } as const;
  } finally {
    await scope.close();
  }
}
