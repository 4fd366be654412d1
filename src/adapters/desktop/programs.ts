import { spawn } from "node:child_process";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

const PATIENCE = 3_000;

/**
 * Runs the first of these programs that exists, without a shell, detached from our terminal.
 *
 * @param input written to its standard input, where a secret belongs rather than in its arguments
 * @returns whether one of them ended well, or is still running after three seconds
 */
export async function runFirst(programs: readonly Program[], input?: string): Promise<boolean> {
  for (const program of programs) if (await run(program, input)) return true;
  return false;
}

function run({ command, args }: Program, input: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: [input === undefined ? "ignore" : "pipe", "ignore", "ignore"],
      detached: true,
    });
    const patience = setTimeout(() => settle(true), PATIENCE);
    const settle = (fine: boolean) => {
      clearTimeout(patience);
      child.unref();
      resolve(fine);
    };
    child.once("error", () => settle(false));
    child.once("exit", (code) => settle(code === 0));
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
