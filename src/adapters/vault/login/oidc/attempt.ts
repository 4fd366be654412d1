import type { LoginPorts, PersonPorts } from "../method.ts";

/** Resolves after so many milliseconds; rejects when the signal is aborted. */
export type Pause = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

/** One sign-in under way. */
export interface Attempt {
  readonly mount: string;
  /** Absent: the mount's default role. */
  readonly role: string | undefined;
  /** Only this process knows it: Vault gives the token to whoever shows it. */
  readonly nonce: string;
  /** Where the browser comes back to. */
  readonly redirect: string;
  /** How long the person may take, milliseconds. */
  readonly patience: number;
  /** Waits between two questions. Default: real time. */
  readonly pause: Pause | undefined;
}

export interface OidcPorts extends LoginPorts {
  readonly person: PersonPorts;
}

/** `auth/<mount>/oidc`, URL-encoded. */
export function oidcPath(mount: string): string {
  return `auth/${mount.split("/").map(encodeURIComponent).join("/")}/oidc`;
}
