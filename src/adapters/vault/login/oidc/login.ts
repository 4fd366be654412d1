import { listenOnLoopback } from "../../../http/loopback.ts";
import type { LoginMethod, LoginResult } from "../method.ts";
import { needsSomebody } from "../password.ts";
import type { OidcPorts, Pause } from "./attempt.ts";
import { begin } from "./begin.ts";
import { LOOK_THERE, signInHere } from "./browser.ts";
import { signInElsewhere } from "./device.ts";
import { CALLBACK_PATH, Return } from "./return.ts";

export interface OidcWish {
  readonly role?: string | undefined;
  /** Where the browser comes back to; the next free one if it is taken; 0: any. */
  readonly callbackPort: number;
  /** Fresh random text, 32 bytes' worth. */
  readonly nonce: () => string;
  /** How long the person may take, milliseconds. Default: five minutes. */
  readonly patience?: number;
  readonly pause?: Pause;
}

const PATIENCE = 5 * 60_000;

/**
 * Signing in with a browser. Vault talks to the provider (it keeps the provider's nonce and PKCE's verifier to itself); we
 * hand it what the browser brings back. `state` ties that to this sign-in; `client_nonce`, which only this process knows,
 * ties Vault's token to us: whoever saw the browser's address bar can't fetch it.
 * https://openbao.org/api-docs/auth/jwt/#oidc-authorization-url-request
 */
export function oidcLogin(mount: string, wish: OidcWish): LoginMethod {
  return {
    name: "oidc",
    needsPerson: true,
    fingerprint: async () => JSON.stringify(["oidc", mount, wish.role, wish.callbackPort]),
    async login({ person, ...ports }) {
      if (person === undefined) throw needsSomebody();
      return signIn(mount, wish, { ...ports, person });
    },
  };
}

async function signIn(mount: string, wish: OidcWish, ports: OidcPorts): Promise<LoginResult> {
  const { role, nonce, patience = PATIENCE, pause } = wish;
  const back = new Return();
  const { port, close } = await listenOnLoopback(wish.callbackPort, (url) => back.arrived(url));
  try {
    const redirect = `http://localhost:${port}${CALLBACK_PATH}`;
    const attempt = { mount, role, nonce: nonce(), redirect, patience, pause };
    const begun = await begin(attempt, ports);
    if ("kind" in begun) return begun;
    if (begun.pollMs === undefined) return await signInHere(attempt, begun, back, ports);
    return await signInElsewhere(attempt, { ...begun, pollMs: begun.pollMs }, ports);
  } finally {
    back.show(LOOK_THERE);
    await close();
  }
}
