import type { Http } from "../adapters/http/port.ts";
import type { Session } from "../adapters/vault/session.ts";
import type { VaultConfig } from "../config/config.ts";
import type { Login } from "../config/login.ts";
import { expandHome } from "../config/paths.ts";
import type { Io } from "./io.ts";

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
  const { login, address, namespace } = vault;
  const [{ createTokenSource }, { keepingAlive }, { createVaultClient }] = await Promise.all([
    import("../adapters/vault/token.ts"),
    import("../adapters/vault/own-life.ts"),
    import("../adapters/vault/client.ts"),
  ]);
  const client = createVaultClient({ address, namespace, http, token: async () => undefined });
  const brought = createTokenSource({ env: io.env, home: io.home, warn });
  const own = vault.disableTokenRenewal ? brought : keepingAlive({ own: brought, client, clock: io.now });
  if (login === undefined) return { token: own };
  const [{ createSession }, { unattendedLogin }] = await Promise.all([
    import("../adapters/vault/session.ts"),
    import("../adapters/vault/login/unattended.ts"),
  ]);
  const session = createSession({
    own,
    method: unattendedLogin(vault.authMount, credentialsOf(login, io)),
    client,
    clock: io.now,
    renews: !vault.disableTokenRenewal,
  });
  return { token: () => session.token(), session };
}

function credentialsOf(login: Login, { env, home, user }: Pick<Io, "env" | "home" | "user">) {
  const path = (written: string | undefined) => written && expandHome(written, home);
  switch (login.method) {
    case "approle":
      return { ...login, roleIdFile: expandHome(login.roleIdFile, home), secretIdFile: path(login.secretIdFile) };
    case "jwt":
    case "kubernetes":
      return {
        method: login.method,
        role: login.role,
        jwtFile: path(login.jwtFile),
        jwt: login.jwtEnv === undefined ? undefined : env[login.jwtEnv],
      };
    default:
      return {
        method: login.method,
        username: login.username ?? user,
        passwordFile: expandHome(login.passwordFile, home),
      };
  }
}
