import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { certificatesBelow, certificatesIn, readPem, TrustProblem } from "./pem.ts";

/** The files that a TLS connection is made with. PEM; read again when they change. */
export interface TlsFiles {
  /** Certificate authorities to trust beside the system's. */
  readonly caFile?: string | undefined;
  /** A directory whose files hold such authorities. */
  readonly caDirectory?: string | undefined;
  /** The certificate that we show to the server, and those between it and its authority. */
  readonly certFile?: string | undefined;
  /** Its private key. Default: it lies in the same file. */
  readonly keyFile?: string | undefined;
}

/**
 * Whom we trust: Node's own roots, the system's store and the private authorities, TLS 1.2 at least; and who we are. Built
 * once (20 ms), since a list of CAs that is handed to each connection would be parsed for each connection.
 *
 * @throws TrustProblem
 */
export function trustedContext(files: TlsFiles): SecureContext {
  const { caFile, caDirectory } = files;
  const ca = new Set([...getCACertificates("default"), ...getCACertificates("system")]);
  for (const certificate of caFile === undefined ? [] : certificatesIn(caFile, "CA file")) ca.add(certificate);
  for (const certificate of caDirectory === undefined ? [] : certificatesBelow(caDirectory)) ca.add(certificate);
  return withIdentity(files, (identity) => createSecureContext({ ca: [...ca], minVersion: "TLSv1.2", ...identity }));
}

function withIdentity(
  { certFile, keyFile = certFile }: TlsFiles,
  create: (identity: { cert?: string; key?: string }) => SecureContext,
): SecureContext {
  if (certFile === undefined || keyFile === undefined) return create({});
  const cert = certificatesIn(certFile, "client certificate").join("\n");
  const key = readPem(keyFile, "client key");
  try {
    return create({ cert, key });
  } catch {
    throw new TrustProblem(`the client key in ${keyFile} is none, is encrypted, or is not that of ${certFile}`);
  }
}
