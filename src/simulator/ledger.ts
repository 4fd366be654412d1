import { createHash } from "node:crypto";

/** How a token came into the world. `seed`: given out by a test, as by an administrator's hand. */
export type Origin = "login" | "mint" | "refresh" | "oidc" | "seed";

/** One presentation of a refresh token. */
export interface Presentation {
  /** Milliseconds since the epoch, without the server's skew. */
  readonly at: number;
  /** What the pair was when the request arrived. */
  readonly pairWas: PairState;
  /** `unapplied`: a fault kept the request from the server. */
  outcome: "pending" | "accepted" | "refused" | "unapplied";
}

export type PairState = "live" | "refreshed" | "revoked";

/** Everything about one issued pair but its secrets. Times are milliseconds since the epoch. */
export interface Pair {
  readonly tokenId: string;
  readonly user: string;
  readonly by: Origin;
  /** The token that minted or became this one. */
  readonly parent: string | null;
  readonly description: string | null;
  readonly scope: string;
  readonly audience: readonly string[];
  /** Hex SHA-256 of the JWT, also where a reference token is given in its place. */
  readonly accessDigest: string;
  readonly refreshDigest: string | null;
  readonly referenceDigest: string | null;
  /** By the server's clock, as in the JWT. */
  readonly issuedAt: number;
  /** By the server's clock; `null`: never. */
  readonly expiresAt: number | null;
  /** The lifetime that was asked for, seconds; `null`: none was. */
  readonly askedSeconds: number | null;
  readonly stored: boolean;
  readonly revocable: boolean;
  readonly forceRevocable: boolean;
  state: PairState;
  /** When the refresh token was spent, and by which successor. */
  spentAt: number | null;
  successor: string | null;
  revokedAt: number | null;
  /** From when on the access token is refused before its expiry (server's clock). */
  accessDeadAt: number | null;
  /** Whether the answer that carried the pair was written out whole. */
  answered: boolean;
  readonly presentations: Presentation[];
}

/** A presentation of a refresh token that no pair ever had. */
export interface Stranger extends Presentation {
  readonly digest: string;
}

export const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Whether the access token is accepted at `now` (server's clock). */
export function accessLives(pair: Pair, now: number): boolean {
  return (pair.expiresAt === null || now < pair.expiresAt) && (pair.accessDeadAt === null || now < pair.accessDeadAt);
}

/** Every pair ever issued, in order, and every refresh token ever presented: what a test proves "nothing lost" with. */
export class Ledger {
  readonly pairs: Pair[] = [];
  readonly strangers: Stranger[] = [];
  readonly #index = new Map<string, Pair>();

  add(pair: Pair): void {
    this.pairs.push(pair);
    for (const key of [pair.tokenId, pair.accessDigest, pair.refreshDigest, pair.referenceDigest])
      if (key !== null) this.#index.set(key, pair);
  }

  byId(tokenId: string): Pair | undefined {
    return this.#find(tokenId, (pair) => pair.tokenId);
  }

  byAccessToken(token: string): Pair | undefined {
    return this.#find(digestOf(token), (pair) => pair.accessDigest);
  }

  byRefreshToken(token: string): Pair | undefined {
    return this.#find(digestOf(token), (pair) => pair.refreshDigest);
  }

  byReferenceToken(token: string): Pair | undefined {
    return this.#find(digestOf(token), (pair) => pair.referenceDigest);
  }

  /** Pairs whose refresh token was neither spent nor revoked, oldest first; expired ones too. */
  live(): Pair[] {
    return this.pairs.filter((pair) => pair.state === "live");
  }

  /** Presentations of pairs that were already spent or revoked when the request arrived, and of unknown ones. */
  stalePresentations(): Presentation[] {
    const stale = this.pairs.flatMap((pair) => pair.presentations.filter((one) => one.pairWas !== "live"));
    return [...stale, ...this.strangers];
  }

  /** Notes that a refresh token arrived. `at`: milliseconds. */
  present(refreshToken: string, at: number): Presentation {
    const pair = this.byRefreshToken(refreshToken);
    if (pair === undefined) {
      const stranger: Stranger = { at, pairWas: "revoked", outcome: "pending", digest: digestOf(refreshToken) };
      this.strangers.push(stranger);
      return stranger;
    }
    const presentation: Presentation = { at, pairWas: pair.state, outcome: "pending" };
    pair.presentations.push(presentation);
    return presentation;
  }

  /** The refresh token is spent; `accessDeadAt` on the server's clock. */
  spend(pair: Pair, successor: string, at: number, accessDeadAt: number | null): void {
    Object.assign(pair, { state: "refreshed", successor, spentAt: at, accessDeadAt });
  }

  /** Both tokens of the pair are dead from `now` (server's clock) on. */
  revoke(pair: Pair, at: number, now: number): void {
    if (pair.state === "live") pair.state = "revoked";
    pair.revokedAt ??= at;
    pair.accessDeadAt = Math.min(pair.accessDeadAt ?? now, now);
  }

  toJSON(): { pairs: readonly Pair[]; strangers: readonly Stranger[] } {
    return { pairs: this.pairs, strangers: this.strangers };
  }

  #find(key: string, field: (pair: Pair) => string | null): Pair | undefined {
    const pair = this.#index.get(key);
    return pair !== undefined && field(pair) === key ? pair : undefined;
  }
}
