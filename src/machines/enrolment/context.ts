import type { SecretRef } from "../stream/secret-ref.ts";

export type { SecretRef };

/** What is known of a credential without its bytes. Times: milliseconds since the epoch by the issuer's clock. */
export type Facts = {
  readonly complete: boolean;
  readonly digest: string;
  readonly refreshable: boolean;
  readonly tokenId?: string;
  readonly user?: string;
  readonly origin?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  /** What it may do, and where, in the engine's one spelling. */
  readonly scope?: string;
  readonly audience?: string;
};

/** A credential and where it lies. */
export type Pair = Facts & {
  /** In [0, 1): moves its half-life, see half-life.ts. */
  readonly spread: number;
  /** Version and creation time in the store; null while it is only sealed here. */
  readonly stored: { readonly version: number; readonly createdAt: number } | null;
  /** The sealed copy; null when the store alone holds it. */
  readonly ref: SecretRef | null;
};

export type Traits = {
  readonly person: boolean;
  readonly refresh: boolean;
  readonly probe: boolean;
  readonly revoke: boolean;
  readonly sweep: boolean;
};

/**
 * What the configuration wants a credential to be; null: it does not say. For people, who see it beside what was granted:
 * nothing is decided by it.
 */
export type Terms = {
  readonly scope: string | null;
  readonly audience: string | null;
  /** Milliseconds. */
  readonly life: number | null;
};

/** What the configuration says of the enrolment; comes in with CONFIGURED. */
export type Settings = {
  readonly engine: string;
  readonly traits: Traits;
  /** Scheme and host; null for an engine that talks to nobody. */
  readonly origin: string | null;
  /** Marks our tokens at the service: `dotvault alice@laptop jfrog`. */
  readonly label: string;
  /** How a pair is renewed: by its refresh token, or by minting an independent one with it. */
  readonly rotation: "refresh" | "remint";
  /** It enrols by itself: the configuration names where its login comes from. */
  readonly unattended: boolean;
  readonly terms: Terms | null;
};

export type Session = {
  readonly ref: SecretRef;
  /** Absolute; no poll after the one that follows it. */
  readonly deadline: number;
  /** A poll went out and no answer came back: it may have collected the token. */
  readonly unanswered: boolean;
};

/** Why a rotation is in doubt. */
export type Doubt = {
  readonly cause: "lost" | "refused" | "restored";
  readonly since: number;
  /** Times that the pair was presented in this rotation. */
  readonly presentations: number;
  /** A 403 was among the refusals: it may be a login suspension, so one look is not enough. */
  readonly forbidden: boolean;
  /** Times that the service called the access token dead, with at least two minutes between. */
  readonly deadLooks: number;
  /** It was presented once more past its end, for a grace that the service may have. */
  readonly pastEnd: boolean;
  /** The service's words, for people. */
  readonly message: string | null;
};

/** What a person has to do, and why; shown by `status`, exit code 3. */
export type Ask = {
  readonly code: AskCode;
  readonly since: number;
  /** The service's or the store's own words, when there are any. */
  readonly message: string | null;
  readonly hint: string | null;
};
export const ASK_CODES = [
  "not-enrolled",
  "secret-gone",
  "login-expired",
  "login-maybe-collected",
  "login-refused",
  "login-damaged",
  "mint-refused",
  "revoked",
  "no-refresh-token",
  "mint-forbidden",
  "held-elsewhere",
  "moved",
  "unenrolled",
] as const;
export type AskCode = (typeof ASK_CODES)[number];

/** What a person may have been told on the desktop: what is asked of them, or what became of an unanswered rotation. */
export const NOTICE_CODES = [...ASK_CODES, "answer-lost"] as const;
export type NoticeCode = (typeof NOTICE_CODES)[number];

/** A rotation that was sent and whose answer was not recorded, and what came of it; kept until the next rotation. */
export type Unanswered = {
  /** The first time. */
  readonly sentAt: number;
  /** Since when it is known that no answer will come. */
  readonly lostAt: number;
  /** The class of what came instead: `net.reset`, `agent.restarted`. */
  readonly why: string;
  /** Presentations without an answer. */
  readonly times: number;
  readonly outcome: { readonly how: UnansweredOutcome; readonly at: number } | null;
  /** The person has been told of the outcome. */
  readonly told: boolean;
};
export const UNANSWERED_OUTCOMES = ["answered", "minted", "adopted", "gone", "refused"] as const;
export type UnansweredOutcome = (typeof UNANSWERED_OUTCOMES)[number];

/** A token that has to be revoked at the service, in whatever state the enrolment is. */
export type Cleanup = {
  readonly ref: SecretRef;
  readonly tokenId: string | null;
  readonly why: "bootstrap" | "superseded" | "unenrolled" | "orphan";
  readonly since: number;
};

/** Somebody who knows no lease changed the secret: the predecessor, or a person by hand. */
export type Stranger = {
  readonly did: "stored" | "removed";
  /** The secret's version. */
  readonly version: number;
  readonly since: number;
};

export type OpenPresentation = { readonly holder: string; readonly machine: string; readonly digest: string };

export type Context = {
  readonly settings: Settings | null;
  /** The credential in use: stored, or sealed and on its way to the store. */
  readonly current: Pair | null;
  /** Issued and sealed, not yet confirmed by the store. */
  readonly fresh: Pair | null;
  /** The sealed copy of the pair that a rotation or a removal works on. */
  readonly held: Pair | null;
  readonly session: Session | null;
  readonly bootstrap: { readonly ref: SecretRef; readonly tokenId: string | null } | null;
  /** The mint under way; `unanswered`: one may have succeeded unseen, so orphans are looked for. */
  readonly mint: { readonly description: string; readonly unanswered: boolean } | null;
  /** Descriptions of mints that were given up and may have succeeded unseen; swept with the next pair. */
  readonly orphans: readonly string[];
  /** `before`: when the lease was last written before we claimed it, by the store's clock. */
  readonly lease: {
    readonly version: number;
    readonly doubt: OpenPresentation | null;
    readonly before: number | null;
  } | null;
  readonly heldBy: { readonly machine: string; readonly phase: string } | null;
  readonly doubt: Doubt | null;
  /** Digests of pairs whose refresh token is used up; the newest last, at most eight. */
  readonly spent: readonly string[];
  /** Ids of tokens that the service has listed once, so that a later 404 means gone. */
  readonly listed: string | null;
  readonly cleanups: readonly Cleanup[];
  readonly ask: Ask | null;
  /** What the person was told last since the enrolment was well. */
  readonly told: { readonly code: NoticeCode; readonly at: number } | null;
  readonly unanswered: Unanswered | null;
  readonly notices: readonly string[];
  /** Until a rotation of ours a week or more later. */
  readonly stranger: Stranger | null;
  /** The issuer's clock minus ours, milliseconds. */
  readonly skew: number;
  /** A person asked for it: rotate although it is not due. */
  readonly asked: boolean;
  /** To be done as soon as the step under way is over. */
  readonly afterwards: "unenrol" | null;
  readonly unenrolledAt: number | null;
  readonly rotatedAt: number | null;
  readonly syncedAt: number | null;
};

export const emptyContext: Context = {
  settings: null,
  current: null,
  fresh: null,
  held: null,
  session: null,
  bootstrap: null,
  mint: null,
  orphans: [],
  lease: null,
  heldBy: null,
  doubt: null,
  spent: [],
  listed: null,
  cleanups: [],
  ask: null,
  told: null,
  unanswered: null,
  notices: [],
  stranger: null,
  skew: 0,
  asked: false,
  afterwards: null,
  unenrolledAt: null,
  rotatedAt: null,
  syncedAt: null,
};

/** The credential in use, the one on its way to the store, and the one that is worked on. */
export function pairsOf({ current, fresh, held }: Context): Pair[] {
  return [current, fresh, held].filter((pair) => pair !== null);
}

/** Ids of all tokens that an enrolment works with, the login's too while nothing has been issued with it. */
export function credentialIds(context: Context): string[] {
  const ids = [...pairsOf(context), context.bootstrap].map((each) => each?.tokenId);
  return ids.filter((id) => id != null);
}
