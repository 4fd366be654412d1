import { parseArgs } from "node:util";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";
import { between, seeded } from "../support/random.ts";
import { live } from "../support/torture/life.ts";
import { BrokenPromise } from "../support/torture/promises.ts";
import { agendaOf, SCENES, sceneName } from "../support/torture/scenes.ts";
import { reportOf, Tally } from "../support/torture/tally.ts";
import { showBroken } from "./broken.ts";
import { openScope } from "./scope.ts";

// npm run test:crash                          kills agents a thousand times, anywhere, and says what came of it
// npm run test:crash -- --kills 50 --seed 7   less of it; a seed repeats what is drawn (not what the machine makes of it)
// npm run test:crash -- --only "2 machines"   lives whose name holds this
// npm run test:crash -- --broken              whether it would notice: agents that are broken on purpose

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string" },
    broken: { type: "boolean" },
    only: { type: "string" },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const scenes = SCENES.filter((scene) => sceneName(scene).includes(values.only ?? ""));
const DEATHS_A_LIFE = 12;
/** Lives side by side: two cores are busy with these. */
const AT_ONCE = 4;

const random = seeded(seed);
const tally = new Tally();
const startedAt = performance.now();
const scopes = new Set<ReturnType<typeof openScope>>();
// Whoever ends this run ends its agents.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    for (const scope of scopes) void scope.close();
  });
}
const bao = await startOpenBao();
try {
  process.exitCode = (await (values.broken ? showBroken(bao, seed) : torture(bao))) ? 0 : 1;
} finally {
  await bao.kill();
}

async function torture(bao: OpenBao): Promise<boolean> {
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => lives(lane, bao)));
  process.stdout.write(reportOf(tally, { seed, seconds: (performance.now() - startedAt) / 1000 }));
  return tally.failures.length === 0 && tally.kills.length >= kills;
}

/** One life after the other, until all have died often enough. */
async function lives(lane: number, bao: OpenBao): Promise<void> {
  for (let count = lane; tally.kills.length < kills; count += AT_ONCE) {
    const scene = scenes[count % scenes.length];
    if (!scene) return;
    const own = between(random, 0, 2 ** 31 - 1);
    const scope = openScope();
    scopes.add(scope);
    try {
      await live(scope, { scene, random: seeded(own), tally, bao, agenda: agendaOf(scene) }, DEATHS_A_LIFE);
    } catch (error) {
      scope.passed = false;
      const promise = error instanceof BrokenPromise ? error.promise : undefined;
      tally.failures.push({ promise, story: `in a life (${sceneName(scene)}, its seed ${own}):\n${explain(error)}` });
    } finally {
      await scope.close();
      scopes.delete(scope);
    }
    process.stderr.write(`${tally.kills.length} of ${kills} kills, ${tally.failures.length} failures\n`);
  }
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
