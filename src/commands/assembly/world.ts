import { randomInt, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type FsPort, nodeFs } from "../../adapters/files/index.ts";
import { createHttp } from "../../adapters/http/create.ts";
import type { Http } from "../../adapters/http/port.ts";
import type { SecretStore } from "../../adapters/store-port.ts";
import type { Plan } from "../../agent/agent.ts";
import type { Clock, Log, World } from "../../agent/ports.ts";
import type { Config } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { openJournal } from "../../journal/journal.ts";
import type { Journal } from "../../journal/port.ts";
import type { Key } from "../../seal/key.ts";
import type { Io } from "../cli/io.ts";
import { readVersion } from "../version.ts";
import { systemClock } from "./clock.ts";
import type { LoadedConfig } from "./config.ts";
import { openKey } from "./keys.ts";
import { notifiers } from "./notify.ts";
import { LateSession, openStore, sessionsLeft } from "./open-store.ts";
import { planner } from "./planner.ts";
import { sealerOf } from "./sealer.ts";
import { SwitchableFiles } from "./switchable-files.ts";

/** What the agent touches of the world. A test puts its own around them: to kill the process at a point, to move the clock. */
export interface Ports {
  readonly journal: Journal;
  readonly store: SecretStore;
  readonly http: Http;
  readonly fs: FsPort;
  readonly clock: Clock;
}
export type WrapPorts = (ports: Ports) => Ports;

/** The real world, put together from the configuration; the caller holds the lock. */
export interface RealWorld {
  readonly world: World;
  readonly plan: Plan;
  readonly key: Key;
  /** What the store was opened with. */
  readonly vault: Config["vault"];
  /** Follows a changed configuration; the store stays the one that the agent began with. */
  replan(loaded: LoadedConfig): Promise<Plan>;
  close(): Promise<void>;
}

export async function openWorld(
  where: Paths,
  loaded: LoadedConfig,
  io: Io,
  { log, wrap = (ports) => ports }: { readonly log: Log; readonly wrap?: WrapPorts | undefined },
): Promise<RealWorld> {
  const key = await openKey(where, io, loaded.config.journal.key);
  const opened = openJournal({ directory: where.stateDir, key, clock: io.now, appVersion: readVersion() });
  const late = new LateSession();
  const real = await openStore(where, loaded.config, { io, key, log, sessionOf: () => late });
  const { journal, store, http, fs, clock } = wrap({
    journal: opened,
    store: real.store,
    http: createHttp({ env: io.env }),
    fs: nodeFs,
    clock: systemClock(io.now),
  });
  const files = new SwitchableFiles();
  const basis = { journal, sealer: sealerOf(key), clock, random: () => randomInt(2 ** 32) / 2 ** 32, log };
  const session = real.port && (await late.keep(basis, real.port));
  const world: World = {
    ...basis,
    store,
    session,
    left: await sessionsLeft(basis, session?.stream, io),
    files,
    newSession: randomUUID,
    machine: { id: machineId(journal), name: `${io.user}@${hostname()}` },
    ...notifiers(io, log),
  };
  const follow = planner({ journal, store, http, fs, clock, log, io, files, key, random: world.random }, loaded.config);
  return {
    world,
    plan: await follow(loaded),
    key,
    vault: loaded.config.vault,
    replan: follow,
    close: async () => {
      await Promise.all([http.close(), real.close(), files.now?.close()]);
      journal.close();
    },
  };
}

/** Made once, with the journal: by it leases and tokens of this machine are told from others'. */
function machineId(journal: Journal): string {
  const known = journal.fact("machineId");
  if (typeof known === "string") return known;
  const id = randomUUID();
  journal.setFact("machineId", id);
  return id;
}
