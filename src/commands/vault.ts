import type { Http } from "../adapters/http/port.ts";
import type { Session } from "../adapters/vault/session.ts";
import type { VaultConfig } from "../config/config.ts";
import { expandHome } from "../config/paths.ts";
import type { Io } from "./io.ts";
import { methodOf } from "./vault-method.ts";

/** The way to Vault: its addresses, certificates and the proxy. To be closed. */
export async function vaultHttp(vault: VaultConfig, io: Pick<Io, "env" | "home">): Promise<Http> {
  const [{ createHttp }, { overAddresses }] = await Promise.all([
    import("../adapters/http/create.ts"),
    import("../adapters/vault/addresses.ts"),
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

/** Where tokens come from: {@link Session} where dotvault can log in by itself, else what a person put there. */
export interface TokenWay {
  readonly token: () => Promise<string | undefined>;
  readonly session?: Session;
}

/** The one way to a token of Vault. `warn` is told once when others can read the token file. */
export async function tokenWay(
  vault: VaultConfig & { readonly address: string },
  io: Pick<Io, "env" | "home" | "user" | "now">,
  http: Http,
  warn: (message: string) => void,
): Promise<TokenWay> {
  const { address, namespace } = vault;
  const [{ createTokenSource }, { keepingAlive }, { createVaultClient }] = await Promise.all([
    import("../adapters/vault/token.ts"),
    import("../adapters/vault/own-life.ts"),
    import("../adapters/vault/client.ts"),
  ]);
  const client = createVaultClient({ address, namespace, http, token: async () => undefined });
  const brought = createTokenSource({ env: io.env, home: io.home, warn });
  const own = vault.disableTokenRenewal ? brought : keepingAlive({ own: brought, client, clock: io.now });
  const method = await methodOf(vault, io);
  if (method === undefined || method.needsPerson) return { token: own };
  const { createSession } = await import("../adapters/vault/session.ts");
  const session = createSession({
    own,
    method,
    client,
    clock: io.now,
    renews: !vault.disableTokenRenewal,
  });
  return { token: () => session.token(), session };
}
