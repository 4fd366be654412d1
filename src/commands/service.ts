import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type HandedOn, handedOn } from "../adapters/service/environment.ts";
import { isGone } from "../adapters/service/leave.ts";
import { type ServiceManager, serviceManager, type Words } from "../adapters/service/manager.ts";
import { DotvaultError } from "../errors.ts";
import { lockHolder } from "../journal/lock.ts";
import { shell } from "../shell.ts";
import { pathsOf } from "./assembly/config.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "./cli/io.ts";

/** The agent as a service of the user's own service manager. */
export const service: Command = async (parsed, io) => {
  const [what = ""] = parsed.positionals;
  const handed = handedOn(io.env);
  const manager = managerOf(parsed, io, handed.env);
  const dry = parsed.flags["dry-run"] === true;
  if (what === "install") return install(manager, io, { dry, kept: handed.kept });
  if (what === "uninstall") return uninstall(manager, io, dry);
  if (what === "status") return status(manager, io);
  throw new DotvaultError("usage.service", `service: there is no "${what}"`, { hint: "install, uninstall or status" });
};

function managerOf(parsed: Parsed, io: Io, env: HandedOn["env"]): ServiceManager {
  const config = textFlag(parsed, "config");
  const options = config === undefined ? [] : ["--config", resolve(io.cwd, config)];
  const args = [resolve(process.argv[1] ?? ""), "run", "--log-format", "json", ...options];
  const place = {
    platform: io.platform,
    home: io.home,
    configHome: io.env.XDG_CONFIG_HOME || undefined,
    uid: process.getuid?.() ?? 0,
  };
  const started = { program: process.execPath, args, env, notifies: quietly(["systemd-notify", "--version"], io) };
  const manager = serviceManager(place, started);
  if (manager) return manager;
  throw new DotvaultError("service.unknown", `dotvault knows no service manager on ${io.platform}`, {
    hint: "have dotvault run started when you log in",
  });
}

async function install(
  manager: ServiceManager,
  io: Io,
  how: { dry: boolean; kept: readonly string[] },
): Promise<number> {
  const { file, text, leave, leavesFirst } = manager;
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const leaves = leavesFirst && before !== undefined;
  if (how.dry) {
    return show(io, before === text ? undefined : { file, text }, [...(leaves ? [leave] : []), ...manager.install]);
  }
  if (before === text) io.err.write(`✓ ${file} is as it should be\n`);
  else {
    write(file, text);
    io.err.write(`✓ ${before === undefined ? "wrote" : "changed"} ${file}\n`);
  }
  for (const name of how.kept) {
    io.err.write(`! ${name} is a secret of this shell and not in the file: the service does not have it\n`);
  }
  // It may not be loaded: then there is nothing to leave.
  if (leaves) await left(manager, io);
  return start(manager, io);
}

function start({ name, install: commands, logs }: ServiceManager, io: Io): number {
  if (!run(commands, io)) {
    io.err.write(`the file is there; when ${name} is, run:\n${told(commands)}`);
    return EXIT.error;
  }
  io.err.write(`✓ the agent runs, and starts when you log in; its log: ${logs}\nnext: dotvault status\n`);
  return EXIT.healthy;
}

async function uninstall(manager: ServiceManager, io: Io, dry: boolean): Promise<number> {
  const { file, leave, forget } = manager;
  if (dry) return show(io, undefined, [leave, ["rm", file], ...forget]);
  if (!existsSync(file)) io.err.write(`○ there is no ${file}\n`);
  else {
    const hasEnded = await left(manager, io);
    rmSync(file);
    for (const words of forget) quietly(words, io);
    io.err.write(`✓ removed ${file}; ${hasEnded ? "the agent has ended" : howToEnd(io)}\n`);
  }
  io.err.write(whatStays(io));
  return EXIT.healthy;
}

/** @returns whether the service has ended, as its manager says */
async function left({ leave, leavesLater, isActive }: ServiceManager, io: Io): Promise<boolean> {
  if (!leavesLater) return quietly(leave, io);
  const isThere = () => quietly(isActive, io);
  const wasThere = isThere();
  quietly(leave, io);
  return (await isGone({ isThere, pause })) && wasThere;
}

/** The service manager could not be told, so only the agent's own lock tells. */
function howToEnd(io: Io): string {
  const holder = lockHolder({ directory: pathsOf(io).stateDir });
  return holder ? `an agent still runs: kill ${holder.pid}` : "no agent runs";
}

function status({ file, isActive, logs }: ServiceManager, io: Io): number {
  if (!existsSync(file)) {
    io.out.write("○ not installed\nnext: dotvault service install\n");
    return EXIT.error;
  }
  const active = quietly(isActive, io);
  io.out.write(`${active ? "✓ running" : "✗ not running"} (${file})\nits log: ${logs}\n`);
  return active ? EXIT.healthy : EXIT.error;
}

/** Nothing of the user's goes with the service. */
function whatStays(io: Io): string {
  const where = pathsOf(io);
  return [
    "what stays where it is:",
    `  ${where.userConfig}   the configuration`,
    `  ${where.stateDir}   the journal`,
    `  ${where.dataDir}   its key, and the embedded store`,
    "  the secrets in Vault, the tokens at the service, and the files that were written",
    "dotvault revoke <name> gives a credential back before you remove them; docs/uninstall.md",
    "",
  ].join("\n");
}

function show(io: Io, file: { file: string; text: string } | undefined, commands: readonly Words[]): number {
  if (file) io.out.write(`# ${file.file}\n${file.text}\n`);
  io.out.write(told(commands));
  return EXIT.healthy;
}

function told(commands: readonly Words[]): string {
  return commands.map((words) => `  ${spelled(words)}\n`).join("");
}

function spelled(words: Words): string {
  return words.map((word) => shell`${word}`).join(" ");
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o644 });
  renameSync(draft, file);
}

/** All of them, up to the first that fails. */
function run(commands: readonly Words[], io: Io): boolean {
  for (const [program, ...args] of commands) {
    const { status: code, error, stderr } = spawnSync(program, args, { env: { ...io.env }, encoding: "utf8" });
    if (code === 0) continue;
    const why = error === undefined ? (stderr.trim().split("\n")[0] ?? `exit code ${code}`) : `${program} is not there`;
    io.err.write(`✗ ${spelled([program, ...args])}: ${why}\n`);
    return false;
  }
  return true;
}

function quietly([program, ...args]: Words, io: Io): boolean {
  return spawnSync(program, args, { env: { ...io.env }, stdio: "ignore" }).status === 0;
}
