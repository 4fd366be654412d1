import type { AuthMethod } from "./auth-method.ts";

/** How dotvault logs in by itself. Paths stand as written (`~/…`). */
export type Login =
  | { readonly method: "approle"; readonly roleIdFile: string; readonly secretIdFile?: string }
  | {
      readonly method: "jwt" | "kubernetes";
      readonly role?: string;
      readonly jwtFile?: string;
      readonly jwtEnv?: string;
    }
  | { readonly method: "userpass" | "ldap"; readonly username?: string; readonly passwordFile: string };

/** What stands in the configuration's `vault` about it. */
interface Written {
  readonly auth_method: AuthMethod;
  readonly auth_role: string | undefined;
  readonly role_id_file: string | undefined;
  readonly secret_id_file: string | undefined;
  readonly jwt_file: string | undefined;
  readonly jwt_env: string | undefined;
  readonly username: string | undefined;
  readonly password_file: string | undefined;
}

/** Where Kubernetes puts a pod's own token. https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Undefined for methods that need a person or that dotvault lacks; a text: the keys that the method is not complete without. */
export function loginOf(written: Written): Login | string | undefined {
  const { name: method, sealedBy } = written.auth_method;
  if (sealedBy !== undefined) return undefined;
  switch (method) {
    case "approle":
      return byRole(written);
    case "jwt":
      if (written.jwt_file === undefined && written.jwt_env === undefined) return "vault.jwt_file or vault.jwt_env";
      return byJwt(method, written, written.jwt_file);
    case "kubernetes":
      return byJwt(method, written, written.jwt_file ?? (written.jwt_env === undefined ? SERVICE_ACCOUNT : undefined));
    case "userpass":
    case "ldap":
      return byPassword(method, written);
    default:
      return undefined;
  }
}

function byRole({ role_id_file: roleIdFile, secret_id_file: secretIdFile }: Written): Login | string {
  if (roleIdFile === undefined) return "vault.role_id_file and vault.secret_id_file";
  return { method: "approle", roleIdFile, ...(secretIdFile === undefined ? {} : { secretIdFile }) };
}

function byJwt(method: "jwt" | "kubernetes", written: Written, jwtFile: string | undefined): Login {
  const { auth_role: role, jwt_env: jwtEnv } = written;
  return {
    method,
    ...(role === undefined ? {} : { role }),
    ...(jwtFile === undefined ? {} : { jwtFile }),
    ...(jwtEnv === undefined ? {} : { jwtEnv }),
  };
}

function byPassword(method: "userpass" | "ldap", { username, password_file: passwordFile }: Written): Login | string {
  if (passwordFile === undefined) return "vault.password_file";
  return { method, passwordFile, ...(username === undefined ? {} : { username }) };
}
