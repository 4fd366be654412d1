import { setTimeout as pause } from "node:timers/promises";
import { Agent } from "../../agent/agent.ts";
import type { Log } from "../../agent/ports.ts";
import { rehearseUpdate } from "../../agent/rehearsal.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { acquireLock, type Holder } from "../../journal/lock.ts";
import type { Io } from "../cli/io.ts";
import { readVersion } from "../version.ts";
import type { LoadedConfig } from "./config.ts";
import { openWorld, type RealWorld, type WrapPorts } from "./world.ts";

/** This process is the agent, until `close`. */
export interface Host {
  readonly agent: Agent;
  readonly real: RealWorld;
  /** Brings what is in flight home, within bounds, and gives the lock back. */
  close(): Promise<void>;
}

/** Takes the lock and becomes the agent, or says who is it already. */
export async function becomeAgent(
  where: Paths,
  loaded: LoadedConfig,
  io: Io,
  { log, command, wrap }: { readonly log: Log; readonly command: string; readonly wrap?: WrapPorts },
): Promise<Host | { readonly heldBy: Holder }> {
  const lock = acquireLock({ directory: where.stateDir, command, clock: io.now });
  if ("heldBy" in lock) return lock;
  try {
    const real = await openWorld(where, loaded, io, { log, wrap });
    const agent = new Agent(real.world, real.plan);
    rehearseUpdate(real.world, readVersion());
    agent.start();
    return {
      agent,
      real,
      async close() {
        await agent.stop();
        await real.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * As {@link becomeAgent}, but a verb that is the agent only for a moment is waited for; a running agent is not.
 *
 * @param ended ends the wait @returns undefined when it has
 */
export async function becomeOnlyAgent(
  where: Paths,
  loaded: LoadedConfig,
  io: Io,
  { log, ended }: { readonly log: Log; readonly ended: Promise<unknown> },
): Promise<Host | undefined> {
  const leaving = new AbortController();
  const { signal } = leaving;
  void ended.then(() => leaving.abort());
  for (let told = false; !signal.aborted; told = true) {
    const host = await becomeAgent(where, loaded, io, { log, command: AGENT });
    if (!("heldBy" in host)) return host;
    if (host.heldBy.command === AGENT) throw alreadyRunning(host.heldBy);
    if (!told) log.info({ pid: host.heldBy.pid }, `waiting for "${host.heldBy.command}" to end`);
    await pause(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

const AGENT = "dotvault run";
const LOOK_EVERY = 200;

/** For `run`: a second agent on one journal is an error that names the first. */
function alreadyRunning({ pid, since, command }: Holder): DotvaultError {
  const started = since > 0 ? ` since ${new Date(since).toISOString()}` : "";
  return new DotvaultError("agent.running", `an agent is running already: pid ${pid}${started} (${command})`, {
    hint: "dotvault status shows what it does; dotvault enrol, refresh and sync go to it by themselves",
  });
}
