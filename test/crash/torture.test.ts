import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";
import { between, seeded } from "../support/random.ts";
import { live } from "../support/torture/life.ts";
import { SCENES, sceneName, type Wish } from "../support/torture/scenes.ts";
import { reportOf, Tally } from "../support/torture/tally.ts";

/** The short form of `npm run test:crash`: its lives with a few deaths each. CRASH_SEED repeats what is drawn. */
const seed = Number(process.env.CRASH_SEED ?? 20_261_127);
const random = seeded(seed);
const DEATHS = 3;
/** So that every run has some of each. */
const AGENDAS: readonly (readonly Wish[])[] = [
  ["compact"],
  ["outage", "rotate"],
  ["rotate"],
  ["new format", "outage"],
  ["upgrade", "rotate"],
  ["un-enrol"],
];

describe(`whole lives, killed again and again (CRASH_SEED=${seed})`, { concurrency: 3, timeout: 10 * 60_000 }, () => {
  let bao: OpenBao;
  const tally = new Tally();
  before(async () => {
    bao = await startOpenBao();
  });
  after(() => bao.kill());
  for (const [index, scene] of SCENES.filter(({ machines }) => !machines).entries()) {
    const agenda = AGENDAS[index] ?? [];
    const own = between(random, 0, 2 ** 31 - 1);
    test(`${sceneName(scene)}: nothing sealed is lost, nothing live removed (its seed ${own})`, async (t) => {
      await live(t, { scene, random: seeded(own), tally, bao, agenda }, DEATHS);
    });
  }

  test("the report counts every kill, and by what", () => {
    const report = reportOf(tally, { seed, seconds: 1 });
    assert.match(report, new RegExp(`^${tally.kills.length} kills of child processes \\(SIGKILL\\) in \\d+ lives`));
    for (const { pid } of tally.kills) assert.ok(report.includes(` ${pid}`), `pid ${pid}`);
  });
});
