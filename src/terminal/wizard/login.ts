/** How far a login is. `looking`: not known yet; `skipped`: the person gave it up here. */
export type Stage = "looking" | "registering" | "waiting" | "minting" | "storing" | "done" | "ended" | "skipped";

/** What the journal shows of a login. */
export interface Sight {
  readonly stage: Stage;
  /** Where the person signs in, and the one-time code to compare; null until the service knows the session. */
  readonly link: { readonly url: string; readonly code: string } | null;
  /** End of the time to sign in, milliseconds since the epoch. */
  readonly until: number | null;
  /** What fails just now and is tried again; `class` tells one failure from the next. */
  readonly trouble: { readonly class: string; readonly message: string } | null;
  /** Who has signed in. */
  readonly user: string | null;
  /** Why it ended. */
  readonly reason: { readonly message: string; readonly hint: string | null } | null;
}

/** One enrolment on the wizard's screen. */
export interface Login extends Sight {
  readonly name: string;
  /** The engine's name for people. */
  readonly label: string;
  readonly opened: boolean;
  readonly copied: boolean;
}

const NOTHING: Sight = { stage: "looking", link: null, until: null, trouble: null, user: null, reason: null };

export function newLogin(name: string, label: string): Login {
  return { name, label, ...NOTHING, opened: false, copied: false };
}

const FINAL: readonly Stage[] = ["done", "ended", "skipped"];
const HOPELESS: readonly Stage[] = ["ended", "skipped"];
/** A person may still give it up; what is issued already is stored in any case. */
const CANCELLABLE: readonly Stage[] = ["registering", "waiting", "minting"];

export const isFinal = ({ stage }: Login): boolean => FINAL.includes(stage);
export const hasFailed = ({ stage }: Login): boolean => HOPELESS.includes(stage);
export const isCancellable = ({ stage }: Login): boolean => CANCELLABLE.includes(stage);
