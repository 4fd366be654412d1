import { spawn } from "node:child_process";
import { constants } from "node:os";
import { DotvaultError } from "../../errors.ts";
import { pathsOf, requireConfig } from "../assembly/config.ts";
import { type Command, EXIT, type Io, textFlag } from "../cli/io.ts";
import { requireArguments } from "./arguments.ts";
import { credentialOf } from "./credential.ts";
import { environmentFor } from "./environment.ts";

/**
 * Runs a program that finds the credential in its environment, and nowhere else: no file, no argument. Signals go to it, and
 * its exit code comes back (128 + the number of the signal that ended it, as shells count).
 */
export const exec: Command = async (parsed, io) => {
  requireArguments("exec", parsed.positionals, [2, Number.POSITIVE_INFINITY]);
  const [name = "", program = "", ...args] = parsed.positionals;
  const { config } = requireConfig(parsed, io);
  const fields = await credentialOf(name, config, pathsOf(io), io);
  const given = environmentFor(name, fields, textFlag(parsed, "env"));
  return run([program, ...args], { ...io.env, ...given }, io);
};

/** A terminal sends its own signals to both of us. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
const PASSED_ON: readonly NodeJS.Signals[] = [...FROM_TERMINAL, "SIGTERM", "SIGHUP", "SIGUSR2", "SIGCONT"];

function run([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv, io: Io): Promise<number> {
  const child = spawn(program, args, { cwd: io.cwd, env, stdio: "inherit" });
  const passOn = (signal: NodeJS.Signals) => {
    if (!(io.input.isTerminal && FROM_TERMINAL.includes(signal))) child.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  return new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(notStarted(program, error)));
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).finally(() => {
    for (const signal of PASSED_ON) process.off(signal, passOn);
  });
}

function notStarted(program: string, error: Error): DotvaultError {
  const code = "code" in error ? String(error.code) : "unknown";
  const what = code === "ENOENT" ? `there is no program "${program}"` : `"${program}" can't be started (${code})`;
  return new DotvaultError("token.exec", what, { hint: `exit code ${EXIT.error}: it never ran` });
}
