import { createHash, type KeyObject, sign } from "node:crypto";
import { bitString, explicit, nothing, octetString, oid, sequence, set, time, unsigned, utf8, yes } from "./der.ts";

const DAY = 86_400_000;

const OID = {
  rsaSha256: "1.2.840.113549.1.1.11",
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
} as const;

const name = (organization: string, commonName: string): Buffer =>
  sequence(
    set(sequence(oid(OID.organization), utf8(organization))),
    set(sequence(oid(OID.commonName), utf8(commonName))),
  );

function extensions(spki: Buffer): Buffer {
  const keyId = createHash("sha1").update(spki).digest();
  // Bits 5 and 6 of KeyUsage: keyCertSign, cRLSign.
  const certificateAuthority = bitString(Buffer.from([0b0000_0110]), 1);
  return explicit(
    3,
    sequence(
      sequence(oid(OID.basicConstraints), yes(), octetString(sequence(yes()))),
      sequence(oid(OID.keyUsage), yes(), octetString(certificateAuthority)),
      sequence(oid(OID.subjectKeyId), octetString(octetString(keyId))),
    ),
  );
}

export interface CertificateRequest {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly commonName: string;
  /** Up to 20 bytes, unsigned. */
  readonly serial: Buffer;
  /** Milliseconds since the epoch; valid from a day before until ten years after. */
  readonly now: number;
}

/** A self-signed X.509 v3 root certificate for an RSA key, as DER (RFC 5280). */
export function selfSigned(request: CertificateRequest): Buffer {
  const spki = request.publicKey.export({ type: "spki", format: "der" });
  const algorithm = sequence(oid(OID.rsaSha256), nothing());
  const subject = name("JFrog Access simulator", request.commonName);
  const toBeSigned = sequence(
    explicit(0, unsigned(Buffer.from([2]))),
    unsigned(request.serial),
    algorithm,
    subject,
    sequence(time(request.now - DAY), time(request.now + 3652 * DAY)),
    subject,
    spki,
    extensions(spki),
  );
  return sequence(toBeSigned, algorithm, bitString(sign("sha256", toBeSigned, request.privateKey)));
}

/** JFrog's key id of a root certificate: base64url of the SHA-256 of its DER. */
export function keyId(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("base64url");
}
