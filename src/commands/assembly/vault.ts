import { createHmac } from "node:crypto";
import type { Http } from "../../adapters/http/port.ts";
import { StoreFailure } from "../../adapters/store-port.ts";
import type { Session } from "../../adapters/vault/session.ts";
import type { Reach } from "../../agent/vault-session/give-back.ts";
import { hostOf } from "../../agent/vault-session/names.ts";
import { settingsOf, type VaultPort } from "../../agent/vault-session/port.ts";
import type { VaultConfig } from "../../config/config.ts";
import { expandHome, type Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { openReader } from "../../journal/reader.ts";
import { VAULT } from "../../machines/stream/names.ts";
import type { Context, Settings as SessionSettings, Way } from "../../machines/vault-session/context.ts";
import { deriveKey, type Key } from "../../seal/key.ts";
import { open } from "../../seal/seal.ts";
import type { Io } from "../cli/io.ts";
import { methodOf } from "./vault-method.ts";

/** The way to Vault: its addresses, certificates and the proxy. To be closed. */
export async function vaultHttp(
  vault: Pick<VaultConfig, "address" | "moreAddresses" | "tls">,
  io: Pick<Io, "env" | "home">,
): Promise<Http> {
  const [{ createHttp }, { overAddresses }] = await Promise.all([
    import("../../adapters/http/create.ts"),
    import("../../adapters/vault/addresses.ts"),
  ]);
  const { address, moreAddresses = [], tls } = vault;
  const path = (written: string | undefined) => (written === undefined ? undefined : expandHome(written, io.home));
  const http = createHttp({
    env: io.env,
    insecureSkipVerify: tls.skipVerify,
    serverName: tls.serverName,
    tls: {
      caFile: path(tls.caCert),
      caDirectory: path(tls.caPath),
      certFile: path(tls.clientCert),
      keyFile: path(tls.clientKey),
    },
  });
  return address === undefined ? http : overAddresses(http, [address, ...moreAddresses]);
}

/** A configuration that names a server. */
type Served = VaultConfig & { readonly address: string };

/** What the session works with. Nothing is sent yet. `warn` is told once when others can read the token file. */
export async function vaultPort(
  vault: Served,
  io: Pick<Io, "env" | "home" | "user" | "now">,
  { http, key, warn }: { readonly http: Http; readonly key: Key; readonly warn: (message: string) => void },
): Promise<VaultPort> {
  const { address, namespace, disableTokenRenewal } = vault;
  const [{ createTokenSource, watchTokenFile }, { createVaultClient }] = await Promise.all([
    import("../../adapters/vault/token.ts"),
    import("../../adapters/vault/client.ts"),
  ]);
  const marking = deriveKey(key, "session");
  return {
    host: hostOf(address),
    client: createVaultClient({ address, namespace, http, token: async () => undefined }),
    method: await methodOf(vault, io),
    identity: identityOf(vault, io.user),
    renews: !disableTokenRenewal,
    way: wayOf(vault),
    reach: reachOf(io),
    brought: createTokenSource({ env: io.env, home: io.home, warn }),
    watch: (changed) => watchTokenFile(io.home, changed),
    mark: (text) => createHmac("sha256", marking).update(text).digest("hex").slice(0, 32),
  };
}

/** As whom, not with what: a token stays good when a password lies somewhere else. */
function identityOf({ namespace, authMount, login, narrowing }: VaultConfig, user: string): string {
  const { role, username = user, roleIdFile, certFile } = { ...login } as Readonly<Record<string, string | undefined>>;
  return JSON.stringify(
    [namespace, authMount, role, username, roleIdFile, certFile, narrowing].map((part) => part ?? null),
  );
}

/** What the session's machine learns of the configuration. Nothing is sent. */
export async function sessionSettings(
  vault: Served,
  io: Pick<Io, "env" | "home" | "user" | "now">,
): Promise<SessionSettings> {
  const method = await methodOf(vault, io);
  const renews = !vault.disableTokenRenewal;
  return settingsOf({ method, renews, identity: identityOf(vault, io.user), way: wayOf(vault) });
}

function wayOf({ address, moreAddresses = [], namespace, tls }: Served): Way {
  return { address, moreAddresses, namespace: namespace ?? null, tls };
}

/** To a server as the configuration named it once. */
export function reachOf(io: Pick<Io, "env" | "home">): Reach {
  return async (way) => {
    const [http, { createVaultClient }] = await Promise.all([
      vaultHttp(way, io),
      import("../../adapters/vault/client.ts"),
    ]);
    const { address, namespace } = way;
    const client = createVaultClient({
      address,
      namespace: namespace ?? undefined,
      http,
      token: async () => undefined,
    });
    return { client, close: () => http.close() };
  };
}

/** A session that is kept by somebody else: its token is used, and nothing is asked for, renewed or journaled. */
export function borrowedSession(port: VaultPort, where: Paths, key: Key | undefined): Session {
  return {
    turn: 0,
    died: () => false,
    token: async () => {
      const brought = await port.brought();
      const token = brought?.token ?? (key && sealedToken(port, where, key));
      if (token !== undefined) return token;
      const hint = port.method ? "dotvault login" : "put one into ~/.dotvault-token (mode 0600) or DOTVAULT_TOKEN";
      throw new StoreFailure("store.no-token", port.method ? "nobody is logged in to Vault" : "no Vault token", {
        hint,
      });
    },
  };
}

/** Of the login that the journal has; undefined when there is none, or it can't be opened. */
function sealedToken({ host }: VaultPort, { stateDir }: Paths, key: Key): string | undefined {
  const reader = openReader({ directory: stateDir });
  try {
    const stream = VAULT + host;
    const snapshot = reader?.head(stream)?.snapshot as { readonly context?: Context } | undefined;
    const ref = snapshot?.context?.login?.ref;
    const jwe = ref && reader?.sealed(ref.id);
    return jwe ? open(key, jwe, { id: ref.id, kind: ref.kind, subject: stream }).toString("utf8") : undefined;
  } catch (error) {
    if (error instanceof DotvaultError) return undefined;
    throw error;
  } finally {
    reader?.close();
  }
}
