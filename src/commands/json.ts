import { DotvaultError } from "../errors.ts";
import type { Command, Io } from "./io.ts";

/** One JSON document on stdout; `Date`s become RFC 3339 in UTC. */
export function printJson(io: Io, document: object): void {
  io.out.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** With `--json` a failure is a document, too; the exit code and stderr stay the same. */
export function withJsonErrors(command: Command): Command {
  return async (parsed, io) => {
    try {
      return await command(parsed, io);
    } catch (error) {
      if (parsed.flags.json === true && error instanceof DotvaultError) {
        const { code, message, hint = null } = error;
        printJson(io, { schemaVersion: 1, error: { code, message, hint } });
      }
      throw error;
    }
  };
}
