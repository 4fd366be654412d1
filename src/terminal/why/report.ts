import type { CameOut } from "../log/entry.ts";

/** Why things are as they are, backwards; for programs as this very document (docs/json.md). */
export interface WhyReport {
  readonly schemaVersion: 1;
  readonly at: Date;
  /** The credentials that were asked for by their names. */
  readonly enrolments: readonly CredentialStory[];
  /** The token that was asked for by its id. */
  readonly tokens: readonly TokenStory[];
  readonly files: readonly FileStory[];
  /** Files that dotvault does not write. */
  readonly others: readonly OtherFile[];
}

export interface FileStory {
  readonly rule: string;
  readonly path: string;
  readonly secret: string | null;
  /** The managed values, by key; never what they are. */
  readonly values: readonly FileValue[];
  /** What led to the file as it was written last, and to its credential, in order. */
  readonly chain: readonly Cause[];
  /** Of the pair that was written; null where it has no end, or is not known. */
  readonly expiresAt: Date | null;
  readonly tokenId: string | null;
  readonly storedVersion: number | null;
  readonly verdict: Verdict;
}

export interface FileValue {
  readonly pointer: string;
  /** In the file as it is now; null where it is not there. */
  readonly line: number | null;
  /** `ours`: as dotvault wrote it. `changed`, `gone`: by somebody else. `unknown`: what was written is not on record. */
  readonly state: "ours" | "changed" | "gone" | "unknown";
  /** The token that stands there. */
  readonly token: KnownToken | null;
}

/** A token that was found in a file, by its id. */
export interface KnownToken {
  readonly tokenId: string;
  /** Null: no enrolment of this journal ever had it. */
  readonly enrolment: string | null;
  /** As `token list` names it; null where nobody knows the token. */
  readonly standing: string | null;
  /** When this machine got to know it; null for one that is in use or unknown. */
  readonly at: Date | null;
  /** Since when it is over, where it is. */
  readonly since: Date | null;
  readonly line: number;
}

/** A credential by itself. */
export interface CredentialStory {
  readonly name: string;
  readonly user: string | null;
  readonly tokenId: string | null;
  readonly chain: readonly Cause[];
  readonly storedVersion: number | null;
  /** Where secrets are kept; null where no agent has noted it. */
  readonly store: string | null;
  readonly expiresAt: Date | null;
  readonly rotatesAt: Date | null;
  /** Rules that write it into files. */
  readonly rules: readonly string[];
  readonly verdict: Verdict;
}

/** One token from its beginning to its end. */
export interface TokenStory {
  readonly tokenId: string;
  readonly enrolment: string;
  readonly standing: string;
  readonly how: string | null;
  readonly machine: string | null;
  readonly chain: readonly Cause[];
  readonly storedVersion: number | null;
  readonly expiresAt: Date | null;
  /** Its successor, and why there is one. */
  readonly superseded: { readonly at: Date; readonly by: string; readonly because: Cause | null } | null;
  readonly revoked: { readonly at: Date; readonly how: string } | null;
  readonly files: readonly TokenPlace[];
  readonly verdict: Verdict;
}

/** A file that had the token, or has it. */
export interface TokenPlace {
  readonly path: string;
  /** When dotvault wrote it there, and when something else; null: never, and not yet. */
  readonly from: Date | null;
  readonly until: Date | null;
  /** Where it stands now; null: it does not. */
  readonly line: number | null;
}

export interface OtherFile {
  readonly path: string;
  readonly tokens: readonly KnownToken[];
  readonly verdict: Verdict;
}

export interface Cause {
  readonly seq: number;
  readonly at: Date;
  /** Of the enrolment or the rule. */
  readonly name: string;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
  /** With it a rotation whose answer was lost has come out. */
  readonly cameOut: CameOut | null;
}

export interface Verdict {
  readonly code: string;
  /** Whether it is dotvault's doing, or undoing; null: that can't be told from here. */
  readonly ours: boolean | null;
  readonly text: string;
  /** The end of the causal chain, by a stable code: why there is no newer credential, or none. */
  readonly because: string | null;
  readonly hint: string | null;
  readonly run: string | null;
}
