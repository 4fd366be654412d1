import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { checkJournal } from "../../src/journal/check/check.ts";
import type { JournalReader } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { type JournalHome, journalHome } from "../support/journal.ts";
import { keptIn } from "../support/kept-damage.ts";
import { keptLife, openLife } from "../support/kept-life.ts";
import { asFormat1, Retelling } from "../support/past.ts";

// The disk fails, or the process is killed, at the n-th write to the journal's files (strace makes it so): while what a
// stream stands on is kept, while compaction cuts there, while a journal of the first format is migrated. CRASH_RUNS=all
// goes through every write, otherwise some of them are struck.

const strace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
const all = process.env.CRASH_RUNS === "all";
const writer = join(import.meta.dirname, "kept-writer.ts");
const STEPS = keptLife();
const WRITES = "pwrite64,fdatasync,fsync,ftruncate";

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A call of the system, the n-th of its name. */
interface Write {
  readonly name: string;
  readonly nth: number;
}

function writesIn(trace: string): Write[] {
  const seen = new Map<string, number>();
  return [...trace.matchAll(/^(\w+)\(/gm)].map(([, name = ""]) => {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return { name, nth };
  });
}

/** The writer under strace. @returns the last step that it said was durable, and what it wrote */
function write(home: JournalHome, { from, to }: Span, inject?: string) {
  const trace = join(home.directory, "..", "trace");
  const path = join(home.directory, "journal.db");
  const only = ["", "-wal"].flatMap((end) => ["-P", `${path}${end}`]);
  const how = inject === undefined ? [] : ["-e", `inject=${inject}`];
  const args = ["-o", trace, "-e", `trace=${WRITES}`, ...how, ...only, process.execPath, writer];
  const words = [home.directory, home.options.key.reveal(), String(from), String(to)];
  const { stdout, stderr, signal, status } = spawnSync("strace", [...args, ...words], { encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  const traced = readFileSync(trace, "utf8");
  const struck = traced.includes("INJECTED") || signal === "SIGKILL";
  return { done: Number(lines.slice(1).at(-1) ?? from), stderr, status, struck, writes: writesIn(traced) };
}

/** The journal after so many steps. */
function grown(steps: number): JournalHome {
  const home = journalHome();
  const life = openLife(home.options);
  for (const step of STEPS.slice(0, steps)) life.take(step);
  life.journal.close();
  return home;
}

/** What was recorded at every moment, up to as many events as there are. @returns how many steps that is */
function retell(told: Retelling, lastSeq: number, from = 0): number {
  let steps = from;
  for (const step of STEPS.slice(from)) {
    if (told.journal.lastSeq() === lastSeq) break;
    if ("compact" in step) told.compact(step.compact);
    else told.tell(step.append);
    steps += 1;
  }
  assert.equal(told.journal.lastSeq(), lastSeq, "a step is there whole, or not at all");
  return steps;
}

async function holds(home: JournalHome, acknowledged: number): Promise<void> {
  assert.deepEqual(checkJournal(home.directory, home.options.key)?.problems, []);
  const reader = openReader(home);
  assert.ok(reader);
  using told = new Retelling();
  const steps = retell(told, reader.lastSeq());
  assert.ok(steps >= acknowledged, `${steps} of ${acknowledged} acknowledged`);
  await sameAsTold(told, reader);
  reader.close();
  // The next start goes on from there.
  const { journal, take } = openLife(home.options, steps);
  for (const step of STEPS.slice(steps)) take(step);
  assert.deepEqual(checkJournal(home.directory, home.options.key)?.problems, []);
  retell(told, journal.lastSeq(), steps);
  await sameAsTold(told, journal);
  journal.close();
}

async function sameAsTold(told: Retelling, reader: JournalReader): Promise<void> {
  for (const at of told.moments()) await told.check(reader, at);
}

/** All of them, or some that are spread over them. */
function some(writes: readonly Write[], count: number): readonly Write[] {
  const share = (index: number) => Math.floor((index * count) / writes.length);
  return all ? writes : writes.filter((_, index) => share(index + 1) > share(index));
}

const COMPACTION = STEPS.findIndex((step) => "compact" in step);
const KEEPING = 30;
const SCENES: Readonly<Record<string, { readonly home: () => JournalHome; readonly span: Span }>> = {
  "an append that keeps what the stream stands on": {
    home: () => grown(KEEPING),
    span: { from: KEEPING, to: KEEPING + 1 },
  },
  "a compaction": { home: () => grown(COMPACTION), span: { from: COMPACTION, to: COMPACTION + 1 } },
  "a migration from the first format": {
    home: () => {
      const home = grown(COMPACTION);
      asFormat1(home.directory);
      return home;
    },
    span: { from: COMPACTION, to: COMPACTION },
  },
};

describe("whatever write fails or is the last one, the past is as it was told", {
  skip: !strace,
  concurrency: 2,
}, () => {
  for (const [name, { home: made, span }] of Object.entries(SCENES)) {
    for (const [how, runs] of [
      ["signal=SIGKILL", 5],
      ["error=ENOSPC", 3],
      ["error=EIO", 3],
    ] as const) {
      test(`${name}: ${how} at any write of it`, async () => {
        using calm = made();
        const keeps = name.startsWith("an append");
        const before = keeps ? keptIn(calm.directory) : [];
        const { writes, status } = write(calm, span);
        assert.equal(status, 0);
        if (keeps) assert.equal(keptIn(calm.directory).length, before.length + 1);
        for (const { name: call, nth } of some(writes, runs)) {
          using home = made();
          const { struck, done, stderr } = write(home, span, `${call}:${how}:when=${nth}`);
          assert.ok(struck, `${call} ${nth}: ${stderr}`);
          await holds(home, done);
        }
      });
    }
  }

  for (const nth of [59, 83]) {
    test(`every ${nth}th write fails, over the whole life: nothing is lost or told otherwise`, async () => {
      using home = journalHome();
      home.open().close();
      const { done, stderr, status } = write(
        home,
        { from: 0, to: STEPS.length },
        `${WRITES}:error=ENOSPC:when=${nth}+${nth}`,
      );
      assert.deepEqual([status, done], [0, STEPS.length], stderr);
      assert.match(stderr, /journal\.(full|io)/);
      await holds(home, done);
    });
  }
});
