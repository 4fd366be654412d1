/** Where the store's tokens come from. Kept by the agent (agent/vault-session), borrowed by verbs that only read. */
export interface Session {
  /** Waits for a login that is under way. Throws {@link StoreFailure} with `waitsForSession` where there is no token. */
  token(): Promise<string>;
  /** Counts the tokens that were given out. */
  readonly turn: number;
  /** The server does not know the token of that turn. True when there may be another one. */
  died(turn: number): boolean;
}
