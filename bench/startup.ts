import { spawnSync } from "node:child_process";
import type { Figure } from "./journal.ts";
import { program } from "./support/home.ts";
import { loadedHome } from "./support/loaded-home.ts";
import { byTurns, median } from "./support/numbers.ts";

const rounds = 40;
const enrolments = 50;
const events = 10_000;

/** Wall time from the start of the process to its end, beside a Node that does nothing. */
export async function benchStartup(): Promise<Figure[]> {
  using home = await loadedHome(enrolments, events);
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, args, { env: home.env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  };
  const pieces = {
    bare: () => run("-e", "0"),
    version: () => run(program, "version"),
    status: () => run(program, "status"),
  };
  byTurns(3, pieces);
  const times = byTurns(rounds, pieces);
  const [bare, version, status] = [median(times.bare), median(times.version), median(times.status)];
  return [
    { name: "start-up: dotvault version beside node -e 0", value: version / bare, unit: "×", aim: "≤ 1.4" },
    {
      name: `start-up: dotvault status beside node -e 0 (${enrolments} enrolments, ${events} events)`,
      value: status / bare,
      unit: "×",
      aim: "≤ 1.8",
    },
    { name: "start-up: node -e 0, median", value: bare, unit: "ms" },
  ];
}
