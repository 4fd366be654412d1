import { randomInt, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { SecretStore } from "../../adapters/store-port.ts";
import { Actors } from "../../agent/actors.ts";
import { Loop } from "../../agent/loop.ts";
import type { Log, World } from "../../agent/ports.ts";
import type { Config } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { openJournal } from "../../journal/journal.ts";
import { acquireLock } from "../../journal/lock.ts";
import type { Io } from "../cli/io.ts";
import { readVersion } from "../version.ts";
import { systemClock } from "./clock.ts";
import { openKey } from "./keys.ts";
import { silentLog } from "./log-output.ts";
import { LateSession, openStore, sessionsLeft } from "./open-store.ts";
import { sealerOf } from "./sealer.ts";

/** This process keeps the session with Vault and nothing else: no enrolment is looked at, no file written. */
export interface VaultHost {
  readonly store: SecretStore;
  /** Somebody has put a request into the inbox. */
  ring(): void;
  close(): Promise<void>;
}

const LOGINS = ["login", "login-ended"];
const GRACE = 15_000;
const nothing = async () => ({ written: [], failed: [], passing: false });

/** The caller holds the lock. */
export async function openVaultHost(where: Paths, config: Config, io: Io, log: Log): Promise<VaultHost> {
  const key = await openKey(where, io, config.journal.key);
  const journal = openJournal({ directory: where.stateDir, key, clock: io.now, appVersion: readVersion() });
  const late = new LateSession();
  const { store, port, close } = await openStore(where, config, { io, key, log, sessionOf: () => late });
  const random = () => randomInt(2 ** 32) / 2 ** 32;
  const basis = { journal, sealer: sealerOf(key), clock: systemClock(io.now), random, log };
  const session = port && (await late.keep(basis, port));
  const left = await sessionsLeft(basis, session?.stream, io);
  const world: World = {
    ...basis,
    store,
    session,
    left,
    files: { sync: nothing, missing: nothing },
    newSession: randomUUID,
    machine: { id: "", name: `${io.user}@${hostname()}` },
    notify: async () => {},
    notifyStore: async () => {},
  };
  const loop = new Loop(world, new Actors(world), new Map(), { takes: (verb) => LOGINS.includes(verb) });
  for (const each of left) each.start();
  session?.start({ ring: () => loop.ring(), onLive: () => {} });
  loop.start();
  return {
    store,
    ring: () => loop.ring(),
    async close() {
      for (const each of left) each.stop();
      await loop.stop(GRACE);
      session?.stop();
      await close();
      journal.close();
    },
  };
}

/** Takes the lock and keeps the session for a while; undefined: somebody else has it. */
export async function becomeVaultHost(
  where: Paths,
  config: Config,
  io: Io,
  command: string,
): Promise<VaultHost | undefined> {
  const lock = acquireLock({ directory: where.stateDir, command, clock: io.now });
  if ("heldBy" in lock) return undefined;
  try {
    const host = await openVaultHost(where, config, io, silentLog);
    return { ...host, close: () => host.close().finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}
