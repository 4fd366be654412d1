/**
 * Every token that a journal ever minted or received, and what became of each: a fold over the enrolments' events. It
 * outlives compaction: what is dropped from the history is folded into a fact before (agent/keep-lineage.ts).
 */

export const LINEAGE_VERSION = 1;

export type TokenLine = {
  /** Its id at the service; null for a reference token whose id nobody told. */
  readonly tokenId: string | null;
  readonly digest: string | null;
  readonly enrolment: string;
  /**
   * `unanswered`: minted by a request whose answer never came, and found afterwards. `adopted`: another machine stored it.
   * `named`: a person had it revoked by its id.
   */
  readonly how: "signed-in" | "minted" | "rotated" | "unanswered" | "adopted" | "named";
  /** When this machine got to know it. */
  readonly at: number;
  readonly issuedAt: number | null;
  /** Null: never, or not known. */
  readonly expiresAt: number | null;
  readonly user: string | null;
  /** The next one of the enrolment, and whether that came by this one's refresh token (which ends this one). */
  readonly supersededBy: string | null;
  readonly rotatedAway: boolean;
  readonly revoked: { readonly at: number; readonly how: string } | null;
  /** When the service had refused it for good, and all that was asked agreed; absent: it has not, or an older dotvault kept this. */
  readonly refusedAt?: number;
  /** The other machine that brought it, where the lease told. */
  readonly by?: string;
};

export type Lineage = {
  readonly version: number;
  /** Events up to this one are in it. */
  readonly upTo: number;
  readonly tokens: readonly TokenLine[];
  /** Keys of tokens by the ids of their sealed rows. */
  readonly refs: { readonly [ref: string]: string };
  /** Kinds of intents that issue, by id, while they are open. */
  readonly open: { readonly [intent: string]: string };
  /** Digests of pairs that are taken out of the store since they were refused, by intent, while it is open; older ones kept none. */
  readonly removing?: { readonly [intent: string]: string };
  /** Descriptions that this journal's mints have asked for: by them its orphans are known. */
  readonly descriptions: readonly string[];
};

/** What a lineage tells. */
export type Told = Pick<Lineage, "tokens" | "descriptions">;

export const emptyLineage: Lineage = {
  version: LINEAGE_VERSION,
  upTo: 0,
  tokens: [],
  refs: {},
  open: {},
  descriptions: [],
};

/** An event as the journal has it, as far as it matters here. */
export interface LineageEvent {
  readonly seq: number;
  readonly stream: string;
  readonly event: { readonly type: string; readonly at: number; readonly [field: string]: unknown };
  readonly intents: readonly { readonly id: string; readonly kind: string; readonly params: object }[];
  readonly closes: string | null;
  /** After it. */
  readonly state?: unknown;
  readonly withdraws?: readonly string[];
}

/** Kinds of intents that issue a token. */
export const ISSUING: readonly string[] = ["mint", "refresh"];
/** The kind of those that take a pair out of the store. */
export const REMOVING = "remove";
/** Types of events by which a token is found in the store. */
export const FINDS: readonly string[] = ["SECRET_READ", "SECRET_SEEN", "STORE_CONFLICT"];

/** Which events tell of tokens: these, and those that ask for one. */
export const TELLING = {
  type: ["GRANTED", "PAIR_ISSUED", ...FINDS, "STORED", "REMOVED", "REVOKED", "SWEPT", "TOKEN_REVOKED"],
  orAsks: [...ISSUING, REMOVING],
};
