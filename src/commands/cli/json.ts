import { DotvaultError } from "../../errors.ts";
import type { Command, Io } from "./io.ts";

/** One JSON document on stdout; `Date`s become RFC 3339 in UTC. */
export function printJson(io: Pick<Io, "out">, document: object): void {
  io.out.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** With `--json` a failure is a document, too; the exit code and stderr stay the same. */
export function withJsonErrors(command: Command): Command {
  return async (parsed, io) => {
    try {
      return await command(parsed, io);
    } catch (error) {
      if (parsed.flags.json === true) printFailure(io, error);
      throw error;
    }
  };
}

const UNEXPECTED = { code: "unexpected", message: "something unexpected happened: stderr says where", hint: null };

/** What is no error of ours has no message here: a library's may quote what it was working on, a token say. */
export function printFailure(io: Pick<Io, "out">, error: unknown): void {
  const { code, message, hint } = error instanceof DotvaultError ? error : UNEXPECTED;
  printJson(io, { schemaVersion: 1, error: { code, message, hint: hint ?? null } });
}
