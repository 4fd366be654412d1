import { createHash } from "node:crypto";
import { StoreFailure } from "../store-port.ts";
import type { VaultClient } from "./client.ts";
import { asDocument } from "./documents.ts";
import { fromAnswer } from "./failures.ts";
import { type Life, lifeFrom, outlives, postponed } from "./life.ts";
import type { LoginMethod } from "./login/method.ts";

export interface SessionOptions {
  /** The person's own token, which comes first: `DOTVAULT_TOKEN`, the token file. */
  readonly own: () => Promise<string | undefined>;
  readonly method: LoginMethod;
  readonly client: VaultClient;
  readonly clock: () => number;
  readonly renews: boolean;
}

/**
 * A token at any time: the person's own, else one of a login that this process makes, renews, and makes anew. It lives in
 * memory only. An outage is never taken for a dead token: what has life left serves until its end.
 */
export interface Session {
  /** Throws {@link StoreFailure}. */
  token(): Promise<string>;
  /** Counts the tokens that were given out. */
  readonly turn: number;
  /** The server does not know the token of that turn. True when there may be another one. */
  died(turn: number): boolean;
}

/** How long a login that was refused is not tried again with the same words: it may lock the account. */
const REFUSED_FOR = 15 * 60_000;

export function createSession(options: SessionOptions): Session {
  return new LoginSession(options);
}

class LoginSession implements Session {
  turn = 0;
  readonly #options: SessionOptions;
  #given: string | undefined;
  #dead: string | undefined;
  #life: Life | undefined;
  #busy: Promise<Life> | undefined;
  #kept: Uint8Array | undefined;
  #refusal: { readonly words: string; readonly at: number; readonly failure: StoreFailure } | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  async token(): Promise<string> {
    const own = await this.#options.own();
    const token = own !== undefined && own !== this.#dead ? own : (await this.#ownLife()).token;
    if (token !== this.#given) this.turn++;
    this.#given = token;
    return token;
  }

  died(turn: number): boolean {
    if (turn !== this.turn) return true;
    if (this.#given === undefined) return false;
    if (this.#given === this.#life?.token) this.#life = undefined;
    this.#dead = this.#given;
    return true;
  }

  /** However many ask at once, one request is made. */
  #ownLife(): Promise<Life> {
    this.#busy ??= this.#next().finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  async #next(): Promise<Life> {
    const life = this.#life;
    const now = this.#options.clock();
    if (life !== undefined && now < life.dueAt) return life;
    const left = life !== undefined && now < life.expiresAt ? life : undefined;
    try {
      this.#life = (left && (await this.#renewed(left, now))) ?? (await this.#loggedIn(now));
    } catch (error) {
      if (left === undefined) throw error;
      this.#life = postponed(left, now);
    }
    return this.#life;
  }

  /** Undefined when only a login helps. Throws when the server can't be asked. */
  async #renewed(life: Life, now: number): Promise<Life | undefined> {
    if (!life.renewable || !this.#options.renews) return undefined;
    const request = { method: "POST", path: "auth/token/renew-self", json: {}, token: life.token } as const;
    const answer = await this.#options.client.call(request);
    if (answer.status === 400 || answer.status === 403) return undefined;
    if (answer.status !== 200) throw fromAnswer(answer, { capability: "update", path: request.path });
    const renewed = lifeFrom(asDocument(answer.body)?.auth, now);
    return renewed && outlives(renewed, life) ? renewed : undefined;
  }

  async #loggedIn(now: number): Promise<Life> {
    const { method, client } = this.#options;
    const words = createHash("sha256")
      .update(await method.fingerprint())
      .digest("hex");
    if (this.#refusal?.words === words && now < this.#refusal.at + REFUSED_FOR) throw this.#refusal.failure;
    const ports = { client, now: () => now };
    let result = await method.login({ ...ports, kept: this.#kept });
    if (result.kind === "kept") {
      this.#kept = result.secret;
      result = await method.login({ ...ports, kept: this.#kept });
    }
    if (result.kind === "granted") return result.life;
    const { message, hint } = result.kind === "refused" ? result : { message: "the login is not complete", hint: "" };
    const failure = new StoreFailure("store.token", message, { hint });
    this.#refusal = { words, at: now, failure };
    throw failure;
  }
}
