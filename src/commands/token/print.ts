import { DotvaultError } from "../../errors.ts";
import { dotvault } from "../../shell.ts";
import { pathsOf, requireConfig } from "../assembly/config.ts";
import { type Command, EXIT, textFlag } from "../cli/io.ts";
import { requireArguments } from "./arguments.ts";
import { credentialOf } from "./credential.ts";

/** One field of a credential on stdout, for scripts; a terminal, whose scrollback others may see, only with `--force`. */
export const print: Command = async (parsed, io) => {
  requireArguments("print", parsed.positionals, [1, 1]);
  const [name = ""] = parsed.positionals;
  if (io.out.isTerminal && parsed.flags.force !== true)
    throw new DotvaultError("usage.terminal", "a credential is not shown on a terminal", {
      hint: `pass it on: ${dotvault("token print", name)} | …, or ${dotvault("token exec", name, "--")} …; --force shows it`,
    });
  const { config } = requireConfig(parsed, io);
  const fields = await credentialOf(name, config, pathsOf(io), io);
  io.out.write(`${fieldOf(fields, textFlag(parsed, "field") ?? "access_token", name)}\n`);
  return EXIT.healthy;
};

/** Throws `usage.field`. */
export function fieldOf(fields: Readonly<Record<string, string>>, field: string, name: string): string {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (value !== undefined) return value;
  throw new DotvaultError("usage.field", `${name} has no field "${field}"`, {
    hint: `it has: ${Object.keys(fields).sort().join(", ")}`,
  });
}
