import { engineSettings } from "../../adapters/engines/registry.ts";
import { compile, TemplateError } from "../../adapters/files/template/template.ts";
import { fixedValues } from "../../agent/rule-file/fixed.ts";
import type { LoadResult } from "../../config/check.ts";
import type { Config, Validators } from "../../config/config.ts";
import { parseDuration } from "../../config/durations.ts";
import { load } from "../../config/load.ts";
import { type LocatedConfig, locateConfig } from "../../config/locate.ts";
import { type Paths, paths } from "../../config/paths.ts";
import { formatProblem, type Problem } from "../../config/problems.ts";
import { DotvaultError } from "../../errors.ts";
import { type Io, type Parsed, textFlag } from "../cli/io.ts";

export function pathsOf(io: Io): Paths {
  return paths(io.env, io.platform, io.home);
}

/** Finds and checks the configuration; problems are part of the result. Throws `config.not-found`, `config.override-refused`. */
export function readConfig(parsed: Parsed, io: Io): LoadResult & { readonly located: LocatedConfig } {
  const located = locateConfig(pathsOf(io), textFlag(parsed, "config"), io.cwd);
  return { ...load(located.file, validators(), { home: io.home }), located };
}

/** A configuration without errors, and where it was read. */
export interface LoadedConfig {
  readonly config: Config;
  readonly file: string;
}

/** The configuration to work with; warnings go to stderr, problems end the command. Throws `config.invalid`. */
export function requireConfig(parsed: Parsed, io: Io): LoadedConfig {
  const { config, problems, warnings, file } = readConfig(parsed, io);
  for (const warning of warnings) io.err.write(`${describe("warning", warning)}\n`);
  if (config) return { config, file };
  for (const problem of problems) io.err.write(`${describe("error", problem)}\n`);
  throw new DotvaultError("config.invalid", `${problems.length} in the configuration must be mended`, {
    hint: "dotvault check shows them again",
  });
}

export function describe(severity: "error" | "warning", problem: Problem): string {
  return `${severity}: ${formatProblem(problem)}`;
}

function validators(): Validators {
  return { engines: engineSettings(parseDuration), template: checkTemplate, templateReads, fixedValues };
}

function templateReads(source: string) {
  const template = compile(source);
  return { fields: template.fields(), all: template.readsAll() };
}

/** The first error of a template; lines and columns as editors count. */
function checkTemplate(source: string, name: string) {
  try {
    compile(source, { name });
    return undefined;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const before = source.slice(0, error.offset).split("\n");
    const column = (before.at(-1) ?? "").length + 1;
    return { line: before.length, column, what: error.message.replace(/^template: [^:]*:\d+(:\d+)?: /, "") };
  }
}
