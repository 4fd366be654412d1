import { harmless, type Style } from "../style.ts";
import { count } from "../times.ts";

/** Whether a trusted certificate vouches for a token, as `token verify --json` has it (docs/json.md). */
export interface VerifyReport {
  readonly place: string;
  readonly vouched: boolean;
  /** Stable; null when it is vouched for. */
  readonly reason: string | null;
  readonly message: string | null;
  /** Whose signature it is; also of a token that has expired. */
  readonly certificate: {
    readonly name: string;
    readonly keyId: string;
    readonly source: string;
    readonly validTo: Date;
  } | null;
  /** How many were tried. */
  readonly certificates: number;
  /** Sources that could not be read. */
  readonly problems: readonly string[];
}

/** `token verify` for people. */
export function verifyText(reports: readonly VerifyReport[], style: Style): string {
  return `${reports.flatMap((report) => one(report, style)).join("\n")}\n`;
}

function one({ place, vouched, message, certificate, certificates, problems }: VerifyReport, style: Style): string[] {
  const glyph = vouched ? style.green("✓") : style.red("✗");
  const tried = count(certificates, "trusted certificate");
  const said = vouched ? `${certificate?.name} vouches for it` : `${message ?? ""}`;
  return [
    `${glyph} ${harmless(place)}  ${harmless(said)}`,
    ...(certificate ? [`  key ${certificate.keyId}, read from ${harmless(certificate.source)}; ${tried}`] : []),
    ...problems.map((problem) => `  ${style.yellow("!")} ${harmless(problem)}`),
  ];
}
