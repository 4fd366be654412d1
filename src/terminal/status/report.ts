import type { Outcome } from "../unanswered.ts";

/**
 * How things stand, as `status` tells it: to people in words (words.ts), to programs as this very document (docs/json.md).
 * Times are `Date`s, which JSON spells as RFC 3339 in UTC. Texts of services are as they came; words.ts makes them harmless.
 */
export interface StatusReport {
  readonly schemaVersion: 1;
  readonly at: Date;
  /** Worst of all levels: `person-needed` is exit code 3, `trouble` 1, `healthy` 0. */
  readonly health: "healthy" | "trouble" | "person-needed";
  readonly agent: AgentReport;
  readonly configuration: ConfigurationReport;
  /** The time of the newest thing in the journal; null when there is no journal. */
  readonly asOf: Date | null;
  /** What the newest update would have decided otherwise in this very history; null: nothing, or there was no update. */
  readonly rehearsal: RehearsalReport | null;
  /** What ails the agent itself rather than one enrolment. */
  readonly troubles: readonly TroubleReport[];
  /** The session with Vault; null where there is none. */
  readonly vault: VaultReport | null;
  /** Worst first. */
  readonly enrolments: readonly EnrolmentReport[];
  /** Every file that is written by a rule. */
  readonly files: readonly FileReport[];
  readonly counts: Readonly<Record<Level, number>>;
  /** The command to run next; null when there is nothing to do. */
  readonly next: string | null;
}

/** Worst first. `off`: so by the person's own wish. */
export const LEVELS = ["person-needed", "trouble", "under-way", "healthy", "off"] as const;
export type Level = (typeof LEVELS)[number];

export interface AgentReport {
  readonly running: boolean;
  readonly pid: number | null;
  readonly since: Date | null;
  readonly command: string | null;
}

export interface ConfigurationReport {
  readonly file: string | null;
  readonly state: "current" | "invalid" | "missing";
  /** Errors in it. */
  readonly problems: number;
}

export interface RehearsalReport {
  readonly version: string;
  /** Rehearsed, and how many of them came out as they did then. */
  readonly events: number;
  readonly same: number;
  /** Whose histories part: enrolments, or `vault HOST`, `rule NAME`, … */
  readonly names: readonly string[];
}

export interface TroubleReport {
  readonly about: "store" | "key";
  readonly level: Level;
  /** A stable class, say `store.unreachable`, `key.missing`. */
  readonly class: string;
  readonly message: string;
  readonly hint: string | null;
  readonly since: Date | null;
}

/** Who is logged in to Vault, how, and until when. */
export interface VaultReport {
  /** Host and port. */
  readonly server: string;
  readonly level: Level;
  /** The machine's: signedOut, signingIn.asking, live, renewing, expired, refused, … */
  readonly state: string;
  /** As `vault.auth_method` names it; null where a person brings the token. */
  readonly method: string | null;
  /** No person is needed for a login. */
  readonly logsInAlone: boolean;
  /** Where the token in use came from; null: there is none. */
  readonly source: "env" | "file" | "login" | null;
  /** Whom Vault takes its holder for, where it says so. */
  readonly who: string | null;
  readonly since: Date | null;
  readonly renewedAt: Date | null;
  /** Null: without an end, or not known. */
  readonly expiresAt: Date | null;
  /** The timer of the next renewal, or of the login that takes its place. */
  readonly renewsAt: Date | null;
  /** The last login was refused; the same is not presented again until something changes. */
  readonly refusal: { readonly since: Date; readonly message: string; readonly hint: string | null } | null;
  /** When Vault had forgotten the last token, until there is another one. */
  readonly endedAt: Date | null;
  /** Logins in a row without an answer. */
  readonly lostAnswers: number;
  readonly retries: readonly RetryReport[];
  /** What helps. */
  readonly run: string | null;
}

/** What an enrolment is in, in one word for programs; `state` is the machine's own, finer name. */
export const SITUATIONS = [
  "new",
  "looking",
  "not-enrolled",
  "signing-in",
  "minting",
  "storing",
  "active",
  "moved",
  "rotating",
  "waiting-for-machine",
  "in-doubt",
  "second-look",
  "held-elsewhere",
  "keeping",
  "revoked",
  "unenrolling",
  "unenrolled",
  "paused",
] as const;
export type Situation = (typeof SITUATIONS)[number];

export interface EnrolmentReport {
  readonly name: string;
  readonly engine: string | null;
  /** The engine's name for people. */
  readonly label: string;
  readonly level: Level;
  readonly situation: Situation;
  /** The machine's state, say `refreshing.doubted.probing`; null before the agent has seen the enrolment. */
  readonly state: string | null;
  /** Of its last event. */
  readonly changedAt: Date | null;
  readonly user: string | null;
  /** Of the credential in use, by the issuer's clock; null where it never expires or there is none. */
  readonly expiresAt: Date | null;
  /** The timer of the next rotation. */
  readonly rotatesAt: Date | null;
  readonly rotatedAt: Date | null;
  readonly refreshable: boolean;
  /** Version in the store; null while the credential is only sealed here, or there is none. */
  readonly storedVersion: number | null;
  /** Names of the rules that render it. */
  readonly files: readonly string[];
  readonly ask: {
    readonly code: string;
    readonly since: Date;
    readonly message: string | null;
    readonly hint: string | null;
  } | null;
  readonly login: { readonly until: Date } | null;
  /** The machine that it waits for, or that probably holds the newer credential. */
  readonly elsewhere: { readonly machine: string; readonly phase: string } | null;
  readonly doubt: {
    readonly cause: string;
    readonly since: Date;
    readonly presentations: number;
    readonly message: string | null;
  } | null;
  readonly unanswered: UnansweredReport | null;
  /** The timer of the next look, where one is set. */
  readonly againAt: Date | null;
  /** Steps that failed and are tried again. */
  readonly retries: readonly RetryReport[];
  /** Tokens that are still to be revoked at the service. */
  readonly cleanups: readonly { readonly why: string; readonly since: Date }[];
  /** The service's clock minus this machine's, where it is more than a minute. */
  readonly clockSkewSeconds: number | null;
  readonly notices: readonly string[];
  /** What the configuration wants the credential to be, and what it is; null where neither is known. */
  readonly terms: TermsReport | null;
  /** Somebody who knows no lease stored or removed the secret: the predecessor, or a person by hand. */
  readonly stranger: { readonly did: "stored" | "removed"; readonly version: number; readonly since: Date } | null;
  /** Other platforms that it is for, and which of them accept it. */
  readonly platforms: readonly PlatformReport[];
  /** Which trusted certificate vouches for it; null where none are configured, or it is not known yet. */
  readonly trust: {
    readonly certificate: { readonly name: string; readonly keyId: string; readonly source: string } | null;
    /** Why none does: stable, and for people. */
    readonly reason: string | null;
    readonly message: string | null;
    readonly since: Date;
  } | null;
  /** What helps. */
  readonly run: string | null;
}

export interface PlatformReport {
  readonly url: string;
  readonly serverId: string;
  /** Null: the credential in use has not been tried there yet. */
  readonly accepted: boolean | null;
  /** Why not: stable. */
  readonly reason: string | null;
  readonly message: string | null;
  readonly hint: string | null;
  readonly since: Date | null;
  /** It gave no answer that says anything, and is tried again. */
  readonly failure: { readonly class: string; readonly message: string; readonly since: Date } | null;
}

/** A request that must not simply be sent again: its answer is awaited, or was not recorded, and what came of that. */
export interface UnansweredReport {
  readonly step: string;
  readonly state: "awaited" | "asking" | "over";
  readonly sentAt: Date;
  /** Since when it is known that no answer will come; null while it is awaited. */
  readonly lostAt: Date | null;
  /** What came instead, a stable class: `net.reset`, `agent.restarted`. */
  readonly reason: string | null;
  /** Presentations without an answer. */
  readonly times: number;
  readonly outcome: Outcome | null;
  readonly outcomeAt: Date | null;
}

export interface TermsReport {
  readonly asked: Terms;
  readonly granted: Terms;
  /** What brings a changed configuration into effect. */
  readonly changesWith: "rotation" | "sign-in";
}

interface Terms {
  readonly scope: string | null;
  readonly audience: string | null;
  readonly lifeSeconds: number | null;
}

export interface RetryReport {
  readonly step: string;
  readonly class: string;
  readonly message: string;
  /** Failed tries so far. */
  readonly tries: number;
  readonly since: Date;
  readonly nextAt: Date;
}

export interface FileReport {
  /** Of the rule. */
  readonly name: string;
  /** The secret that it renders; null for a rule without one. */
  readonly secret: string | null;
  readonly path: string | null;
  /** `missing`: its secret is gone from the store. `cleaned`: our values were taken out. `stopped`: a person wants it so. */
  readonly state: "unknown" | "current" | "failed" | "missing" | "cleaned" | "stopped";
  readonly level: Level;
  readonly writtenAt: Date | null;
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly since: Date;
  } | null;
  readonly missingSince: Date | null;
  /** Managed values (JSON pointers) that somebody else changed last; `kept`: and they stay so. */
  readonly edited: { readonly at: Date; readonly keys: readonly string[]; readonly kept: boolean } | null;
  /** A person's word on such changes, that holds (`dotvault file`); `keys`: what stays as others write it. */
  readonly answer: { readonly given: string; readonly at: Date; readonly keys: readonly string[] } | null;
  /** The program to run after a change: still to be run, or failed. */
  readonly post: { readonly state: "due" | "failed"; readonly at: Date; readonly message: string | null } | null;
}
