import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FORMAT_NAMES, type FormatName, formatAside, formatFor, writeTarget } from "../src/adapters/files/index.ts";
import { renderAside } from "../src/adapters/files/template/aside.ts";
import { compile } from "../src/adapters/files/template/template.ts";
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
  for (const [what, template] of Object.entries(DEAR)) blocks.push(await longestRendering(what, template));
  return [...speeds, ...blocks];
}

/** Templates that cost most in each of their steps. */
const DEAR: Readonly<Record<string, string>> = {
  "an empty loop": "{{ range 1000000000 }}{{ end }}",
  "printf in a loop": '{{ range 1000000000 }}{{ printf "%08.3f %x %q" 1.5e300 255 "a" }}{{ end }}',
  "the document in a loop": "{{ range 1000000000 }}{{ $x := print $ }}{{ end }}",
};
const outside = { env: () => undefined, username: "ada" };

/** A template that runs into its limit: how long it holds up everything else in the agent. */
async function longestRendering(what: string, source: string): Promise<Figure> {
  const data = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key-${n}`, `value ${n}`]));
  const value = await longestTurn(renderAside(compile(source), data, outside).catch(() => undefined));
  return { name: `handlers: template, ${what}, longest hold-up`, value, unit: "ms", aim: "≤ 200" };
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
  const produce = async (before: string | undefined) =>
    (await formatAside(format).merge(before, RENDERED[format], {})).content;
  const value = await longestTurn(writeTarget(path, produce));
  return { name: `handlers: ${format} of 4 MiB, longest hold-up`, value, unit: "ms", aim: "≤ 200" };
}

async function longestTurn(work: Promise<unknown>): Promise<number> {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  let longest = 0;
  while (!over) {
    const before = process.threadCpuUsage();
    await nextTurn();
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1e3);
  }
  await done;
  return longest;
}
