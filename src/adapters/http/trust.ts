import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

/** Why a private CA file can't be used; for a person. */
export class TrustProblem extends Error {}

/**
 * Whom we trust: Node's own roots, the system's store and the private CA file, TLS 1.2 at least. Built once (20 ms),
 * since a list of CAs that is handed to each connection would be parsed for each connection.
 */
export function trustedContext(caFile: string | undefined): SecureContext {
  const ca = new Set([...getCACertificates("default"), ...getCACertificates("system")]);
  for (const certificate of caFile === undefined ? [] : certificatesIn(caFile)) ca.add(certificate);
  return createSecureContext({ ca: [...ca], minVersion: "TLSv1.2" });
}

/** OpenSSL takes any text as a CA and then trusts nobody new: say so here instead. */
function certificatesIn(file: string): string[] {
  const blocks = read(file).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new TrustProblem(`no PEM certificate in the CA file ${file}`);
  for (const block of blocks) parse(block, file);
  return blocks;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new TrustProblem(`the CA file ${file} can't be read${code}`);
  }
}

function parse(block: string, file: string): void {
  try {
    new X509Certificate(block);
  } catch {
    throw new TrustProblem(`a damaged certificate in the CA file ${file}`);
  }
}
