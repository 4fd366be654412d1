import type { VaultClient } from "../../adapters/vault/client.ts";
import type { LoginMethod } from "../../adapters/vault/login/method.ts";
import type { Brought } from "../../adapters/vault/token.ts";
import type { Settings, Way } from "../../machines/vault-session/context.ts";
import type { Reach } from "./give-back.ts";

/** What the session works with; the real ones are put together in commands/, tests bring their own. */
export interface VaultPort {
  /** Names the stream: the server's host and port. */
  readonly host: string;
  /** Knows no token of its own. */
  readonly client: VaultClient;
  /** Undefined: a person brings the token. */
  readonly method: LoginMethod | undefined;
  /** Namespace, mount, role, user: with another one it is somebody else at the server. Nothing secret. */
  readonly identity: string;
  /** Tokens are given more time. */
  readonly renews: boolean;
  readonly way: Way;
  readonly reach: Reach;
  brought(): Promise<Brought | undefined>;
  /** Calls back when what was brought may have changed. @returns ends the watch */
  watch(changed: () => void): () => void;
  /** A keyed digest. */
  mark(text: string): string;
}

/** What the machine learns of the configuration. */
export function settingsOf({
  method,
  renews,
  identity,
  way,
}: Pick<VaultPort, "method" | "renews" | "identity" | "way">): Settings {
  return { method: method?.name ?? null, needsPerson: method?.needsPerson ?? false, renews, identity, way };
}
