import type { When } from "./means.ts";

/** What a configuration would do, beside what the agent does now; for programs as this very document (docs/json.md). */
export interface PlanReport {
  readonly schemaVersion: 1;
  readonly at: Date;
  /** The configuration that is planned with. */
  readonly file: string;
  /** Whether anything is different at all. */
  readonly changes: boolean;
  readonly store: { readonly from: string; readonly to: string } | null;
  /** The login at Vault; `null`: there is none, nor was there one. */
  readonly vault: VaultPlan | null;
  /** Settings of `vault`, `sync` and `journal` and beside them; those of an enrolment or a rule stand with it. */
  readonly settings: readonly SettingPlan[];
  /** So many events of the history a shorter retention drops. */
  readonly dropped: number;
  readonly enrolments: readonly EnrolmentPlan[];
  readonly files: readonly FilePlan[];
  /** Why not all can be told: no agent has noted its configuration yet, or what it noted was marked with another key. */
  readonly untold: "not-noted" | "other-key" | null;
}

/** A setting that says something else than before. */
export interface SettingPlan {
  /** As it is written, below its section, enrolment or rule: `sync.interval`, `target.mode`. */
  readonly key: string;
  /** `null`: not set, or not to be shown (`hidden`). */
  readonly before: SettingValue;
  readonly after: SettingValue;
  readonly hidden: boolean;
  readonly when: When;
  readonly words: string;
}
export type SettingValue = null | boolean | number | string | readonly string[];

export interface VaultPlan {
  /** Host and port. `null`: the embedded store needs no login. */
  readonly server: string | null;
  readonly method: string | null;
  /**
   * `same`: the token at hand goes on. `alone`: dotvault logs in by itself. `person`: somebody has to (`run`). `token`: a
   * person's own token is presented there. `none`: nothing is logged in to any more.
   */
  readonly login: "same" | "alone" | "person" | "token" | "none";
  /** A token that is given up, sealed as it is. */
  readonly drops: boolean;
  /** The token at hand ends then, and gets no more time. */
  readonly endsAt: Date | null;
  readonly run: string | null;
}

export interface EnrolmentPlan {
  readonly name: string;
  /** The engine's name for people. */
  readonly label: string;
  readonly change: "new" | "returns" | "changed" | "paused" | "same";
  /** `null`: none is planned. */
  readonly rotatesAt: { readonly before: Date | null; readonly after: Date | null };
  /** `null`: it stays as it is. */
  readonly origin: { readonly before: string | null; readonly after: string | null } | null;
  readonly rotation: { readonly before: string; readonly after: string } | null;
  /** What tokens are asked to allow, and where; `null` inside: the service's own default. */
  readonly scope: { readonly before: string | null; readonly after: string | null } | null;
  readonly audience: { readonly before: string | null; readonly after: string | null } | null;
  /** That tokens are asked to live, milliseconds. */
  readonly life: { readonly before: number; readonly after: number } | null;
  /** Of the token in use. */
  readonly expiresAt: Date | null;
  /** `always`: a person has to sign in. `unless-stored`: they have to, unless the store holds its secret. `alone`: dotvault does. */
  readonly signIn: "no" | "always" | "unless-stored" | "alone";
  readonly run: string | null;
  readonly settings: readonly SettingPlan[];
}

export interface FilePlan {
  /** The rule's. */
  readonly name: string;
  readonly path: string;
  readonly change: "new" | "changed" | "moved" | "removed" | "same" | "unknown";
  readonly secret: string | null;
  /** Managed values by JSON pointer; never a value. */
  readonly keys: readonly KeyPlan[];
  /** Values that are taken out of the file where it was before (`moved`, `removed`); else that file stays as it is. */
  readonly leaves: { readonly path: string; readonly keys: readonly string[] } | null;
  /** Permission bits that the file has, and would have; `null`: they stay. */
  readonly mode: { readonly before: string; readonly after: string } | null;
  readonly settings: readonly SettingPlan[];
  /** Why it can't be known what it would write. */
  readonly message: string | null;
}

export interface KeyPlan {
  readonly pointer: string;
  /**
   * `added`, `changed`, `same`: by its digest. `secret`: it comes of the secret, which is not fetched, as before. `maybe`: it
   * comes of the secret in another way than before. `back`: somebody else's change is undone. `removed`: taken out.
   * `left`: not rendered any more, and left in the file.
   */
  readonly change: KeyChange;
  /** In the file as it is, or, of what is `added`, as it would be; from 1. `null`: the format can't tell. */
  readonly line: number | null;
}
export type KeyChange = "added" | "changed" | "same" | "secret" | "maybe" | "back" | "removed" | "left";
