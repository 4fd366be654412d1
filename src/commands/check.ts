import type { LoadResult } from "../config/check.ts";
import { formatProblem, type Problem } from "../config/problems.ts";
import { styleFor } from "../terminal/style.ts";
import { count } from "../terminal/times.ts";
import { readConfig } from "./assembly/config.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";

/** Is the configuration right? All problems at once, and nothing but that: the network is not touched. */
export const check: Command = withJsonErrors(async (parsed, io) => {
  const result = readConfig(parsed, io);
  if (parsed.flags.json === true) printJson(io, toJson(result));
  else printText(result, io);
  return result.config ? EXIT.healthy : EXIT.error;
});

function printText({ file, config, problems, warnings }: LoadResult, io: Io): void {
  const { red, yellow, green } = styleFor(io.out, io.env);
  for (const problem of problems) io.out.write(`${red("error")}: ${formatProblem(problem)}\n`);
  for (const warning of warnings) io.out.write(`${yellow("warning")}: ${formatProblem(warning)}\n`);
  const warned = warnings.length > 0 ? `, ${count(warnings.length, "warning")}` : "";
  if (!config) {
    io.out.write(`${red("✗")} ${file}: ${count(problems.length, "error")}${warned}\n`);
    return;
  }
  const { enrolments, rules, vault } = config;
  const store = vault.address === undefined ? "the embedded store" : vault.address;
  const told = `${count(enrolments.length, "enrolment")}, ${count(rules.length, "file")}, ${store}`;
  io.out.write(`${green("✓")} ${file} is right: ${told}${warned}\n`);
}

function toJson({ file, config, problems, warnings }: LoadResult) {
  return {
    schemaVersion: 1,
    file,
    ok: config !== undefined,
    problems: [
      ...problems.map((problem) => ({ severity: "error", ...explicit(problem) })),
      ...warnings.map((problem) => ({ severity: "warning", ...explicit(problem) })),
    ],
  };
}

/** Every member is there, whatever is known. */
function explicit({ code, file, line, column, what, nearest, hint }: Problem) {
  return { code, file, line, column, what, nearest: nearest ?? null, hint: hint ?? null };
}
