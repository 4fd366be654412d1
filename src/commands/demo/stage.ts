import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { starterConfig } from "../../config/init.ts";
import { type Paths, paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader, Recorded } from "../../journal/port.ts";
import { openReader } from "../../journal/reader.ts";
import { streamOf } from "../../machines/stream/names.ts";
import { shell } from "../../shell.ts";
import type { Io } from "../cli/io.ts";

const LOOK_EVERY = 50;
const PATIENCE = 60_000;

/** A home of its own, with a configuration for the simulated platform; everything that the demo runs lives there. */
export interface Stage {
  readonly home: string;
  readonly where: Paths;
  readonly file: string;
  /** How a person calls dotvault from where they are. */
  readonly program: string;
  /** Starts `dotvault run` there. */
  startAgent(): Agent;
  /** Runs another verb there and hands on what it prints; `hears` gets it too. */
  verb(args: readonly string[], hears?: (text: string) => void): Promise<number>;
}

export interface Agent {
  readonly pid: number;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** @param withDesktop lets the login open a browser */
export function setStage(url: string, io: Io, withDesktop: boolean): Stage {
  const home = mkdtempSync(join(tmpdir(), "dotvault-demo-"));
  const where = paths({}, io.platform, home);
  mkdirSync(join(where.userConfig, ".."), { recursive: true });
  writeFileSync(where.userConfig, starterConfig(url), { mode: 0o600 });
  // Nothing of the person's own settings reaches the demo.
  const { PATH, LANG, TZ, DISPLAY, WAYLAND_DISPLAY, XAUTHORITY, BROWSER } = io.env;
  const desktop = withDesktop ? { DISPLAY, WAYLAND_DISPLAY, XAUTHORITY, BROWSER } : {};
  const env = { PATH, LANG, TZ, ...desktop, HOME: home, XDG_CONFIG_DIRS: join(home, "none") };
  return {
    home,
    where,
    file: join(home, ".jfrog", "jfrog-cli.conf.v6"),
    program: [process.execPath, process.argv[1] ?? ""].map((path) => shell`${relative(io.cwd, path)}`).join(" "),
    startAgent: () => agentIn(home, env),
    verb: (args, hears = () => {}) => verbIn(env, args, io, hears),
  };
}

function program(args: readonly string[]): string[] {
  return [process.argv[1] ?? "", ...args];
}

function agentIn(home: string, env: NodeJS.ProcessEnv): Agent {
  const log = openSync(join(home, "agent.log"), "a", 0o600);
  const child = spawn(process.execPath, program(["run", "--log-format", "text"]), {
    env,
    stdio: ["ignore", "ignore", log],
  });
  const ended = once(child, "exit");
  // However the demo ends, its agent does not outlive it.
  process.once("exit", () => child.kill("SIGKILL"));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return { pid: child.pid ?? 0, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

async function verbIn(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  io: Io,
  hears: (text: string) => void,
): Promise<number> {
  const child = spawn(process.execPath, program(args), { env, stdio: ["ignore", "pipe", "pipe"] });
  process.once("exit", () => child.kill());
  const show = (chunk: Buffer) => {
    const text = chunk.toString("utf8");
    io.out.write(text.replace(/^(?=.)/gm, "    "));
    hears(text);
  };
  child.stdout.on("data", show);
  child.stderr.on("data", show);
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}

/** Waits until the journal tells it. Throws `demo.timeout` after a minute. */
export async function untilJournal<T>(
  { where }: Stage,
  what: string,
  tells: (reader: JournalReader) => T | undefined,
): Promise<T> {
  for (let waited = 0; waited < PATIENCE; waited += LOOK_EVERY) {
    const reader = openReader({ directory: where.stateDir });
    try {
      const told = reader && tells(reader);
      if (told !== undefined) return told;
    } finally {
      reader?.close();
    }
    await pause(LOOK_EVERY);
  }
  throw new DotvaultError("demo.timeout", `waited a minute in vain: ${what}`);
}

/** The enrolment's events of these types, in order. */
export function eventsOf(reader: JournalReader, ...types: string[]): Recorded[] {
  return [...reader.events({ stream: streamOf("jfrog") })].filter(({ event }) => types.includes(event.type));
}
