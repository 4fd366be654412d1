import { setTimeout as sleep } from "node:timers/promises";
import type { VaultAnswer } from "../client.ts";
import { serverWords } from "../failures.ts";
import { concludeLogin } from "./conclude.ts";
import type { LoginPorts, LoginResult } from "./method.ts";
import { gone, tooLate } from "./oidc-return.ts";

/** Resolves after so many milliseconds; rejects when the signal is aborted. */
export type Pause = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

export interface Polled {
  readonly state: string;
  readonly nonce: string;
  readonly pollMs: number;
  /** Milliseconds in all. */
  readonly patience: number;
  readonly pause: Pause | undefined;
}

/** RFC 8628 §3.5: what `slow_down` adds to the interval, milliseconds. */
const SLOWER = 5_000;

export const oidcPath = (mount: string) => `auth/${mount.split("/").map(encodeURIComponent).join("/")}/oidc`;

/**
 * Asks Vault until the person has signed in at the provider, wherever their browser is.
 * https://openbao.org/api-docs/auth/jwt/#oidc-poll, RFC 8628 (device flow)
 */
export async function polledLogin(mount: string, polled: Polled, ports: LoginPorts): Promise<LoginResult> {
  const { client, now, signal } = ports;
  const { state, nonce, patience, pause = realPause } = polled;
  const json = { state, client_nonce: nonce };
  let { pollMs } = polled;
  for (let waited = 0; waited < patience; waited += pollMs) {
    await pause(pollMs, signal);
    const askedAt = now();
    const answer = await client.call({ method: "POST", path: `${oidcPath(mount)}/poll`, json, token: false, signal });
    const word = pendingWord(answer);
    if (word === undefined) return concludeLogin(answer, mount, askedAt, ports);
    if (word === "slow_down") pollMs += SLOWER;
  }
  throw tooLate(patience);
}

function pendingWord(answer: VaultAnswer): string | undefined {
  const word = answer.status === 400 ? serverWords(answer) : "";
  return word === "authorization_pending" || word === "slow_down" ? word : undefined;
}

async function realPause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {
    throw gone();
  });
}
