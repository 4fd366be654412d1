import { createHash } from "node:crypto";
import { StoreFailure } from "../store-port.ts";
import type { VaultAnswer, VaultClient } from "./client.ts";
import type { LoginRequest } from "./credentials.ts";
import { asDocument } from "./documents.ts";
import { fromAnswer, serverWords } from "./failures.ts";
import { type Life, lifeFrom, outlives, postponed } from "./life.ts";

export interface SessionOptions {
  /** The person's own token, which comes first: `DOTVAULT_TOKEN`, the token file. */
  readonly own: () => Promise<string | undefined>;
  /** Read anew for every login. */
  readonly credentials: () => Promise<LoginRequest>;
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
    const request = await this.#options.credentials();
    const words = createHash("sha256").update(JSON.stringify(request)).digest("hex");
    if (this.#refusal?.words === words && now < this.#refusal.at + REFUSED_FOR) throw this.#refusal.failure;
    const answer = await this.#options.client.call({ method: "POST", ...request, token: false });
    const place = request.path.replace(/^auth\/(.+)\/login.*$/, "$1");
    const life = answer.status === 200 ? lifeFrom(asDocument(answer.body)?.auth, now) : undefined;
    if (life !== undefined) return life;
    const failure = refusal(answer, place);
    if (failure === undefined) throw fromAnswer(answer, { capability: "update", path: `auth/${place}/login` });
    this.#refusal = { words, at: now, failure };
    throw failure;
  }
}

/** Undefined when the answer says nothing about the login: an outage, a sealed server, too many requests. */
function refusal(answer: VaultAnswer, place: string): StoreFailure | undefined {
  if (answer.status === 200) {
    return new StoreFailure("store.token", `vault gave no token for the login at auth/${place}`, {
      hint: "a method that asks for a second factor can't be used without a person: put a token into ~/.dotvault-token",
    });
  }
  if (![400, 401, 403, 404].includes(answer.status)) return undefined;
  if (/waiting for the primary/i.test(serverWords(answer))) return undefined;
  const why = serverWords(answer) || String(answer.status);
  return new StoreFailure("store.token", `vault refuses the login at auth/${place}: ${why}`, {
    hint: "check vault.auth_mount, vault.auth_role and the files that vault names; what changes there is tried at once",
  });
}
