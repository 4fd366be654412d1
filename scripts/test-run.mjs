// The last line is `N passed, N failed`; the exit code is 0 only if something ran and nothing failed.
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { createReport } from "./test-report.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const TEST_TIMEOUT_MS = 120_000;
/** Nothing is reported for so long only when a process hangs: longer than any single test may take. */
const SILENCE_MS = 3 * 60_000;
/** With two minutes for an installation this stays below the twenty that .ci/run may take. */
const DEADLINE_MS = 18 * 60_000;

// Hundreds of processes of ours start: they, and the tests, share what is compiled.
process.env.NODE_COMPILE_CACHE ??= join(root, "node_modules", ".cache", "compile");

const words = process.argv.slice(2);
const { files, names } = select(words);
const report = createReport(root, { print: (text) => process.stdout.write(`${text}\n`), mayBeEmpty: names.length > 0 });

if (words.length === 0) report.step("check", ...script("scripts/check.mjs"));
if (files.length > 0 && existsSync(join(root, "scripts", "openbao.mjs")))
  report.preparation("openbao", ...script("scripts/openbao.mjs"));
if (files.length > 0) await runFiles();
process.exitCode = report.finish() ? 0 : 1;

/** A word names files where it is a part of a path (or looks like one), else tests by their names. */
function select(wanted) {
  const all = globSync("test/**/*.test.ts", { cwd: root }).sort();
  const inPaths = (word) => all.filter((file) => file.includes(word.replace(/^\.\//, "")));
  const paths = wanted.filter((word) => /\/|\.ts$/.test(word) || inPaths(word).length > 0);
  return {
    files: paths.length === 0 ? all : [...new Set(paths.flatMap(inPaths))],
    names: wanted.filter((word) => !paths.includes(word)).map((word) => new RegExp(RegExp.escape(word), "i")),
  };
}

/** Runs a script of ours. @returns {[ok: boolean, ms: number, output: string]} */
function script(path) {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, path)], { cwd: root, encoding: "utf8" });
  return [status === 0, performance.now() - startedAt, `${stdout}${stderr}`];
}

async function runFiles() {
  const stop = new AbortController();
  const deadline = setTimeout(() => give(`not done after ${DEADLINE_MS / 60_000} minutes`), DEADLINE_MS);
  const silence = setTimeout(() => give(`silent for ${SILENCE_MS / 60_000} minutes`), SILENCE_MS);
  const give = (why) => {
    report.stopped(why);
    stop.abort();
  };
  const events = run({
    cwd: root,
    files: files.map((file) => join(root, file)),
    concurrency: Math.min(8, Math.max(2, availableParallelism())),
    execArgv: [`--test-timeout=${TEST_TIMEOUT_MS}`],
    signal: stop.signal,
    ...(names.length > 0 ? { testNamePatterns: names } : {}),
  });
  for await (const event of events) {
    silence.refresh();
    report.event(event);
  }
  clearTimeout(deadline);
  clearTimeout(silence);
}
