import { type Answer, accessError } from "./answer.ts";
import type { Switches } from "./switches.ts";

/** A token's lifetime in seconds (0: never expires), or the refusal. */
export type Lifetime = { readonly seconds: number } | { readonly refused: Answer };

/**
 * What the server makes of the lifetime that was asked for (`undefined`: none was), in seconds.
 * Only an admin gets a token that never expires, or one beyond the maximum.
 */
export function decideLifetime(asked: number | undefined, admin: boolean, switches: Switches): Lifetime {
  const wanted = asked ?? switches.defaultSeconds;
  if (asked === 0 && !admin)
    return { refused: accessError(403, "Only an admin can create a token that never expires") };
  if (wanted > switches.maximumSeconds && !admin && asked !== undefined && switches.overMaximum === "refuse")
    return { refused: accessError(403, `expires_in can't exceed ${switches.maximumSeconds} seconds`) };
  return { seconds: capped(admin ? wanted : Math.min(wanted, switches.maximumSeconds), switches.capSeconds) };
}

function capped(seconds: number, cap: number | null): number {
  if (cap === null) return seconds;
  return seconds === 0 ? cap : Math.min(seconds, cap);
}
