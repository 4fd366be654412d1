import { serviceNotifier } from "../adapters/service/notify.ts";
import { noteEnd, noteStart } from "../agent/agent-stream.ts";
import { DotvaultError } from "../errors.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { nameOf } from "../machines/stream/names.ts";
import { describe, pathsOf, readConfig, requireConfig } from "./assembly/config.ts";
import { hangDoorbell } from "./assembly/doorbell.ts";
import { becomeOnlyAgent, type Host } from "./assembly/host.ts";
import { createLog } from "./assembly/log-output.ts";
import { type Command, EXIT, type Io, type Parsed } from "./cli/io.ts";
import { hearReloads, type Reloads } from "./run/reload.ts";
import { readVersion } from "./version.ts";
import { LiveScreen } from "./wizard/live-screen.ts";

/** How far ahead `--once` waits for what is about to come due, milliseconds. */
const ONCE_HORIZON = 2_000;

/** The agent. On a terminal it also enrols what is missing; without one it never opens a browser or prints a login URL. */
export const run: Command = async (parsed, given) => {
  const began = given.now();
  // On a terminal the log and the wizard share it.
  const io = given.err.isTerminal ? { ...given, err: new LiveScreen(given.err) } : given;
  const loaded = requireConfig(parsed, io);
  const { config } = loaded;
  const where = pathsOf(io);
  if (parsed.flags["dry-run"] === true) return (await import("./dry-run.ts")).dryRun(where, config, io);
  const isOnce = parsed.flags.once === true;
  // On a terminal the signal means that the terminal is gone.
  const reloads = isOnce || io.err.isTerminal ? undefined : hearReloads();
  // From the start on: what an agent that is just starting has got, it brings home and, if so asked, revokes.
  const ended = untilSignal(isOnce || reloads ? ENDING : [...ENDING, "SIGHUP"]);
  const log = await createLog(parsed, io);
  const host = await becomeOnlyAgent(where, loaded, io, { log, ended });
  if (!host) return isOnce ? EXIT.error : EXIT.healthy;
  const takeDown = await hangDoorbell(where.socket, () => host.agent.ring());
  log.info({ pid: process.pid, store: host.real.world.store.place }, "agent started");
  const manager = serviceNotifier(io.env);
  manager.ready();
  try {
    const live = () => (isOnce ? runOnce(host, io, { began, ended }) : runOn(host, parsed, io, { reloads, ended }));
    return await (parsed.flags["revoke-on-exit"] === true ? untilRevoked(live, host, io) : live());
  } finally {
    reloads?.end();
    await manager.stopping();
    await takeDown();
    await host.close();
    log.info({}, "agent stopped");
  }
};

/** Whatever its life came to, what was enrolled for it ends with it. */
async function untilRevoked(live: () => Promise<number>, host: Host, io: Io): Promise<number> {
  const [lived] = await Promise.allSettled([live()]);
  const ended = await (await import("./run/unattended.ts")).revokeOnExit(host, io);
  if (lived.status === "rejected") throw lived.reason;
  return Math.max(lived.value, ended);
}

async function runOnce(
  host: Host,
  io: Io,
  { began, ended }: { readonly began: number; readonly ended: Promise<unknown> },
): Promise<number> {
  const { agent, real } = host;
  const { enrolUnattended, toldUnattended } = await import("./run/unattended.ts");
  const all = enrolUnattended(host, io, began).then(() => agent.settled(ONCE_HORIZON));
  await Promise.race([all, ended]);
  const needed = agent.actors.known().filter((stream) => agent.actors.snapshot(stream).context.ask !== null);
  for (const stream of needed) io.err.write(`${nameOf(stream)} needs you: dotvault status\n`);
  if (needed.length > 0) return EXIT.personNeeded;
  const trouble = real.world.journal.fact("storeTrouble");
  if (typeof trouble !== "object" || trouble === null) return toldUnattended(host, io);
  io.err.write(`! ${"message" in trouble ? String(trouble.message) : "the store has trouble"}\n`);
  return EXIT.error;
}

async function runOn(
  host: Host,
  parsed: Parsed,
  io: Io,
  { reloads, ended }: { readonly reloads: Reloads | undefined; readonly ended: Promise<unknown> },
): Promise<number> {
  const { journal } = host.real.world;
  try {
    noteStart(journal, { version: readVersion(), machine: MACHINE_VERSION, at: io.now() });
    reloads?.begin(() => reconfigure(host, parsed, io));
    if (io.input.isTerminal && io.err instanceof LiveScreen) await guided(host, io, io.err, ended);
    await ended;
    return EXIT.healthy;
  } finally {
    noteEnd(journal, io.now());
  }
}

/** Until nothing is missing any more, the person leaves, or the agent ends. Without its guide the agent goes on. */
async function guided(host: Host, io: Io, screen: LiveScreen, ended: Promise<unknown>): Promise<void> {
  const leaving = new AbortController();
  void ended.then(() => leaving.abort());
  try {
    const { enrolMissing } = await import("./wizard/missing.ts");
    await enrolMissing(host, io, screen, leaving.signal);
  } catch (error) {
    io.err.write(`! ${error instanceof DotvaultError ? error.message : "the wizard ended unexpectedly"}\n`);
  }
}

/** A configuration that is wrong changes nothing: the agent goes on with the one it has. */
async function reconfigure({ agent, real }: Host, parsed: Parsed, io: Io): Promise<void> {
  const { log } = real.world;
  try {
    const { config, problems, file } = readConfig(parsed, io);
    for (const problem of problems) log.error({ code: problem.code }, describe("error", problem));
    if (!config) return log.error({ file }, "the configuration is wrong; going on with the last one");
    if (JSON.stringify(config.vault) !== JSON.stringify(real.vault)) {
      log.warn({ file }, "the store stays as it was: restart dotvault to change the vault section");
    }
    agent.reconfigure(await real.replan({ config, file }));
    log.info({ file }, "configuration read again");
  } catch (error) {
    log.error({}, `could not read the configuration again: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

function untilSignal(signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve(signal));
  });
}
