import { StoreFailure } from "../store-port.ts";
import type { VaultAnswer } from "./answer.ts";
import type { VaultClient } from "./client.ts";
import { type Asked, fromAnswer } from "./failures.ts";

/**
 * What an answer that is not a success means. Vault says 403 to a dead token and to a live one without the permission
 * alike; this asks which it was, because one needs a new token and the other a new policy. Throws {@link StoreFailure}
 * when that can't be found out.
 */
export async function failureOf(
  client: VaultClient,
  answer: VaultAnswer,
  asked: Asked,
  signal?: AbortSignal,
): Promise<StoreFailure> {
  if (answer.status !== 403) return fromAnswer(answer, asked);
  return (await isTokenAlive(client, signal)) ? deniedByPolicy(asked) : deadToken();
}

/**
 * Whether the server knows the client's token. Throws {@link StoreFailure} when that can't be found out.
 *
 * @param given instead of the client's
 */
export async function isTokenAlive(client: VaultClient, signal?: AbortSignal, token?: string): Promise<boolean> {
  // lookup-self is granted by the default policy; a token without that policy may still list the mounts it can see,
  // which any live token may.
  for (const path of ["auth/token/lookup-self", "sys/internal/ui/mounts"]) {
    const answer = await client.call({ method: "GET", path, signal, ...(token !== undefined && { token }) });
    if (answer.status === 200) return true;
    if (answer.status !== 403 && answer.status !== 404) throw fromAnswer(answer, { capability: "read", path });
  }
  return false;
}

export function deniedByPolicy({ capability, path }: Asked): StoreFailure {
  return new StoreFailure("store.denied", `the Vault token's policies do not allow ${capability} on ${path}`, {
    hint: `needed: path "${path}" { capabilities = ["${capability}"] }`,
  });
}

function deadToken(): StoreFailure {
  return new StoreFailure("store.token", "vault does not accept the token: expired, revoked or mistyped", {
    hint: "put a live one into ~/.dotvault-token (mode 0600) or DOTVAULT_TOKEN",
  });
}
