import type { Platform } from "../../port.ts";
import { serverId } from "../fields.ts";

/** The issuer and the other platforms, each with a name of its own for jf: the host's first label, or more of it. */
export function platformsOf(issuer: string, others: readonly string[] = []): [Platform, ...Platform[]] {
  const taken = new Set<string>();
  const named = (url: string): Platform => {
    const free = [serverId(url), wholeHost(url)].find((name) => !taken.has(name)) ?? `${wholeHost(url)}-${taken.size}`;
    taken.add(free);
    return { url, serverId: free };
  };
  return [named(issuer), ...others.map(named)];
}

function wholeHost(url: string): string {
  return new URL(url).host.replaceAll(/[^\w]+/g, "-").replaceAll(/^-|-$/g, "");
}
