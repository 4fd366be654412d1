import { randomBytes } from "node:crypto";
import type { LoginMethod } from "../../adapters/vault/login/method.ts";
import type { VaultConfig } from "../../config/config.ts";
import type { Login } from "../../config/login.ts";
import { expandHome } from "../../config/paths.ts";
import type { Io } from "../cli/io.ts";

type Where = Pick<Io, "env" | "home" | "user" | "now">;

/** How dotvault logs in as the configuration says. Undefined: a person brings the token. */
export async function methodOf(vault: VaultConfig, io: Where): Promise<LoginMethod | undefined> {
  if (vault.login === undefined) return undefined;
  const method = await created(vault.login, vault.authMount, io);
  if (vault.narrowing === undefined || vault.login.method === "token") return method;
  const { narrowed } = await import("../../adapters/vault/login/narrowed.ts");
  return narrowed(method, vault.narrowing);
}

async function created(login: Login, mount: string, io: Where): Promise<LoginMethod> {
  const path = (written: string) => expandHome(written, io.home);
  switch (login.method) {
    case "approle":
      return byRole(login, mount, path);
    case "jwt":
    case "kubernetes":
      return byJwt(login, mount, io);
    case "userpass":
    case "ldap":
      return byPassword(login, mount, io);
    case "cert":
    case "mtls": {
      const { certificateLogin } = await import("../../adapters/vault/login/certificate.ts");
      const { method, role, certFile, keyFile = certFile } = login;
      return certificateLogin(method, mount, { role, certFile: path(certFile), keyFile: path(keyFile) });
    }
    case "oidc": {
      const { oidcLogin } = await import("../../adapters/vault/login/oidc/login.ts");
      const nonce = () => randomBytes(32).toString("base64url");
      return oidcLogin(mount, { role: login.role, callbackPort: login.callbackPort, nonce });
    }
    case "token": {
      const { wrappedTokenLogin } = await import("../../adapters/vault/login/wrapped-token.ts");
      return wrappedTokenLogin(path(login.wrappedTokenFile));
    }
  }
}

type Of<M extends Login["method"]> = Extract<Login, { method: M }>;

async function byRole(login: Of<"approle">, mount: string, path: (written: string) => string): Promise<LoginMethod> {
  const roleIdFile = path(login.roleIdFile);
  const secretIdFile = login.secretIdFile === undefined ? undefined : path(login.secretIdFile);
  if (secretIdFile !== undefined && login.secretIdWrappingPath !== undefined) {
    const { wrappedSecretIdLogin } = await import("../../adapters/vault/login/wrapped-secret-id.ts");
    return wrappedSecretIdLogin(mount, { roleIdFile, secretIdFile, wrappingPath: login.secretIdWrappingPath });
  }
  const { unattendedLogin } = await import("../../adapters/vault/login/unattended.ts");
  return unattendedLogin(mount, { method: "approle", roleIdFile, secretIdFile });
}

async function byJwt(login: Of<"jwt" | "kubernetes">, mount: string, { env, home, now }: Where): Promise<LoginMethod> {
  const { unattendedLogin } = await import("../../adapters/vault/login/unattended.ts");
  const { method, role, jwtFile, jwtEnv, jwtCommand } = login;
  return unattendedLogin(mount, {
    method,
    role,
    jwt: jwtEnv === undefined ? undefined : env[jwtEnv],
    jwtFile: jwtFile === undefined ? undefined : expandHome(jwtFile, home),
    jwtCommand: jwtCommand === undefined ? undefined : { words: jwtCommand, env, now },
  });
}

async function byPassword(
  { method, username, passwordFile }: Of<"userpass" | "ldap">,
  mount: string,
  { home, user }: Where,
): Promise<LoginMethod> {
  if (passwordFile === undefined) {
    const { typedLogin } = await import("../../adapters/vault/login/password.ts");
    return typedLogin(method, mount, username ?? user);
  }
  const { unattendedLogin } = await import("../../adapters/vault/login/unattended.ts");
  return unattendedLogin(mount, { method, username: username ?? user, passwordFile: expandHome(passwordFile, home) });
}
