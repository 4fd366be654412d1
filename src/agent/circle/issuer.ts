import type { Circle, Platform } from "../../adapters/engines/port.ts";

/**
 * The platform that a credential came from: the first of the circle, or, until somebody has signed in at the one that the
 * configuration names by now, another one.
 *
 * @param origin of the credential; undefined where that can't be told
 * @param serverId jf's name for that one, as it was stored with the credential
 */
export function issuerOf(
  [configured]: Circle["platforms"],
  origin: string | undefined,
  serverId: string | undefined,
): Platform {
  if (origin === undefined || origin === configured.url) return configured;
  return { url: origin, serverId: serverId ?? configured.serverId };
}
