import { spawnSync } from "node:child_process";
import type { Figure } from "./journal.ts";
import { median } from "./support/numbers.ts";

const rounds = 5;
const root = new URL("..", import.meta.url);

/** What the agent loads of each library, as it loads it. */
const LOADS = {
  xstate: `await import("xstate");`,
  "better-sqlite3, a database open": `new (await import("better-sqlite3")).default(":memory:").exec("CREATE TABLE t (x)");`,
  pino: `(await import("pino")).default({}, { write() {} }).info("x");`,
  "undici (its agent and connector)": `require("undici/lib/dispatcher/agent.js"); require("undici/lib/core/connect.js");`,
  "node-vault": `await import("node-vault");`,
  yaml: `require("yaml").parse("a: 1");`,
} as const;

/** Resident memory that each library adds to an idle Node: megabytes of 10^6 bytes, a fresh process each. */
export async function benchLibraries(): Promise<Figure[]> {
  const samples = new Map<string, number[]>(["", ...Object.values(LOADS)].map((load) => [load, []]));
  for (let round = 0; round < rounds; round++) for (const [load, list] of samples) list.push(residentAfter(load));
  const cost = (load: string) => median(samples.get(load) ?? []) / 1e6;
  const bare = cost("");
  return [
    { name: "memory: idle Node", value: bare, unit: "MB" },
    ...Object.entries(LOADS).map(([name, load]) => ({
      name: `memory: + ${name}`,
      value: cost(load) - bare,
      unit: "MB",
    })),
  ];
}

function residentAfter(load: string): number {
  const script =
    `const require = process.getBuiltinModule("node:module").createRequire(${JSON.stringify(root.href)});` +
    `${load} setTimeout(() => process._rawDebug(process.memoryUsage.rss()), 300);`;
  const args = ["--input-type=module", "--eval", script];
  const { stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const bytes = Number(stderr.trim());
  if (status !== 0 || Number.isNaN(bytes)) throw new Error(`could not measure ${load}\n${stderr}`);
  return bytes;
}
