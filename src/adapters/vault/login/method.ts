import type { VaultClient } from "../client.ts";
import type { Life } from "../life.ts";

/** One way to log in to Vault. Made from the configuration (login/index.ts); used by the session alone. */
export interface LoginMethod {
  /** As `vault.auth_method` spells it. */
  readonly name: string;
  /** Somebody has to type, click or approve: the agent never begins it by itself, only `dotvault login` does. */
  readonly needsPerson: boolean;
  /**
   * Changes whenever what would be presented changes: paths with the files' times and sizes, values of variables. A login
   * that was refused is tried again when this is another text. Never kept as it is: the caller keeps a keyed digest of it.
   */
  fingerprint(): Promise<string>;
  /**
   * One login. Throws {@link StoreFailure} for what passes by itself: no server, no answer, an outage, a file that is not
   * there yet; with `sent: "maybe"` where the server may have acted on it.
   */
  login(ports: LoginPorts): Promise<LoginResult>;
}

export interface LoginPorts {
  /** Knows no token of its own: a login sends `token: false`, what follows it names its token. */
  readonly client: VaultClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** What this method asked to be kept before it went on ({@link LoginResult} `kept`); sealed in the journal until then. */
  readonly kept?: Uint8Array | undefined;
  /** Told what hinders later, though not this login: a rule that the token lacks. One line. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Somebody is at the terminal. Always there where `needsPerson`; else a second factor can be asked for if it is. */
  readonly person?: PersonPorts | undefined;
}

/** The person who has typed `dotvault login`. */
export interface PersonPorts {
  /** A line on stderr: what to do, a code, a link. */
  tell(line: string): void;
  /** One line from the terminal, asked for by `Code:`; `hidden`: not echoed. Rejects when there is no terminal, or the person leaves. */
  ask(question: string, options: { readonly hidden: boolean }): Promise<string>;
  /** False: there is no browser here, so that the URL has to be told. */
  openBrowser(url: string): Promise<boolean>;
}

export type LoginResult =
  | { readonly kind: "granted"; readonly life: Life }
  /** The server has judged what was presented: it is not presented again until something changes. */
  | {
      readonly kind: "refused";
      /** Stable, of words of ours and a status alone: what a report may tell of it. */
      readonly class: string;
      readonly message: string;
      readonly hint: string;
      /** With somebody at the terminal it may go well: a second factor. */
      readonly wantsPerson?: boolean;
    }
  /**
   * Something that can't be had twice (an unwrapped secret id) came first. It is sealed durably, then `login` is called again
   * with it as `kept`, and so is every later login until another one takes its place.
   */
  | { readonly kind: "kept"; readonly secret: Uint8Array };
