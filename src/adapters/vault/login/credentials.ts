import { type RunForToken, tokenPrintedBy } from "./program.ts";
import { lineOf, notYet } from "./read.ts";

/** What is presented to `auth/<mount>/login`. Files are read at each login: what replaced them counts. */
export type Credentials =
  | { readonly method: "approle"; readonly roleIdFile: string; readonly secretIdFile?: string | undefined }
  | {
      readonly method: "jwt" | "kubernetes";
      readonly role?: string | undefined;
      /** The variable's value, where it is set. It comes first. */
      readonly jwt?: string | undefined;
      readonly jwtFile?: string | undefined;
      /** A program that prints one; the last to be asked. */
      readonly jwtCommand?: RunForToken | undefined;
    }
  | { readonly method: "userpass" | "ldap"; readonly username: string; readonly passwordFile: string };

export interface LoginRequest {
  /** Below `/v1/`, URL-encoded. */
  readonly path: string;
  readonly json: Readonly<Record<string, string>>;
}

/** `auth/<mount>/login`, URL-encoded. */
export function loginPath(mount: string): string {
  return `auth/${mount.split("/").map(encodeURIComponent).join("/")}/login`;
}

/**
 * The login's request. Throws {@link StoreFailure} `store.no-token` when a file can't be read or is empty.
 * https://openbao.org/api-docs/auth/approle/, …/jwt/, …/kubernetes/, …/userpass/, …/ldap/
 */
export async function loginRequest(mount: string, credentials: Credentials): Promise<LoginRequest> {
  const path = loginPath(mount);
  if (credentials.method === "approle") {
    const { roleIdFile, secretIdFile } = credentials;
    const secret = secretIdFile === undefined ? {} : { secret_id: await lineOf(secretIdFile) };
    return { path, json: { role_id: await lineOf(roleIdFile), ...secret } };
  }
  if ("passwordFile" in credentials) {
    const { username, passwordFile } = credentials;
    return passwordRequest(mount, username, await lineOf(passwordFile));
  }
  const { role } = credentials;
  return { path, json: { jwt: await jwtOf(credentials), ...(role === undefined ? {} : { role }) } };
}

export function passwordRequest(mount: string, username: string, password: string): LoginRequest {
  return { path: `${loginPath(mount)}/${encodeURIComponent(username)}`, json: { password } };
}

type JwtSources = Pick<Extract<Credentials, { method: "jwt" | "kubernetes" }>, "jwt" | "jwtFile" | "jwtCommand">;

async function jwtOf({ jwt, jwtFile, jwtCommand }: JwtSources): Promise<string> {
  const set = jwt?.trim();
  if (set) return set;
  if (jwtFile !== undefined) return lineOf(jwtFile);
  if (jwtCommand !== undefined) return tokenPrintedBy(jwtCommand);
  throw notYet("the variable of vault.jwt_env is not set");
}
