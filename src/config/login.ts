import type { AuthMethod } from "./auth-method.ts";

/** How dotvault logs in by itself. Paths stand as written (`~/…`). */
export type Login =
  | {
      readonly method: "approle";
      readonly roleIdFile: string;
      readonly secretIdFile?: string;
      /** The file holds a wrapping token that was made there. */
      readonly secretIdWrappingPath?: string;
    }
  | {
      readonly method: "jwt" | "kubernetes";
      readonly role?: string;
      readonly jwtFile?: string;
      readonly jwtEnv?: string;
      readonly jwtCommand?: readonly [string, ...string[]];
    }
  /** Without a file the person is asked. */
  | { readonly method: "userpass" | "ldap"; readonly username?: string; readonly passwordFile?: string }
  | { readonly method: "cert" | "mtls"; readonly role?: string; readonly certFile: string; readonly keyFile?: string }
  | { readonly method: "oidc"; readonly role?: string; readonly callbackPort: number }
  | { readonly method: "token"; readonly wrappedTokenFile: string };

/** What stands in the configuration's `vault` about it. */
interface Written {
  readonly auth_method: AuthMethod;
  readonly auth_role: string | undefined;
  readonly role_id_file: string | undefined;
  readonly secret_id_file: string | undefined;
  readonly secret_id_wrapping_path: string | undefined;
  readonly jwt_file: string | undefined;
  readonly jwt_env: string | undefined;
  readonly jwt_command: readonly (string | undefined)[];
  readonly username: string | undefined;
  readonly password_file: string | undefined;
  readonly wrapped_token_file: string | undefined;
  readonly client_cert: string | undefined;
  readonly client_key: string | undefined;
  readonly oidc_callback_port: number;
}

/** Where Kubernetes puts a pod's own token. https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Undefined where a person brings the token; a text: the keys that the method is not complete without. */
export function loginOf(written: Written): Login | string | undefined {
  const { name: method, sealedBy } = written.auth_method;
  if (sealedBy !== undefined) return undefined;
  switch (method) {
    case "approle":
      return byRole(written);
    case "jwt":
    case "kubernetes":
      return byJwt(method, written);
    case "userpass":
    case "ldap":
      return { method, ...defined({ username: written.username, passwordFile: written.password_file }) };
    case "cert":
    case "mtls":
      return byCertificate(method, written);
    case "oidc":
      return { method, callbackPort: written.oidc_callback_port, ...defined({ role: written.auth_role }) };
    case "token":
      return written.wrapped_token_file === undefined
        ? undefined
        : { method, wrappedTokenFile: written.wrapped_token_file };
  }
}

function byRole(written: Written): Login | string {
  const { role_id_file: roleIdFile, secret_id_file: secretIdFile } = written;
  if (roleIdFile === undefined) return "vault.role_id_file and vault.secret_id_file";
  const { secret_id_wrapping_path: secretIdWrappingPath } = written;
  if (secretIdWrappingPath !== undefined && secretIdFile === undefined) return "vault.secret_id_file";
  return { method: "approle", roleIdFile, ...defined({ secretIdFile, secretIdWrappingPath }) };
}

function byJwt(method: "jwt" | "kubernetes", written: Written): Login | string {
  const { auth_role: role, jwt_env: jwtEnv, jwt_file: jwtFile } = written;
  const jwtCommand = commandOf(written.jwt_command);
  const login = { method, ...defined({ role, jwtEnv, jwtFile, jwtCommand }) };
  if (jwtEnv !== undefined || jwtFile !== undefined || jwtCommand !== undefined) return login;
  return method === "jwt"
    ? "vault.jwt_file, vault.jwt_env or vault.jwt_command"
    : { ...login, jwtFile: SERVICE_ACCOUNT };
}

function commandOf(words: Written["jwt_command"]): readonly [string, ...string[]] | undefined {
  const [program, ...args] = words.map((word) => word ?? "");
  return program === undefined ? undefined : [program, ...args];
}

function byCertificate(method: "cert" | "mtls", written: Written): Login | string {
  const { client_cert: certFile, client_key: keyFile, auth_role: role } = written;
  return certFile === undefined ? "vault.client_cert" : { method, certFile, ...defined({ role, keyFile }) };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are not there. */
function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
