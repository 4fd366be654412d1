import { lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { starterConfig } from "../config/init.ts";
import { expandHome, type Paths, paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { shell } from "../shell.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "./cli/io.ts";

/** Writes a commented starter configuration; never over one that is there. */
export const init: Command = async (parsed, io) => {
  const where = paths(io.env, io.platform, io.home);
  const option = textFlag(parsed, "config");
  const file = option === undefined ? where.userConfig : resolve(io.cwd, expandHome(option, io.home));
  refuseExisting(file);
  const text = starterConfig(await platformUrl(parsed, io));
  write(file, text);
  const use = option === undefined ? "" : shell` --config ${{ path: option }}`;
  io.out.write(`wrote ${file}\n`);
  if (option === undefined) warnOfSystem(where, io);
  io.err.write(`next: dotvault enrol${use} signs in, dotvault run${use} keeps it alive\n`);
  return EXIT.healthy;
};

/** An administrator's file comes first, and then this one is not read. */
function warnOfSystem({ systemConfigs }: Paths, io: Io): void {
  const system = systemConfigs.find((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (system) io.err.write(`warning: ${system} is this machine's configuration: yours is not read\n`);
}

async function platformUrl({ positionals }: Parsed, io: Io): Promise<string> {
  const [given] = positionals;
  if (given !== undefined) return given;
  if (!io.input.isTerminal || !io.err.isTerminal) throw noUrl();
  io.err.write("your JFrog platform (say https://mycompany.jfrog.io): ");
  const typed = (await io.input.readLine())?.trim() ?? "";
  if (typed === "") throw noUrl();
  return typed;
}

function noUrl(): DotvaultError {
  return new DotvaultError("usage.platform-url", "which JFrog platform?", {
    hint: "dotvault init https://mycompany.jfrog.io",
  });
}

/** Before anybody is asked anything. */
function refuseExisting(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })) throw exists(file);
}

/** Made with its mode, so that nobody else could change it for a moment; `wx` never follows or replaces anything. */
function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw exists(file);
    throw new DotvaultError("config.unwritable", `${file} can't be written (${codeOf(error)})`, { cause: error });
  }
}

function exists(file: string): DotvaultError {
  return new DotvaultError("config.exists", `${file} is there already`, {
    hint: "edit it (dotvault check tells what is wrong with it), or move it away first",
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
