import { type Placed, reading, texts } from "../../setting-kinds.ts";
import type { Entries, Report } from "../../settings.ts";
import { ADDRESS, readAddress } from "../address.ts";
import { REVOCABLE_FROM } from "../lifetime.ts";
import { isAddress } from "../trust/sources.ts";

/** Settings about the circle of trust. */
export type CircleSettings = {
  /** Other platforms that the token is for: scheme and host. */
  readonly platforms?: readonly string[];
  /** Whose certificates vouch for tokens: files, directories (absolute or `~/…`), or instances, as scheme and host. */
  readonly trustedCertificates?: readonly string[];
};

const LONGEST = 8_000;
const PATH = /^(?:~?\/|~$)/u;

export const circleSettings = {
  platforms: texts("Other platforms of the circle of trust that the token is for: scheme and host.", LONGEST, ADDRESS),
  trusted_certificates: texts(
    "Whose certificates vouch for tokens: files, directories (absolute or `~/…`), or platforms, as scheme and host.",
    LONGEST,
    new RegExp(`${PATH.source}|${ADDRESS.source}`, "u"),
  ),
};

export function readCircle(entries: Entries, issuer: string | undefined, report: Report): CircleSettings {
  const read = reading(circleSettings, entries, report);
  const platforms = read("platforms")?.map((each) => readPlatform(each, report));
  const trusted = read("trusted_certificates")?.map((each) => readTrusted(each, report));
  const others = [...new Set(platforms)].filter((origin) => origin !== undefined && origin !== issuer);
  return {
    ...(others.length === 0 ? {} : { platforms: others as readonly string[] }),
    ...(trusted === undefined ? {} : { trustedCertificates: trusted.filter((each) => each !== undefined) }),
  };
}

function readPlatform({ path, text }: Placed, report: Report): string | undefined {
  const read = readAddress(text, "a platform");
  if ("origin" in read) return read.origin;
  report(path, read.problem, { hint: "say platforms: [https://other.jfrog.io]" });
  return undefined;
}

function readTrusted({ path, text }: Placed, report: Report): string | undefined {
  if (!isAddress(text)) {
    if (PATH.test(text)) return text;
    report(path, "a trusted certificate is a file or a directory (absolute, or ~/…), or a platform's address");
    return undefined;
  }
  const read = readAddress(text, "a platform");
  if ("origin" in read) return read.origin;
  report(path, read.problem, { hint: "say trusted_certificates: [https://other.jfrog.io]" });
  return undefined;
}

/** JFrog's documentation, "Security restrictions" of the circle of trust: each instance knows its own revocable tokens alone. */
export function warnAboutCircle(ttl: number, isRevocable: boolean, report: Report): void {
  const forced = ttl < REVOCABLE_FROM;
  if (!isRevocable) return;
  report(
    [forced ? "force_revocable" : "token_ttl"],
    "revocable tokens are refused by other platforms than their issuer, unless Access is federated",
    { hint: forced ? "leave it out" : "say token_ttl: 5h", isWarning: true },
  );
}
