import assert from "node:assert/strict";
import type { VaultAnswer } from "../../../src/adapters/vault/answer.ts";
import type { VaultClient } from "../../../src/adapters/vault/client.ts";
import { lifeFrom } from "../../../src/adapters/vault/life.ts";
import type { LoginMethod } from "../../../src/adapters/vault/login/method.ts";

export interface Tokens {
  /** Seconds that a token is given; 0: it has no end. */
  readonly ttl: number;
  readonly renewable: boolean;
}

/** A server that gives tokens of one kind, and forgets none before its end. */
export class ModelVault {
  readonly #tokens = new Map<string, number>();
  readonly #now: () => number;
  readonly #setting: Tokens;
  logins = 0;

  constructor(setting: Tokens, now: () => number) {
    this.#setting = setting;
    this.#now = now;
  }

  give(token: string) {
    const { ttl, renewable } = this.#setting;
    this.#tokens.set(token, ttl === 0 ? Number.POSITIVE_INFINITY : this.#now() + ttl * 1000);
    return { client_token: token, lease_duration: ttl, renewable };
  }

  readonly client: VaultClient = {
    call: async ({ path, token }) => {
      if (path.startsWith("sys/health")) return this.#answer(200, {});
      const end = this.#tokens.get(String(token)) ?? 0;
      if (end <= this.#now()) return this.#answer(403, { errors: ["permission denied"] });
      if (path === "auth/token/renew-self") return this.#answer(200, { auth: this.give(String(token)) });
      const { ttl, renewable } = this.#setting;
      const left = ttl === 0 ? 0 : (end - this.#now()) / 1000;
      return this.#answer(200, { data: { ttl: left, creation_ttl: ttl, renewable, expire_time: null } });
    },
  };

  readonly method: LoginMethod = {
    name: "approle",
    needsPerson: false,
    fingerprint: async () => "the same",
    login: async () => {
      const life = lifeFrom(this.give(`login-${++this.logins}`), this.#now()) ?? assert.fail("no life");
      return { kind: "granted", life };
    },
  };

  #answer(statusCode: number, body: unknown): VaultAnswer {
    return { status: statusCode, body, headers: {} } as unknown as VaultAnswer;
  }
}
