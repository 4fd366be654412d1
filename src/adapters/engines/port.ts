/**
 * Who issues credentials. An engine speaks to one service and answers in results, not exceptions: whatever the service
 * or the network did is one of the cases below. An engine never retries, never sleeps, never reads a clock: the agent
 * decides when to call again.
 */

/** A credential as it lies in the store: flat text fields (`access_token`, `refresh_token`, `url`, …). */
export type Fields = Readonly<Record<string, string>>;

/** What is known of a credential without its secret bytes. Times are milliseconds since the epoch, by the server's clock. */
export interface PairFacts {
  /** Whether it is a usable credential of this engine (jfrog: access token and url are there). */
  readonly complete: boolean;
  /** SHA-256 (hex) over the engine's credential fields; tells two credentials apart without showing either. */
  readonly digest: string;
  readonly tokenId?: string;
  readonly user?: string;
  /** Scheme and host that issued it: it is presented nowhere else. */
  readonly origin?: string;
  readonly issuedAt?: number;
  /** Absent: never expires. */
  readonly expiresAt?: number;
  /** Whether it carries what a rotation needs. */
  readonly refreshable: boolean;
  /** What it may do, in the one spelling that {@link Terms} has, too. */
  readonly scope?: string;
  /** Where it may be used, likewise. */
  readonly audience?: string;
}

/**
 * The service said no, in its own words: JFrog's JSON error body with 400, 401, 403 or 404. During a login also what no
 * waiting will change: `jfrog.login.too-old`, `jfrog.login.blocked`, `jfrog.poll.gone`, `jfrog.poll.blocked`.
 */
export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  /** A stable class, say `jfrog.refused.404`. */
  readonly class: string;
  /** For a person; cleaned of control characters, no secrets, one line. */
  readonly message: string;
  readonly hint?: string;
  readonly serverTime?: number;
}

/**
 * Something that passes: a 5xx, a 429, a proxy's page, a timeout. `sent: "maybe"` says that the service may have acted on
 * the request although no usable answer arrived.
 */
export interface Trouble {
  readonly kind: "trouble";
  readonly sent: "no" | "maybe";
  /** A stable class, say `jfrog.http.503`, `jfrog.html.403`, `net.refused`, `net.reset`, `jfrog.truncated`. */
  readonly class: string;
  readonly message: string;
  readonly hint?: string;
  readonly retryAfterMs?: number;
  readonly serverTime?: number;
}

export type BeginResult = { readonly kind: "registered"; readonly serverTime?: number } | Refused | Trouble;

export type PollResult =
  | { readonly kind: "granted"; readonly bootstrap: Fields; readonly facts: PairFacts; readonly serverTime?: number }
  | { readonly kind: "pending"; readonly serverTime?: number }
  | Refused
  | Trouble;

export type IssueResult =
  | {
      readonly kind: "issued";
      readonly fields: Fields;
      readonly facts: PairFacts;
      /** Things a person should know (no refresh token in a 200, a clamped lifetime); one line each. */
      readonly notices: readonly string[];
      readonly serverTime?: number;
    }
  | Refused
  | Trouble;

export type ProbeResult =
  /** `listed`: the service keeps a row for this token, so a later 404 means that it is gone. */
  | { readonly kind: "alive"; readonly listed: boolean; readonly serverTime?: number }
  /** The service itself said that it does not accept the token (a 401 in its own error shape). */
  | { readonly kind: "dead"; readonly serverTime?: number }
  /** 404 on the token's row: short tokens are never listed, so this alone says nothing. */
  | { readonly kind: "unlisted"; readonly serverTime?: number }
  | Refused
  | Trouble;

export type RevokeResult =
  | { readonly kind: "revoked"; readonly how: "revoked" | "already" | "dead" | "not-revocable" | "unlisted" }
  | Refused
  | Trouble;

export type SweepResult = { readonly kind: "swept"; readonly revoked: readonly string[] } | Refused | Trouble;

/** A token as its service lists it. Times: milliseconds since the epoch. */
export interface ListedToken {
  readonly tokenId: string;
  readonly description: string | null;
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  readonly user: string | null;
}

export type ListResult = { readonly kind: "listed"; readonly tokens: readonly ListedToken[] } | Refused | Trouble;

/** A service that accepts the credential, or is meant to. */
export interface Platform {
  /** Scheme and host. */
  readonly url: string;
  /** Unique among the platforms of one credential. */
  readonly serverId: string;
}

/** Why a platform does not accept a credential. Stable. */
export type TrialReason =
  | "certificate"
  | "user"
  | "reference-token"
  | "revocable"
  | "audience"
  | "expired"
  | "forbidden"
  | "refused";

export type TrialResult =
  | { readonly kind: "accepted" }
  | { readonly kind: "not-accepted"; readonly reason: TrialReason; readonly message: string; readonly hint?: string }
  | Trouble;

/** Who vouches for a credential's signature. */
export type VouchResult =
  | { readonly kind: "vouched"; readonly name: string; readonly keyId: string; readonly source: string }
  | { readonly kind: "not-vouched"; readonly reason: string; readonly message: string };

/** The certificates that are trusted; they may come and go at any time. */
export interface Trust {
  /** Reads them again. @returns whether they are others than before */
  reload(signal: AbortSignal): Promise<boolean>;
  /** Pure, by the certificates as they were read last. */
  vouch(pair: Fields): Promise<VouchResult>;
}

/** Where else than at its issuer a credential counts. */
export interface Circle {
  /** All that the credential is for, the issuer first. */
  readonly platforms: readonly [Platform, ...Platform[]];
  /** Whether a platform accepts it: one call that changes nothing. */
  try(platform: Platform, pair: Fields, signal: AbortSignal): Promise<TrialResult>;
  readonly trust?: Trust;
}

/** What an engine can do; the machine asks for nothing else. */
export interface EngineTraits {
  /** A person has to sign in: begin and poll exist. */
  readonly person: boolean;
  readonly refresh: boolean;
  readonly probe: boolean;
  readonly revoke: boolean;
  /** Orphans can be found by description and revoked. */
  readonly sweep: boolean;
}

/** What a credential is wanted to be, in the spelling of {@link PairFacts}; absent: the configuration does not say. */
export interface Terms {
  readonly scope?: string;
  readonly audience?: string;
  /** Milliseconds. */
  readonly life?: number;
}

export interface Login {
  /** Where the person signs in. Holds the session: goes to a terminal or a browser only. */
  readonly url: string;
  /** The one-time code to compare (jfrog: the last four characters of the session). */
  readonly code: string;
}

export interface Engine {
  /** As in the configuration: `jfrog`, `sshkey`. */
  readonly name: string;
  /** For people: `JFrog`, `SSH key`. */
  readonly label: string;
  readonly traits: EngineTraits;
  /** How the person wants pairs renewed; absent: `refresh`. */
  readonly rotation?: "refresh" | "remint";
  /** It enrols by itself: its settings name where the login comes from. Only without `traits.person`. */
  readonly unattended?: boolean;
  readonly terms?: Terms;
  /** How its tokens' descriptions at the service begin; absent: with dotvault, the machine and the enrolment. */
  readonly description?: string;
  /** Scheme and host it talks to; absent for an engine that talks to nobody. */
  readonly origin?: string;
  /** Absent where a credential counts at its issuer alone, whatever the configuration says. */
  readonly circle?: Circle;
  /** Names of the fields that it owns in the stored document; every other field there is left as it is. */
  readonly ownedFields: readonly string[];
  /** Pure. Reads a stored document (or an issued credential). */
  describe(fields: Readonly<Record<string, unknown>>): PairFacts;
  /** Pure. What the person needs for the session. Only with `traits.person`. */
  login?(session: string): Login;
  begin?(session: string, signal: AbortSignal): Promise<BeginResult>;
  poll?(session: string, signal: AbortSignal): Promise<PollResult>;
  /**
   * Makes our own credential, with the bootstrap or a live pair; without `with`, from where the settings say.
   * `description` marks it at the service.
   */
  exchange(input: { readonly with?: Fields; readonly description: string }, signal: AbortSignal): Promise<IssueResult>;
  refresh?(pair: Fields, signal: AbortSignal): Promise<IssueResult>;
  probe?(pair: Fields, signal: AbortSignal): Promise<ProbeResult>;
  /** Revokes the credential, presenting itself. */
  revoke?(pair: Fields, signal: AbortSignal): Promise<RevokeResult>;
  /** Revokes all tokens of exactly this description but the one to keep (by id) and the one that is presented. */
  sweep?(
    input: { readonly with: Fields; readonly description: string; readonly keep: string },
    signal: AbortSignal,
  ): Promise<SweepResult>;
  /** What the service keeps in its list of the user's tokens. */
  list?(pair: Fields, signal: AbortSignal): Promise<ListResult>;
  /** Revokes another token of the same user, presenting the pair. */
  revokeToken?(pair: Fields, tokenId: string, signal: AbortSignal): Promise<RevokeResult>;
}
