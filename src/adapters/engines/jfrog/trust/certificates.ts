import { createHash, X509Certificate } from "node:crypto";
import { cleanLine } from "../../clean.ts";

/** A certificate whose key signs tokens. */
export interface Certificate {
  /** JFrog's name for it: base64url of the SHA-256 of its DER. */
  readonly keyId: string;
  /** Its subject's common name, else the whole subject; harmless. */
  readonly name: string;
  /** Where it was read. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly x509: X509Certificate;
}

const BEGIN = "-----BEGIN CERTIFICATE-----";
const ARMOUR = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The certificates in what a file or `cert/root` holds: PEM (any number), base64 of the DER without armour (as JFrog answers
 * it), or the DER itself.
 *
 * @returns undefined when there is none, or one that can't be read
 */
export function readCertificates(content: Uint8Array, source: string): Certificate[] | undefined {
  const text = Buffer.from(content).toString("latin1");
  const armoured = text.match(ARMOUR);
  const bare = text.replaceAll(/\s/g, "");
  const isBase64 = bare !== "" && /^[A-Za-z0-9+/]+={0,2}$/.test(bare);
  try {
    // One that breaks off makes all of them doubtful: the file is being written, or was cut.
    if (text.split(BEGIN).length - 1 !== (armoured ?? []).length) return undefined;
    if (armoured !== null) return armoured.map((pem) => describe(new X509Certificate(pem), source));
    return [describe(new X509Certificate(isBase64 ? Buffer.from(bare, "base64") : content), source)];
  } catch {
    return undefined;
  }
}

/** Each certificate once, wherever it was read: the first place counts. */
export function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  const byKey = new Map<string, Certificate>();
  for (const each of certificates) if (!byKey.has(each.keyId)) byKey.set(each.keyId, each);
  return [...byKey.values()];
}

function describe(x509: X509Certificate, source: string): Certificate {
  const commonName = /^CN=(.+)$/m.exec(x509.subject)?.[1] ?? x509.subject;
  return {
    keyId: createHash("sha256").update(x509.raw).digest("base64url"),
    name: cleanLine(commonName, [], 100),
    source,
    validFrom: x509.validFromDate.getTime(),
    validTo: x509.validToDate.getTime(),
    x509,
  };
}
