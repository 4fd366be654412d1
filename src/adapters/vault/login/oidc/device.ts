import { setTimeout as sleep } from "node:timers/promises";
import type { VaultAnswer } from "../../answer.ts";
import { serverWords } from "../../failures.ts";
import { concludeLogin } from "../conclude.ts";
import type { LoginResult, PersonPorts } from "../method.ts";
import { type Attempt, type OidcPorts, oidcPath } from "./attempt.ts";
import type { Begun } from "./begin.ts";
import { gone, tooLate } from "./return.ts";

/** RFC 8628 §3.5: what `slow_down` adds to the interval, milliseconds. */
const SLOWER = 5_000;

/**
 * The browser may be anywhere, nothing comes back to this machine: Vault is asked until the person has signed in.
 * https://openbao.org/api-docs/auth/jwt/#oidc-poll, RFC 8628 (device flow)
 */
export async function signInElsewhere(
  { mount, nonce, patience, pause = realPause }: Attempt,
  begun: Begun & { readonly pollMs: number },
  ports: OidcPorts,
): Promise<LoginResult> {
  await invite(begun.url, ports.person);
  const { client, now, signal } = ports;
  const json = { state: begun.state, client_nonce: nonce };
  let { pollMs } = begun;
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

async function invite(url: URL, person: PersonPorts): Promise<void> {
  const opened = await person.openBrowser(url.href);
  person.tell(opened ? "Opened the sign-in page in your browser." : "Sign in with this link, in any browser:");
  if (!opened) person.tell(`  ${url.href}`);
  const code = url.searchParams.get("user_code");
  if (code !== null) person.tell(`It must show this code: ${code.replace(/[^\w-]/g, "")}`);
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
