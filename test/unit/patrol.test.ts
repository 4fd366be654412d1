import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type SecretStore, StoreFailure } from "../../src/adapters/store-port.ts";
import { restAfter, spreadRound } from "../../src/agent/rounds.ts";
import { VirtualClock } from "../support/model/clock.ts";
import { type PatrolStage, patrolOver } from "../support/patrol.ts";
import { property } from "../support/property.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Asked {
  readonly at: number;
  readonly names: readonly string[];
}

/** A store that counts looks; `lists`: one request shows them all. */
function counted(n: number, lists: boolean) {
  const clock = new VirtualClock(0);
  const names = Array.from({ length: n }, (_, i) => `s${i}`);
  const versions = new Map(names.map((name) => [name, 1]));
  const looks: Asked[] = [];
  const trouble = new Map<string, StoreFailure>();
  const version = (name: string) => versions.get(name) ?? 0;
  const store = {
    async look(wanted: readonly string[]) {
      looks.push({ at: clock.now(), names: wanted });
      for (const name of wanted) {
        const failure = trouble.get(name) ?? trouble.get("all");
        if (failure) throw failure;
      }
      return new Map(wanted.map((name) => [name, { version: version(name), createdAt: 1, deleted: false }]));
    },
    read: async (name: string) => ({
      state: "present",
      version: version(name),
      createdAt: 1,
      fields: {},
      serverTime: clock.now(),
    }),
    lookGroups: (wanted: readonly string[]) => (lists ? [wanted] : wanted.map((name) => [name])),
  } as Partial<SecretStore> as SecretStore;
  const change = (name: string) => versions.set(name, version(name) + 1);
  return { store, names, looks, change, trouble, clock };
}

async function started(
  n: number,
  lists: boolean,
  beat: Parameters<typeof patrolOver>[2] = {},
): Promise<PatrolStage & ReturnType<typeof counted>> {
  const given = counted(n, lists);
  const stage = patrolOver(given.store, given.names, beat, given.clock);
  stage.patrol.now();
  await stage.patrol.settled();
  assert.deepEqual(
    given.looks.map(({ names }) => names),
    [given.names],
    "the first look is at everything, at once",
  );
  given.looks.length = 0;
  stage.synced.length = 0;
  return { ...given, ...stage };
}

/** Every secret is changed by somebody else, each at another moment; how long each took to its files. */
async function delays({ runFor, names, change, synced, time }: Awaited<ReturnType<typeof started>>): Promise<number[]> {
  const changed = new Map<string, number>();
  for (const name of names) {
    change(name);
    changed.set(name, time());
    await runFor(3_700);
  }
  await runFor(20 * MINUTE);
  return names.map((name) => (synced.find((one) => one.name === name)?.at ?? Infinity) - (changed.get(name) ?? 0));
}

function shortestGap(looks: readonly Asked[]): number {
  return Math.min(...looks.slice(1).map(({ at }, i) => at - (looks[i]?.at ?? 0)));
}

for (const n of [1, 10, 100, 1_000]) {
  test(`${n} secrets, the server lists them: each change is in its files within ten seconds, for one request each ten`, async () => {
    const stage = await started(n, true);
    assert.ok(Math.max(...(await delays(stage))) <= 10 * SECOND);
    assert.equal(stage.looks.length, Math.floor(stage.time() / (10 * SECOND)));
  });
}

for (const n of [1, 3, 10, 100]) {
  test(`${n} secrets, no listings: within ${Math.max(10, n)} seconds, and never more than one request a second`, async () => {
    const stage = await started(n, false);
    assert.ok(Math.max(...(await delays(stage))) <= Math.max(10, n) * SECOND);
    assert.ok(shortestGap(stage.looks) >= SECOND, `${shortestGap(stage.looks)} ms`);
    assert.ok(stage.looks.every(({ names }) => names.length === 1));
    assert.ok(stage.full.length >= 2, "also in the rounds that compare everything");
  });
}

property(
  "a round is spread evenly over its time, and takes longer only where it would be more than one look a second",
  [fc.nat(3_000), fc.integer({ min: SECOND, max: 60 * MINUTE })],
  (n, every) => {
    const { parts, beat } = spreadRound(
      Array.from({ length: n }, (_, i) => [`s${i}`]),
      every,
    );
    assert.ok(beat >= SECOND);
    assert.ok(Math.abs(beat * parts.length - Math.max(every, n * SECOND)) < 1);
  },
);

property(
  "whatever the clock does, the rest is between nothing and a beat",
  [fc.nat(), fc.nat(), fc.nat()],
  (began, now, beat) => {
    const rest = restAfter(began, now, beat);
    assert.ok(rest >= 0 && rest <= beat);
  },
);

test("an administrator can have it looked at less often", async () => {
  const { runFor, looks } = await started(100, true, { watchEvery: 5 * MINUTE });
  await runFor(60 * MINUTE);
  assert.equal(looks.length, 12);
});

test("whoever asks for a sync waits for no round: all are looked at at once, and the rounds go on", async () => {
  const { patrol, runFor, looks, full, journal, clock } = await started(100, false);
  await runFor(30 * SECOND);
  looks.length = 0;
  patrol.now();
  await patrol.settled();
  assert.equal(looks[0]?.names.length, 100);
  assert.equal(full.length, 2);
  assert.equal(journal.fact("syncs"), clock.now());
  await runFor(100 * SECOND);
  assert.equal(new Set(looks.slice(1).flatMap(({ names }) => names)).size, 100, "each once more");
});

test("a store that is away is asked once a round, and not before the time that it names", async () => {
  const { runFor, looks, trouble, journal } = await started(5, false);
  const failure = () => (journal.fact("storeTrouble") as { class: string } | null)?.class;
  trouble.set("all", new StoreFailure("store.unavailable", "away"));
  await runFor(MINUTE);
  assert.equal(failure(), "store.unavailable");
  assert.ok(looks.length <= 7, `${looks.length} looks`);
  looks.length = 0;
  trouble.set("all", new StoreFailure("store.throttled", "slow down", { retryAfterMs: 2 * MINUTE }));
  await runFor(4 * MINUTE);
  assert.equal(failure(), "store.throttled");
  assert.ok(looks.length <= 3, `${looks.length} looks`);
  trouble.clear();
  await runFor(2 * MINUTE);
  assert.equal(failure(), undefined);
});

test("one secret that is denied holds up no other, and is told until a whole round has gone well", async () => {
  const { runFor, trouble, journal, change, synced, names } = await started(5, false);
  const failure = () => (journal.fact("storeTrouble") as { class: string } | null)?.class;
  trouble.set("s2", new StoreFailure("store.denied", "not allowed"));
  for (const name of names) change(name);
  await runFor(12 * SECOND);
  assert.deepEqual(synced.map(({ name }) => name).toSorted(), ["s0", "s1", "s3", "s4"]);
  for (let second = 0; second < 30; second++) {
    await runFor(SECOND);
    assert.equal(failure(), "store.denied", "in every second");
  }
  trouble.clear();
  await runFor(21 * SECOND);
  assert.equal(failure(), undefined);
});

test("no secret at all: rules without one still have their round", async () => {
  const { runFor, full } = await started(0, false);
  await runFor(31 * MINUTE);
  assert.equal(full.length, 3);
});
