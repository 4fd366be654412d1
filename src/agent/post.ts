import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { mask } from "../adapters/files/index.ts";
import type { Log } from "./ports.ts";

/** A program that hangs is ended after so long, milliseconds. */
const PATIENCE = 60_000;
/** Of what it prints, so much is logged. */
const MOST_LOGGED = 4_000;

export interface Ran {
  /** Undefined: it went well. */
  readonly failure?: string;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** What the file holds, and the log must not. */
  readonly secrets: readonly string[];
}

/** Runs a program after a file has changed; no shell, nothing on its standard input. */
export type RunProgram = (words: readonly [string, ...string[]], options: RunOptions) => Promise<Ran>;

/** Programs with the agent's own environment, but for what could open a store; what they print is logged. */
export function programRunner(
  env: NodeJS.ProcessEnv,
  log: Log,
  { patience = PATIENCE }: { readonly patience?: number } = {},
): RunProgram {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DOTVAULT|VAULT|BAO)_/.test(name)));
  return ([program, ...args], { signal, secrets }) =>
    new Promise((done) => {
      const late = AbortSignal.timeout(patience);
      const child = spawn(program, args, {
        env: own,
        stdio: ["ignore", "pipe", "pipe"],
        signal: AbortSignal.any([signal, late]),
        killSignal: "SIGKILL",
      });
      const printed = printedBy(child);
      const end = (failure?: string) => {
        log.info(
          { program, printed: harmless(printed(), secrets) },
          failure ?? "the program after the file ended well",
        );
        done(failure === undefined ? {} : { failure });
      };
      const cut = () => {
        if (signal.aborted) return "stopped with the agent";
        return late.aborted ? `not done after ${patience / 1000} s` : undefined;
      };
      child.once("error", (error) => end(cut() ?? cannotStart(error)));
      child.once("close", (code, killedBy) => end(cut() ?? endedBadly(code, killedBy)));
    });
}

function printedBy({ stdout, stderr }: { readonly stdout: Readable; readonly stderr: Readable }): () => string {
  let printed = "";
  for (const stream of [stdout, stderr]) {
    stream.on("data", (chunk: Buffer) => {
      if (printed.length < MOST_LOGGED) printed += chunk.toString("utf8");
    });
  }
  return () => printed;
}

function endedBadly(code: number | null, killedBy: string | null): string | undefined {
  if (code === 0) return undefined;
  return code === null ? `ended by ${killedBy}` : `exit code ${code}`;
}

function cannotStart(error: Error): string {
  return "code" in error ? `it can't be started (${String(error.code)})` : "it can't be started";
}

/** One line, without control characters, credentials masked. What is cut off may have been one: its beginning goes, too. */
function harmless(text: string, secrets: readonly string[]): string {
  const whole = text.length < MOST_LOGGED ? text : text.replace(/\S+$/, "");
  const line = mask(whole, secrets)
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim();
  return line.length > MOST_LOGGED ? `${line.slice(0, MOST_LOGGED)}…` : line;
}
