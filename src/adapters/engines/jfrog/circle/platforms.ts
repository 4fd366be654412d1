import type { Platform } from "../../port.ts";
import { serverId } from "../fields.ts";
import type { JfrogSettings } from "../settings.ts";

/** All platforms of the circle, the issuer first; none where the settings say nothing of a circle. */
export function circlePlatforms({
  url,
  platforms = [],
  trustedCertificates = [],
}: Pick<JfrogSettings, "url" | "platforms" | "trustedCertificates">): Platform[] {
  return platforms.length === 0 && trustedCertificates.length === 0 ? [] : platformsOf(url, platforms);
}

/** The issuer and the other platforms, each with a name of its own for jf: the host's first label, or more of it. */
export function platformsOf(issuer: string, others: readonly string[]): Platform[] {
  const taken = new Set<string>();
  return [issuer, ...others].map((url) => {
    const free = [serverId(url), wholeHost(url)].find((name) => !taken.has(name)) ?? `${wholeHost(url)}-${taken.size}`;
    taken.add(free);
    return { url, serverId: free };
  });
}

function wholeHost(url: string): string {
  return new URL(url).host.replaceAll(/[^\w]+/g, "-").replaceAll(/^-|-$/g, "");
}
