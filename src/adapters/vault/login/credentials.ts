import { readFile } from "node:fs/promises";
import { StoreFailure } from "../../store-port.ts";

/** What is presented to `auth/<mount>/login`. Files are read at each login: what replaced them counts. */
export type Credentials =
  | { readonly method: "approle"; readonly roleIdFile: string; readonly secretIdFile?: string | undefined }
  | {
      readonly method: "jwt" | "kubernetes";
      readonly role?: string | undefined;
      readonly jwtFile?: string | undefined;
      /** The variable's value, where it is set. It comes before the file. */
      readonly jwt?: string | undefined;
    }
  | { readonly method: "userpass" | "ldap"; readonly username: string; readonly passwordFile: string };

export interface LoginRequest {
  /** Below `/v1/`, URL-encoded. */
  readonly path: string;
  readonly json: Readonly<Record<string, string>>;
}

/**
 * The login's request. Throws {@link StoreFailure} `store.no-token` when a file can't be read or is empty.
 * https://openbao.org/api-docs/auth/approle/, …/jwt/, …/kubernetes/, …/userpass/, …/ldap/
 */
export async function loginRequest(mount: string, credentials: Credentials): Promise<LoginRequest> {
  const base = `auth/${mount.split("/").map(encodeURIComponent).join("/")}/login`;
  if (credentials.method === "approle") {
    const { roleIdFile, secretIdFile } = credentials;
    const json = { role_id: await line(roleIdFile), ...(secretIdFile && { secret_id: await line(secretIdFile) }) };
    return { path: base, json };
  }
  if ("passwordFile" in credentials) {
    const { username, passwordFile } = credentials;
    return { path: `${base}/${encodeURIComponent(username)}`, json: { password: await line(passwordFile) } };
  }
  const { role, jwt, jwtFile } = credentials;
  return { path: base, json: { jwt: jwt?.trim() || (await line(jwtFile)), ...(role !== undefined && { role }) } };
}

async function line(file: string | undefined): Promise<string> {
  if (file === undefined) throw unreadable("the variable of vault.jwt_env is not set");
  try {
    const text = (await readFile(file, "utf8")).trim();
    if (text !== "") return text;
  } catch (error) {
    throw unreadable(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
  throw unreadable(`${file} is empty`);
}

function unreadable(what: string): StoreFailure {
  return new StoreFailure("store.no-token", `no login at Vault: ${what}`, {
    hint: "dotvault logs in by itself as soon as it is there",
  });
}
