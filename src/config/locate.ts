import { statSync } from "node:fs";
import { resolve } from "node:path";
import { DotvaultError } from "../errors.ts";
import { readConfigFile } from "./file.ts";
import { expandHome, type Paths } from "./paths.ts";
import { Findings } from "./problems.ts";
import { flag } from "./scalar-fields.ts";
import { readYaml } from "./yaml.ts";

/** Which configuration file holds. */
export interface LocatedConfig {
  readonly file: string;
  readonly origin: "flag" | "system" | "user";
}

/**
 * The configuration file: `--config`, else the system's, else the user's. An administrator's file can't be sidestepped:
 * with one there, `--config` counts only if that file says `bypass_system_config: true`.
 *
 * Throws `config.override-refused` and `config.not-found`.
 */
export function locateConfig(where: Paths, option: string | undefined, cwd: string): LocatedConfig {
  const system = where.systemConfigs.find(exists);
  if (option !== undefined) {
    if (system !== undefined && !permitsOverride(system)) throw overrideRefused(system);
    return { file: resolve(cwd, expandHome(option, where.home)), origin: "flag" };
  }
  if (system !== undefined) return { file: system, origin: "system" };
  if (exists(where.userConfig)) return { file: where.userConfig, origin: "user" };
  throw new DotvaultError("config.not-found", "there is no configuration", {
    hint: `dotvault init writes ${where.userConfig}; looked at ${[...where.systemConfigs, where.userConfig].join(", ")}`,
  });
}

/** A file that can't be looked at is there all the same: only a plain "no such file" counts as absent. */
function exists(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code !== "ENOENT" && code !== "ENOTDIR";
  }
}

/** What can't be read, or is not sound, permits nothing. */
function permitsOverride(file: string): boolean {
  const read = readConfigFile(file);
  if (!read.ok) return false;
  const findings = new Findings(file, read.text);
  const tree = readYaml(read.text, findings);
  if (tree?.kind !== "mapping") return false;
  const written = tree.entries.get("bypass_system_config")?.value;
  const permits = flag("").read(written, { path: "", start: 0, findings, elsewhere: new Map() });
  return permits && findings.errors().length === 0;
}

function overrideRefused(system: string): DotvaultError {
  return new DotvaultError(
    "config.override-refused",
    `--config is refused: ${system} is this machine's configuration`,
    {
      hint: `leave --config out, or have the administrator set bypass_system_config: true in ${system}`,
    },
  );
}
