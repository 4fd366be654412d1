/** What the store holds where our new pair is to go; `null` = nothing, or not a credential. */
export interface StoredPair {
  readonly digest: string;
  readonly complete: boolean;
  readonly issuedAt?: number;
}

export interface StoreWish {
  /** The pair to be stored. */
  readonly digest: string;
  readonly issuedAt: number | null;
  /** Digests that may be overwritten: the pair that was presented, and all that are known as spent. */
  readonly replaces: readonly string[];
  /** A person signed in anew: their pair replaces any older one. */
  readonly byPerson: boolean;
}

export type StoreVerdict = "already-there" | "write" | "foreign";

/**
 * Whether a pair may be written over what the store holds. A live pair of another machine is never overwritten: the one
 * that was there first is adopted, and ours is revoked.
 */
export function judgeStore(found: StoredPair | null, wish: StoreWish): StoreVerdict {
  if (found === null || !found.complete) return "write";
  if (found.digest === wish.digest) return "already-there";
  if (wish.replaces.includes(found.digest)) return "write";
  if (wish.byPerson && isOlder(found.issuedAt, wish.issuedAt)) return "write";
  return "foreign";
}

function isOlder(found: number | undefined, wish: number | null): boolean {
  return found === undefined || wish === null || found <= wish;
}
