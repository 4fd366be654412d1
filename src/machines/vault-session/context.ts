import type { SecretRef } from "../stream/secret-ref.ts";

/** How long a token lives. Times are this machine's clock's, milliseconds since the epoch. */
export type Life = {
  /** Null: it has no end. */
  readonly expiresAt: number | null;
  /** When to see to more time, or to the next token. Null: never. */
  readonly dueAt: number | null;
  readonly renewable: boolean;
};

export type Source = "env" | "file" | "login";

/** A token for the server, without its bytes. */
export type Token = {
  /** The sealed copy's id; of a token that a person brought, a keyed digest. */
  readonly id: string;
  readonly source: Source;
  /** The sealed copy; null for one that a person brought, which stays where it was put. */
  readonly ref: SecretRef | null;
  /** Null: not known, or not to be known. */
  readonly life: Life | null;
  /** Whom the server takes its holder for, where it says so. */
  readonly who: string | null;
  readonly since: number;
  readonly renewedAt: number | null;
};

/** How a server is reached: what is written in the configuration, never what is in the files that it names. */
export type Way = {
  readonly address: string;
  readonly moreAddresses: readonly string[];
  readonly namespace: string | null;
  readonly tls: {
    readonly caCert?: string;
    readonly caPath?: string;
    readonly serverName?: string;
    readonly clientCert?: string;
    readonly clientKey?: string;
    readonly skipVerify: boolean;
  };
};

/** What the configuration says of the session. */
export type Settings = {
  /** As `vault.auth_method` spells it; null where a person has to bring the token. */
  readonly method: string | null;
  /** The method needs somebody at a terminal. */
  readonly needsPerson: boolean;
  /** Tokens are given more time. */
  readonly renews: boolean;
  /** Another text is another identity at the server: role, user, mount, namespace. Nothing secret. */
  readonly identity: string;
  /** Null: not on record. */
  readonly way: Way | null;
};

/** The server has judged what was presented; the same is not presented again. */
export type Refusal = {
  /** Keyed digest of what was presented. */
  readonly mark: string;
  readonly message: string;
  readonly hint: string | null;
  readonly since: number;
  /** It may go well with a person at the terminal: a second factor. */
  readonly person: boolean;
};

export type Context = {
  readonly settings: Settings | null;
  /** The person's own token, which comes first. */
  readonly brought: Token | null;
  /** Of a login. */
  readonly login: Token | null;
  /** Id of a brought token that the server does not know: it is not presented again. */
  readonly dead: string | null;
  readonly refusal: Refusal | null;
  /** What a login needs and can't have twice (an unwrapped secret id); it serves until there is another one. */
  readonly kept: SecretRef | null;
  /** Logins in a row whose answer did not arrive: each may have left a token behind, and used up a secret id. */
  readonly lost: { readonly since: number; readonly count: number } | null;
  /** How the last token ended, until there is another one. */
  readonly ended: { readonly source: Source; readonly at: number } | null;
  /** A person is logging in, at the latest until then. */
  readonly personUntil: number | null;
};

export const emptyContext: Context = {
  settings: null,
  brought: null,
  login: null,
  dead: null,
  refusal: null,
  kept: null,
  lost: null,
  ended: null,
  personUntil: null,
};

/** The token to present: the person's own, unless it is known to be dead, else the login's. */
export function currentToken({ brought, login, dead }: Pick<Context, "brought" | "login" | "dead">): Token | null {
  return brought !== null && brought.id !== dead ? brought : login;
}
