import { spawnSync } from "node:child_process";
import type { Figure } from "./journal.ts";
import { type Home, program } from "./support/home.ts";
import { loadedHome } from "./support/loaded-home.ts";
import { byTurns, median } from "./support/numbers.ts";

const rounds = 15;
const enrolments = 50;
const events = 10_000;
const AIM = "≤ 3";

/** What is asked of the journal: one enrolment of many, or all of it. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  why: ["why", "service-7"],
  next: ["next"],
  "next --offline": ["next", "--offline", "now..4d"],
  stats: ["stats"],
  "status --at": ["status", "--at", "2h"],
};

/** Wall time from the start of the process to its end, beside a Node that does nothing. */
export async function benchAsk(): Promise<Figure[]> {
  using home = await loadedHome(enrolments, events);
  const questions = Object.entries(QUESTIONS);
  const asked = questions.map(([name, args]) => [name, () => run(home, program, ...args)] as const);
  const pieces = { ...Object.fromEntries(asked), bare: () => run(home, "-e", "0") };
  byTurns(2, pieces);
  const times: Readonly<Record<string, number[]>> = byTurns(rounds, pieces);
  const bare = median(times.bare ?? []);
  return questions.map(([name]) => ({
    name: `ask: dotvault ${name} beside node -e 0 (${enrolments} enrolments, ${events} events)`,
    value: median(times[name] ?? []) / bare,
    unit: "×",
    aim: AIM,
  }));
}

/** 1: it is dotvault's doing, which is an answer, too. */
function run({ env }: Home, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  if (status !== 0 && status !== 1) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
}
