import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeMachine, startPlatform, tokenIn, untilSettled } from "../support/agent-process.ts";
import { assertNothingLost, type Crash, liveThrough } from "../support/crash.ts";
import { CRASH_POINTS, type CrashPoint, type CrashWhen } from "../support/crash-points.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { seeded } from "../support/random.ts";

/**
 * CRASH_SEED repeats a run. CRASH_RUNS=all goes through every passage of every point instead of a few of each; a number
 * says how many of each.
 */
const seed = Number(process.env.CRASH_SEED ?? 20_261_127);
const runs = process.env.CRASH_RUNS === "all" ? Number.POSITIVE_INFINITY : Number(process.env.CRASH_RUNS ?? 1);
const random = seeded(seed);

/** Passages in an undisturbed run, at least. */
const PASSAGES: Partial<Record<CrashPoint, number>> = {
  "journal.append": 17,
  "http.register": 1,
  "http.poll": 1,
  "http.mint": 1,
  "http.refresh": 1,
  "http.other": 1,
  "store.read": 6,
  "store.write": 4,
  "file.create": 2,
  "file.write": 2,
  "file.sync": 2,
  "file.rename": 2,
};

describe(`killed anywhere, nothing is lost (CRASH_SEED=${seed})`, { concurrency: 4, timeout: 30 * 60_000 }, () => {
  for (const crashes of plan()) {
    const oldAccessToken = random() < 0.5 ? "dies" : "lives";
    const name = crashes.map(({ point, when, nth }) => `${when} ${point} #${nth}`).join(", then ");
    test(`killed ${name} (the old token ${oldAccessToken})`, async (t) => {
      const platform = await startPlatform(t, { oldAccessToken, collectedPoll: 404 });
      const machine = makeMachine(t, configText(jfrogWish(platform.url)));
      await liveThrough(machine, crashes);
      assertNothingLost(machine, platform);
    });
  }
});

test("the points are passed: an undisturbed run goes by every one of them", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const child = machine.script(fileURLToPath(new URL("child.ts", import.meta.url)));
  await machine.ask("enrol", { name: "jfrog" });
  await untilSettled(machine, platform);
  await machine.ask("refresh", { name: "jfrog" });
  await machine.until("rotated", (reader) => [...reader.events()].filter(({ event }) => event.type === "STORED")[1]);
  await untilSettled(machine, platform);
  await child.kill();
  const passed = child.out().trim().split("\n");
  for (const [point, least] of Object.entries(PASSAGES)) {
    const count = passed.filter((line) => line === `${point} after`).length;
    assert.ok(count >= least, `${point} is passed ${least} times, not ${count}`);
  }
  assert.ok(tokenIn(machine.home));
});

/** Every point before and after, at passages that are drawn; each second one is followed by a further crash. */
function plan(): Crash[][] {
  const single = CRASH_POINTS.flatMap((point) =>
    (["before", "after"] as const).flatMap((when) => passagesOf(point).map((nth) => ({ point, when, nth }))),
  );
  return single.map((crash, index) => (index % 2 === 0 ? [crash] : [crash, drawn()]));
}

function passagesOf(point: CrashPoint): number[] {
  const all = Array.from({ length: PASSAGES[point] ?? 0 }, (_, index) => index + 1);
  const wanted = point === "journal.append" ? runs * 3 : runs;
  return all
    .map((nth) => ({ nth, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, wanted)
    .map(({ nth }) => nth);
}

function drawn(): Crash {
  const points = Object.keys(PASSAGES) as CrashPoint[];
  const point = points[Math.floor(random() * points.length)] ?? "journal.append";
  const when: CrashWhen = random() < 0.5 ? "before" : "after";
  return { point, when, nth: 1 + Math.floor(random() * Math.min(4, PASSAGES[point] ?? 1)) };
}
