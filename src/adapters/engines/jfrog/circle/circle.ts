import type { Circle } from "../../port.ts";
import type { Jfrog } from "../client.ts";
import { platformsOf } from "./platforms.ts";
import { tryAt } from "./trial.ts";
import { createTrust } from "./trust.ts";

/** The circle of trust as it is configured; the issuer alone where nothing is said of it. */
export function createCircle(jfrog: Jfrog): Circle {
  const { url, platforms, trustedCertificates = [] } = jfrog.settings;
  return {
    platforms: platformsOf(url, platforms),
    try: (platform, pair, signal) => tryAt(jfrog, platform, pair, signal),
    ...(trustedCertificates.length === 0 ? {} : { trust: createTrust(jfrog, trustedCertificates) }),
  };
}
