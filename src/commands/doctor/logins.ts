import { statSync } from "node:fs";
import { sourceName, type TokenSource } from "../../adapters/engines/token-source.ts";
import type { Config } from "../../config/config.ts";
import { expandHome } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { Finding } from "../../terminal/doctor.ts";
import type { Io } from "../io.ts";
import { tokenReader } from "../token-source.ts";
import { bad, good, warning } from "./finding.ts";

/** Of enrolments that need nobody: is the token there that they log in with? Programs are not run, and Vault is not asked. */
export async function aboutLogins({ enrolments }: Config, io: Io): Promise<Finding[]> {
  const findings = enrolments.map(async ({ key, settings }) => {
    const source = (settings.login as { readonly source?: TokenSource } | undefined)?.source;
    return source === undefined || source.from === "command" || source.from === "vault"
      ? []
      : [await aboutSource(key, source, io)];
  });
  return (await Promise.all(findings)).flat();
}

async function aboutSource(name: string, source: TokenSource, io: Io): Promise<Finding> {
  try {
    await tokenReader(io)(source, new AbortController().signal);
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    return bad("token", name, error.message, "put the token there that the login is made with");
  }
  const open = source.from === "file" ? modeOf(expandHome(source.path, io.home)) & 0o077 : 0;
  if (source.from !== "file" || open === 0)
    return good("token", name, `${sourceName(source)} holds a token to log in with`);
  return warning("token", name, `${sourceName(source)} can be read by others`, `chmod 600 ${source.path}`);
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
