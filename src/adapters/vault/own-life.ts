import { HttpFailure } from "../http/port.ts";
import { StoreFailure } from "../store-port.ts";
import type { VaultClient } from "./client.ts";
import { dataOf } from "./documents.ts";
import { lifeFrom, outlives } from "./life.ts";

export interface OwnLifeOptions {
  readonly own: () => Promise<string | undefined>;
  readonly client: VaultClient;
  readonly clock: () => number;
}

interface Known {
  readonly token: string;
  readonly expiresAt: number;
  readonly dueAt: number;
  readonly renews: boolean;
}

/** Until the server could be asked. */
const SOON = 60_000;

/**
 * Keeps alive the token that a person brought: the same source, which asks the server beside the requests how long the token
 * lives, and renews it when a third of its life is left. What the server refuses is not asked again for the same token; no
 * request waits for it or fails by it.
 */
export function keepingAlive({ own, client, clock }: OwnLifeOptions): () => Promise<string | undefined> {
  let known: Known | undefined;
  let busy = false;
  return async () => {
    const token = await own();
    if (token === undefined || busy) return token;
    if (known?.token !== token) known = { token, expiresAt: 0, dueAt: 0, renews: false };
    if (clock() < known.dueAt) return token;
    busy = true;
    const step = known.renews ? renewed(client, known, clock()) : looked(client, token, clock());
    const before = known;
    void step
      .catch((error: unknown) => later(error, before, clock()))
      .then((next) => {
        known = next;
        busy = false;
      });
    return token;
  };
}

/** An outage says nothing about the token. What a token's characters say about it, the request itself is told. */
function later(error: unknown, known: Known, now: number): Known {
  const expected = error instanceof StoreFailure || error instanceof HttpFailure;
  return { ...known, dueAt: expected ? now + SOON : Number.POSITIVE_INFINITY };
}

const letBe = (token: string): Known => ({
  token,
  expiresAt: Number.POSITIVE_INFINITY,
  dueAt: Number.POSITIVE_INFINITY,
  renews: false,
});

/** https://openbao.org/api-docs/auth/token/#lookup-a-token-self: `ttl` is what is left, `creation_ttl` what was given. */
async function looked(client: VaultClient, token: string, now: number): Promise<Known> {
  const answer = await client.call({ method: "GET", path: "auth/token/lookup-self", token });
  if (answer.status >= 500 || answer.status === 429) throw new StoreFailure("store.unavailable", "no answer");
  const { ttl, creation_ttl: given, renewable } = dataOf(answer.body);
  if (answer.status !== 200 || renewable !== true || typeof ttl !== "number" || ttl === 0) return letBe(token);
  const whole = typeof given === "number" && given >= ttl ? given : ttl;
  return { token, expiresAt: now + ttl * 1000, dueAt: now + (ttl - whole / 3) * 1000, renews: true };
}

async function renewed(client: VaultClient, known: Known, now: number): Promise<Known> {
  const { token } = known;
  const answer = await client.call({ method: "POST", path: "auth/token/renew-self", json: {}, token });
  if (answer.status >= 500 || answer.status === 429) throw new StoreFailure("store.unavailable", "no answer");
  const life = answer.status === 200 ? lifeFrom((answer.body as { auth?: unknown }).auth, now) : undefined;
  if (life === undefined || !outlives(life, { ...life, expiresAt: known.expiresAt })) return letBe(token);
  return { token, expiresAt: life.expiresAt, dueAt: life.dueAt, renews: life.renewable };
}
