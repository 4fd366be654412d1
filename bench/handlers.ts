import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FORMAT_NAMES, type FormatName, formatAside, formatFor, writeTarget } from "../src/adapters/files/index.ts";
import type { Figure } from "./journal.ts";
import { largeFile, RENDERED } from "./support/large-files.ts";
import { median, timed } from "./support/numbers.ts";

const rounds = 5;
const MEGABYTE = 1_000_000;
const LIMIT = 4 * 1024 * 1024;

/** What a change in a file of 1 MB costs in each format, and how long one of 4 MiB holds up everything else in the agent. */
export async function benchHandlers(): Promise<Figure[]> {
  const speeds = FORMAT_NAMES.map(speed);
  const folder = mkdtempSync(join(tmpdir(), "dotvault-bench-handlers-"));
  const blocks: Figure[] = [];
  try {
    for (const format of FORMAT_NAMES) blocks.push(await longestBlock(format, join(folder, format)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [...speeds, ...blocks];
}

function speed(format: FormatName): Figure {
  const before = largeFile(format, MEGABYTE);
  const merge = () => void formatFor(format).merge(before, RENDERED[format], {});
  const times = Array.from({ length: rounds }, () => timed(merge));
  return { name: `handlers: ${format}, one value into 1 MB`, value: before.length / 1e3 / median(times), unit: "MB/s" };
}

/**
 * From reading the file to its new name: the most that the agent's own thread works between two turns of its event loop.
 * Its processor time, since a machine with other work to do adds its pauses to any other measure.
 */
async function longestBlock(format: FormatName, path: string): Promise<Figure> {
  writeFileSync(path, largeFile(format, LIMIT - 1000));
  let over = false;
  const produce = async (before: string | undefined) =>
    (await formatAside(format).merge(before, RENDERED[format], {})).content;
  const work = writeTarget(path, produce).finally(() => {
    over = true;
  });
  let longest = 0;
  while (!over) {
    const before = process.threadCpuUsage();
    await nextTurn();
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1e3);
  }
  await work;
  return { name: `handlers: ${format} of 4 MiB, longest hold-up`, value: longest, unit: "ms", aim: "≤ 200" };
}
