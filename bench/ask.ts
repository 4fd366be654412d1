import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { streamOf } from "../src/machines/stream/names.ts";
import type { Figure } from "./journal.ts";
import { tokenIdOf } from "./support/history.ts";
import { type Home, program } from "./support/home.ts";
import { loadedHome } from "./support/loaded-home.ts";
import { byTurns, median } from "./support/numbers.ts";

const rounds = 15;
const enrolments = 50;
const events = 10_000;
const AIM = "≤ 3";

const reportOf = ({ path }: Home) => join(path, "report.json");
const changedOf = ({ path }: Home) => join(path, "changed.yaml");

interface Question {
  readonly name: string;
  readonly args: readonly string[];
  /** Absent: it is only shown. */
  readonly aim?: string;
  /** The answer is no, and why: nothing is done. */
  readonly refusal?: RegExp;
}

/** What is asked of the journal: one enrolment of many, or all of it. */
function questions(home: Home): Question[] {
  const [name = ""] = home.names.slice(7);
  const bounded = (what: string, ...args: string[]) => ({ name: what, args, aim: AIM });
  return [
    bounded("why FILE", "why", home.file(name)),
    bounded("why ENROLMENT", "why", name),
    bounded("why TOKEN", "why", tokenIdOf(streamOf(name), 5)),
    bounded("next", "next"),
    bounded("next --offline", "next", "--offline", "now..4d"),
    bounded("token list", "token", "list", "--offline"),
    bounded("plan", "plan"),
    bounded("status --at", "status", "--at", "2h"),
    bounded("log NAME --at", "log", name, "--at", "2h"),
    bounded("log NAME --since", "log", name, "--since", "60d"),
    bounded("stats", "stats"),
    // Ten thousand events as text, each with its cause.
    { name: "log --at: all of it", args: ["log", "--at", "2h"] },
    // YAML and templates are read, and each file as it is compared with what would be written.
    { name: "plan of a changed file", args: ["plan", "--config", changedOf(home)] },
    { name: "file keep: nothing to keep", args: ["file", "keep", name], refusal: /nobody else has changed/ },
    // The configuration read, the status, and a thousand events, checked and rewritten; then all of them.
    { name: "report", args: ["report", "--output", reportOf(home)] },
    { name: "report: all of it", args: ["report", "--since", "9000d", "--output", reportOf(home)] },
  ];
}

/** Wall time from the start of the process to its end, beside a Node that does nothing. */
export async function benchAsk(): Promise<Figure[]> {
  using home = await loadedHome(enrolments, events);
  changeConfiguration(home);
  const asked = questions(home);
  const ask = ({ args, refusal }: Question) => {
    run(home, [program, ...args], refusal);
    rmSync(reportOf(home), { force: true });
  };
  const pieces = {
    ...Object.fromEntries(asked.map((each) => [each.name, () => ask(each)])),
    bare: () => run(home, ["-e", "0"]),
  };
  byTurns(2, pieces);
  const times: Readonly<Record<string, number[]>> = byTurns(rounds, pieces);
  const bare = median(times.bare ?? []);
  return asked.map(({ name, aim }) => ({
    name: `ask: dotvault ${name} beside node -e 0 (${enrolments} enrolments, ${events} events)`,
    value: median(times[name] ?? []) / bare,
    unit: "×",
    ...(aim === undefined ? {} : { aim }),
  }));
}

/** One file says something else. */
function changeConfiguration(home: Home): void {
  const written = readFileSync(home.where.userConfig, "utf8");
  writeFileSync(changedOf(home), written.replace('"server"', '"address"'), { mode: 0o600 });
}

/** 1: it is dotvault's doing, which is an answer, too; but not one that begins so, unless it is the one expected. */
function run({ env }: Home, args: readonly string[], refusal?: RegExp): void {
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  const isAnswer = refusal?.test(stderr) ?? ((status === 0 || status === 1) && !stderr.startsWith("dotvault:"));
  if (!isAnswer) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
}
