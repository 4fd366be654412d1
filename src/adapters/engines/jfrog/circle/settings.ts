import { type Entries, type Placed, type Report, textsEntry } from "../../settings.ts";
import { readAddress } from "../address.ts";
import { REVOCABLE_FROM } from "../lifetime.ts";
import { isAddress } from "../trust/sources.ts";

/** Settings about the circle of trust. */
export type CircleSettings = {
  /** Other platforms that the token is for: scheme and host. */
  readonly platforms?: readonly string[];
  /** Whose certificates vouch for tokens: files, directories (absolute or `~/…`), or instances, as scheme and host. */
  readonly trustedCertificates?: readonly string[];
};

export const circleNames = ["platforms", "trusted_certificates"] as const;

const LONGEST = 8_000;

export function readCircle(entries: Entries, issuer: string | undefined, report: Report): CircleSettings {
  const platforms = textsEntry(entries, "platforms", LONGEST, report)?.map((each) => readPlatform(each, report));
  const trusted = textsEntry(entries, "trusted_certificates", LONGEST, report)?.map((each) =>
    readTrusted(each, report),
  );
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
    if (/^(?:~?\/|~$)/.test(text)) return text;
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
