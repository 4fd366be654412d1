import { isLoopback } from "../../../http/target.ts";
import { dataOf } from "../../documents.ts";
import { judgeLogin } from "../answer.ts";
import type { LoginResult } from "../method.ts";
import { type Attempt, type OidcPorts, oidcPath } from "./attempt.ts";

/** What Vault says to the wish to sign in. */
export interface Begun {
  /** The provider's page for it. */
  readonly url: URL;
  readonly state: string;
  /** Vault gets the answer itself (the role's `callback_mode` is device or direct), and is asked for it so often. */
  readonly pollMs: number | undefined;
}

/** Asks Vault for the sign-in page. Throws {@link StoreFailure} where it can't be asked. */
export async function begin(attempt: Attempt, { client, now, signal }: OidcPorts): Promise<Begun | LoginResult> {
  const { mount, role, redirect, nonce } = attempt;
  const json = { redirect_uri: redirect, client_nonce: nonce, ...(role === undefined ? {} : { role }) };
  const request = { method: "POST", path: `${oidcPath(mount)}/auth_url`, json, token: false, signal } as const;
  const answer = await client.call(request);
  if (answer.status !== 200) return judgeLogin(answer, mount, now());
  const { auth_url: given, state: told, poll_interval: seconds } = dataOf(answer.body);
  if (given === "") return notAllowed(attempt);
  const url = URL.parse(String(given));
  const state = typeof told === "string" ? told : url?.searchParams.get("state");
  if (url === null || !isSafe(url) || !state) return strangeAddress(mount);
  return { url, state, pollMs: seconds === undefined ? undefined : Math.max(1, Number(seconds) || 5) * 1000 };
}

/** What a browser may be sent to. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

function notAllowed({ mount, role = "(its default)", redirect }: Attempt): LoginResult {
  return {
    kind: "refused",
    class: "login.not-allowed",
    message: `vault gives no sign-in page for the role ${role} at auth/${mount} and ${redirect}`,
    hint: "does the role exist, and is that address among its allowed_redirect_uris",
  };
}

function strangeAddress(mount: string): LoginResult {
  return {
    kind: "refused",
    class: "login.odd-answer",
    message: `the sign-in page that vault names at auth/${mount} can't be used: it is not https, or has no state`,
    hint: "check the oidc configuration of that mount (oidc_discovery_url)",
  };
}
