import { nearest } from "./nearest.ts";
import { type Parsed, quote } from "./problems.ts";

export const authMethods = [
  "token",
  "oidc",
  "ldap",
  "mtls",
  "cert",
  "approle",
  "userpass",
  "jwt",
  "kubernetes",
] as const;

/** How dotvault logs in to Vault. */
export interface AuthMethod {
  readonly name: (typeof authMethods)[number];
  /** Where the predecessor seals the token: `+tpm`, or `+os` for a certificate. */
  readonly sealedBy?: "tpm" | "os";
}

export const authMethodPattern = `^((${authMethods.join("|")})(\\+tpm)?|mtls\\+os)$`;

export function parseAuthMethod(text: string): Parsed<AuthMethod> {
  const [base = "", suffix, ...rest] = text.split("+");
  const name = authMethods.find((method) => method === base);
  if (name === undefined || rest.length > 0) return unknownMethod(text, base);
  if (suffix === undefined) return { ok: true, value: { name } };
  if (suffix === "tpm" || (suffix === "os" && name === "mtls")) return { ok: true, value: { name, sealedBy: suffix } };
  return { ok: false, what: `unknown suffix ${quote(`+${suffix}`)} of ${quote(text)}`, nearest: `${name}+tpm` };
}

function unknownMethod(text: string, base: string): Parsed<AuthMethod> {
  const near = nearest(base, authMethods);
  const what = `unknown auth method ${quote(text)}`;
  return {
    ok: false,
    what,
    hint: `one of ${authMethods.join(", ")}`,
    ...(near === undefined ? {} : { nearest: near }),
  };
}
