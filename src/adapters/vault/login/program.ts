import { execFile } from "node:child_process";
import { notYet } from "./read.ts";

/** A program that prints a token, without a shell. */
export interface RunForToken {
  readonly words: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** After so many milliseconds it is ended. Default: 30 s. */
  readonly patience?: number;
}

const PATIENCE = 30_000;
/** It prints another token every time: what was refused is tried again after so many milliseconds at most. */
const ANOTHER = 15 * 60_000;
/** No token is longer, bytes. */
const MOST = 64 * 1024;

/**
 * What a program prints on its standard output, one token. It sees the agent's environment without what could open a store;
 * nothing that it prints is ever shown. Throws {@link StoreFailure} `store.no-token`.
 */
export function tokenPrintedBy({ words, env, patience = PATIENCE }: Omit<RunForToken, "now">): Promise<string> {
  const [program, ...args] = words;
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DOTVAULT|VAULT|BAO)_/.test(name)));
  const options = { env: own, timeout: patience, killSignal: "SIGKILL", maxBuffer: MOST } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, printed) => {
      const token = printed.trim();
      if (error !== null) reject(notYet(`vault.jwt_command: ${program} ${whyOf(error, patience)}`));
      else if (token === "") reject(notYet(`vault.jwt_command: ${program} printed nothing`));
      else if (/\s/.test(token)) reject(notYet(`vault.jwt_command: ${program} printed more than one word`));
      else resolve(token);
    });
    child.stdin?.end();
  });
}

/** Another text when it may print another token. Not its environment: that changes with every shell. */
export function markOfProgram({ words, now }: RunForToken): readonly unknown[] {
  return [...words, Math.floor(now() / ANOTHER)];
}

/** Never Node's own message: it holds the command line. */
function whyOf(error: { code?: unknown; killed?: boolean; signal?: unknown }, patience: number): string {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "printed more than a token";
  if (error.killed === true) return `was not done after ${patience / 1000} s`;
  if (typeof error.code === "string") return `can't be started (${error.code})`;
  return error.code === null ? `was ended by ${String(error.signal)}` : `ended with exit code ${String(error.code)}`;
}
