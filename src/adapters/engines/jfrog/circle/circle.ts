import type { Circle } from "../../port.ts";
import type { Jfrog } from "../client.ts";
import { circlePlatforms } from "./platforms.ts";
import { tryAt } from "./trial.ts";
import { createTrust } from "./trust.ts";

/** The circle of trust as it is configured; undefined where nothing is said of it. */
export function createCircle(jfrog: Jfrog): Circle | undefined {
  const { trustedCertificates = [] } = jfrog.settings;
  const platforms = circlePlatforms(jfrog.settings);
  if (platforms.length === 0) return undefined;
  return {
    platforms,
    try: (platform, pair, signal) => tryAt(jfrog, platform, pair, signal),
    ...(trustedCertificates.length === 0 ? {} : { trust: createTrust(jfrog, trustedCertificates) }),
  };
}
