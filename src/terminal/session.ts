import { harmless } from "./style.ts";
import { clock, span } from "./times.ts";

/** A session with Vault in words that `login` and `status` share. */

/** `as ada (approle)`. */
export function holderWords(who: string | null, method: string | null): string {
  const how = method === null ? "" : ` (${harmless(method)})`;
  return who === null ? how.trimStart() : `as ${harmless(who)}${how}`;
}

/** `until 21 Nov 15:00 (in 32 d)`. */
export function untilWords(expiresAt: Date | null, now: Date): string {
  if (expiresAt === null) return "without an end";
  const left = expiresAt.getTime() - now.getTime();
  return `until ${clock(expiresAt, now)}${left > 0 ? ` (in ${span(left)})` : ""}`;
}
