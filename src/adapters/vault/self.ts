import type { VaultAnswer } from "./answer.ts";
import type { VaultClient } from "./client.ts";
import { deniedByPolicy, isTokenAlive } from "./denial.ts";
import { asDocument, dataOf } from "./documents.ts";
import { fromAnswer, serverWords } from "./failures.ts";
import { type Life, lifeFrom } from "./life.ts";

/** What the server says of a token. Throws {@link StoreFailure} when it can't be asked. */
export type Looked =
  | { readonly kind: "alive"; readonly life: Life | undefined; readonly who: string | undefined }
  | { readonly kind: "dead" };

export interface Self {
  readonly client: VaultClient;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether a token lives, and how long. `life` is undefined where its policies keep that to themselves.
 * https://openbao.org/api-docs/auth/token/#lookup-a-token-self: `ttl` is what is left, `creation_ttl` what was given
 */
export async function lookupSelf({ client, token, now, signal }: Self): Promise<Looked> {
  const askedAt = now();
  const answer = await client.call({ method: "GET", path: "auth/token/lookup-self", token, signal });
  if (answer.status === 200) return alive(answer, token, askedAt);
  if (answer.status !== 403 && answer.status !== 404) {
    throw fromAnswer(answer, { capability: "read", path: "auth/token/lookup-self" });
  }
  const lives = await isTokenAlive(client, signal, token);
  return lives ? { kind: "alive", life: undefined, who: undefined } : { kind: "dead" };
}

/** Due when a third of its life is left. */
function alive({ body }: VaultAnswer, token: string, askedAt: number): Looked {
  const { ttl, creation_ttl: given, renewable, display_name: name, expire_time: end } = dataOf(body);
  const who = typeof name === "string" && name !== "" ? name : undefined;
  if (typeof ttl !== "number") return { kind: "alive", life: undefined, who };
  const endless = ttl === 0 && typeof end !== "string";
  const left = endless ? Number.POSITIVE_INFINITY : ttl * 1000;
  const whole = typeof given === "number" && given >= ttl ? given * 1000 : left;
  const dueAt = endless ? left : askedAt + left - whole / 3;
  return {
    kind: "alive",
    life: { token, expiresAt: askedAt + left, dueAt, renewable: renewable === true && !endless },
    who,
  };
}

/**
 * Ends a token. `gone`: the server did not know it any more. Throws {@link StoreFailure}, also where its policies forbid it.
 * https://openbao.org/api-docs/auth/token/#revoke-a-token-self
 */
export async function revokeSelf({ client, token, signal }: Omit<Self, "now">): Promise<"revoked" | "gone"> {
  const path = "auth/token/revoke-self";
  const answer = await client.call({ method: "POST", path, json: {}, token, signal });
  if (answer.status === 200 || answer.status === 204) return "revoked";
  if (answer.status !== 403) throw fromAnswer(answer, { capability: "update", path });
  if (await isTokenAlive(client, signal, token)) throw deniedByPolicy({ capability: "update", path });
  return "gone";
}

export type Renewal =
  | { readonly kind: "renewed"; readonly life: Life }
  /** It lives, and gets no more time. */
  | { readonly kind: "denied"; readonly class: string; readonly message: string }
  | { readonly kind: "dead" };

/** Asks for more time, as much as the token was made with. https://openbao.org/api-docs/auth/token/#renew-a-token-self */
export async function renewSelf({ client, token, now, signal }: Self): Promise<Renewal> {
  const askedAt = now();
  const path = "auth/token/renew-self";
  const answer = await client.call({ method: "POST", path, json: {}, token, signal });
  const life = answer.status === 200 ? lifeFrom(asDocument(answer.body)?.auth, askedAt) : undefined;
  if (life !== undefined) return { kind: "renewed", life };
  if (![400, 403, 404].includes(answer.status)) throw fromAnswer(answer, { capability: "update", path });
  if (!(await isTokenAlive(client, signal, token))) return { kind: "dead" };
  const message = serverWords(answer) || `vault answered ${answer.status}`;
  return { kind: "denied", class: `login.not-renewed.${answer.status}`, message };
}
