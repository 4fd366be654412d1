/** What the names of sessions' streams begin with. */
export const VAULT = "vault/";

/** The rest of such a name: one session per server. */
export function hostOf(address: string): string {
  return URL.parse(address)?.host || address;
}
