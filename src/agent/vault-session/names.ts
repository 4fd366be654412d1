/** What the name of a session's stream ends with: one session per server. */
export function hostOf(address: string): string {
  return URL.parse(address)?.host || address;
}
