import { generateKeyPair, type KeyObject, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { keyId, selfSigned } from "./certificate.ts";
import { instanceId, type Random } from "./random.ts";

/** Who signs the tokens of one instance, and whose tokens it trusts besides. */
export interface Authority {
  /** `01…`; service ids are `jfac@<id>`, `jfrt@<id>`. */
  readonly id: string;
  readonly kid: string;
  /** DER. */
  readonly certificate: Buffer;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Root keys of other members of the circle of trust, by `kid`. */
  readonly trusted: Map<string, KeyObject>;
}

const generate = promisify(generateKeyPair);

/** A new signing key with its self-signed root certificate. `now` in milliseconds. */
export async function createAuthority(random: Random, now: number): Promise<Authority> {
  const { privateKey, publicKey } = await generate("rsa", { modulusLength: 2048 });
  const id = instanceId(random);
  const certificate = selfSigned({ privateKey, publicKey, commonName: `jfac@${id}`, serial: random(16), now });
  return { id, kid: keyId(certificate), certificate, privateKey, publicKey, trusted: new Map() };
}

/** The DER of a certificate given as base64 without armour (the form `cert/root` answers), or as DER. */
export function certificateBytes(certificate: string | Uint8Array): Buffer {
  return typeof certificate === "string" ? Buffer.from(certificate, "base64") : Buffer.from(certificate);
}

/** Puts another instance's root certificate among the trusted keys. */
export function trust(authority: Authority, certificate: string | Uint8Array): void {
  const der = certificateBytes(certificate);
  authority.trusted.set(keyId(der), new X509Certificate(der).publicKey);
}

export function distrust(authority: Authority, certificate: string | Uint8Array): void {
  authority.trusted.delete(keyId(certificateBytes(certificate)));
}
