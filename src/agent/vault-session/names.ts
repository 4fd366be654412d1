/** What the names of sessions' streams begin with. */
export const VAULT = "vault/";
