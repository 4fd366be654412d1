import type { SecretStore } from "../../adapters/store-port.ts";
import type { Session } from "../../adapters/vault/session.ts";
import type { Surroundings } from "../../agent/carry-out.ts";
import type { LeftStream, Log } from "../../agent/ports.ts";
import type { VaultPort } from "../../agent/vault-session/port.ts";
import type { VaultSession } from "../../agent/vault-session/session.ts";
import type { Config } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { VAULT } from "../../machines/stream/names.ts";
import type { Key } from "../../seal/key.ts";
import type { Io } from "../cli/io.ts";
import { silentLog } from "./log-output.ts";

/** The store is made before what its session needs: it gets the session a moment later. */
export class LateSession implements Session {
  #session: VaultSession | undefined;

  async keep(basis: Surroundings, port: VaultPort): Promise<VaultSession> {
    const { VaultSession } = await import("../../agent/vault-session/session.ts");
    this.#session = new VaultSession(basis, port);
    return this.#session;
  }

  async token(): Promise<string> {
    if (this.#session === undefined) throw new Error("the store was used before its session was there");
    return this.#session.token();
  }

  get turn(): number {
    return this.#session?.turn ?? 0;
  }

  died(turn: number): boolean {
    return this.#session?.died(turn) ?? false;
  }
}

/** Servers that the configuration has left. `kept`: the stream of the session with the one that it names. */
export async function sessionsLeft(
  basis: Surroundings,
  kept: string | undefined,
  io: Pick<Io, "env" | "home">,
): Promise<LeftStream[]> {
  if (basis.journal.heads(VAULT).every(({ stream }) => stream === kept)) return [];
  const [{ leftSessions }, { reachOf }] = await Promise.all([
    import("../../agent/vault-session/left.ts"),
    import("./vault.ts"),
  ]);
  return leftSessions(basis, reachOf(io), kept);
}

export interface OpenedStore {
  readonly store: SecretStore;
  /** Of a store that has to be logged in to. */
  readonly port?: VaultPort;
  close(): Promise<void>;
}

interface StoreNeeds {
  readonly io: Io;
  readonly key: Key;
  readonly log: Log;
  /** Where the tokens of Vault come from. */
  readonly sessionOf: (port: VaultPort) => Session;
}

/** Vault where the configuration names one, else the embedded store. Opens nothing yet. */
export async function openStore(
  where: Paths,
  { vault }: Config,
  { io, key, log, sessionOf }: StoreNeeds,
): Promise<OpenedStore> {
  if (vault.address === undefined) {
    const { createEmbeddedStore } = await import("../../adapters/embedded/store.ts");
    const store = createEmbeddedStore({ path: where.store, key, clock: io.now });
    return { store, close: () => store.close() };
  }
  const [{ createVaultStore }, { vaultHttp, vaultPort }] = await Promise.all([
    import("../../adapters/vault/store.ts"),
    import("./vault.ts"),
  ]);
  const http = await vaultHttp(vault, io);
  const { address, kvMount, userPrefix, namespace } = vault;
  const warn = (message: string) => log.warn({}, message);
  const port = await vaultPort({ ...vault, address }, io, { http, key, warn });
  const session = sessionOf(port);
  const token = () => session.token();
  const store = createVaultStore({ address, kvMount, userPrefix, user: io.user, namespace, token, session, http });
  return {
    store,
    port,
    close: async () => {
      await store.close();
      await http.close();
    },
  };
}

/** For a verb that only looks: the token of a session that the agent keeps, and no login of its own. */
export async function openStoreToRead(
  where: Paths,
  config: Config,
  { io, key }: Pick<StoreNeeds, "io" | "key">,
): Promise<OpenedStore> {
  const { borrowedSession } = await import("./vault.ts");
  const sessionOf = (port: VaultPort) => borrowedSession(port, where, key);
  return openStore(where, config, { io, key, log: silentLog, sessionOf });
}
