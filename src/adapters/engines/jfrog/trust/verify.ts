import { inspectToken } from "../token/inspect.ts";
import { partsOf } from "../token/parts.ts";
import type { Certificate } from "./certificates.ts";

/** Signatures that only the holder of a private key can make. No `none`, and no HMAC: its key would be the public one. */
const ALGORITHMS = /^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$|^Ed25519$/;
/** Clocks of two servers differ a little; milliseconds. */
const LEEWAY = 60_000;

/** Why no certificate vouches for a token. Stable. */
export type NotVouched =
  | "reference-token"
  | "oversized"
  | "malformed"
  | "repeated-claims"
  | "algorithm"
  | "no-certificates"
  | "signature"
  | "certificate-expired"
  | "expired"
  | "not-yet-valid";

export type Vouching =
  | { readonly kind: "vouched"; readonly certificate: Certificate }
  /** `certificate`: its signature is good all the same. */
  | {
      readonly kind: "not-vouched";
      readonly reason: NotVouched;
      readonly message: string;
      readonly certificate?: Certificate;
    };

/**
 * Checks a token against all trusted certificates: the one that its `kid` names first, then the rest, as JFrog does in a
 * circle of trust. Keys that the token itself brings (`jwk`, `jku`, `x5c`) are never looked at.
 */
export async function vouchFor(token: string, certificates: readonly Certificate[], now: number): Promise<Vouching> {
  if (token.startsWith("cmVmdGtu"))
    return no("reference-token", "a reference token has no signature: only its issuer can tell");
  const parts = partsOf(token);
  if ("problem" in parts) return no(parts.problem, `it is ${parts.problem === "oversized" ? "too large" : "no JWT"}`);
  const { header, repeated } = parts;
  const { oddities, issuer, algorithm } = inspectToken(token);
  if (repeated.length > 0) return no("repeated-claims", oddities[0] ?? "a claim stands twice in it");
  if (typeof header.alg !== "string" || !ALGORITHMS.test(header.alg))
    return no("algorithm", `signed with ${algorithm ?? "nothing"}, which proves nothing`);
  if (certificates.length === 0) return no("no-certificates", "there is no trusted certificate to check it with");
  for (const certificate of byKeyId(certificates, header.kid)) {
    if (await isSignedBy(token, header.alg, certificate)) return judgeTimes(token, certificate, now);
  }
  return no(
    "signature",
    `none of ${certificates.length} trusted certificates vouches for it (issuer ${issuer ?? "unknown"})`,
  );
}

function byKeyId(certificates: readonly Certificate[], keyId: unknown): readonly Certificate[] {
  return [
    ...certificates.filter((each) => each.keyId === keyId),
    ...certificates.filter((each) => each.keyId !== keyId),
  ];
}

async function isSignedBy(token: string, algorithm: string, { x509 }: Certificate): Promise<boolean> {
  // Few need it, and it takes long to load.
  const { compactVerify } = await import("jose");
  try {
    await compactVerify(token, x509.publicKey, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}

function judgeTimes(token: string, certificate: Certificate, now: number): Vouching {
  const { expiresAt, notBefore, issuedAt } = inspectToken(token);
  const begins = Math.max(notBefore ?? 0, issuedAt ?? 0);
  if (now > certificate.validTo || now < certificate.validFrom)
    return no(
      "certificate-expired",
      `${certificate.name} signed it, and that certificate is not valid now`,
      certificate,
    );
  if (expiresAt !== null && expiresAt + LEEWAY <= now)
    return no("expired", `${certificate.name} signed it, and it has expired`, certificate);
  if (begins - LEEWAY > now)
    return no("not-yet-valid", `${certificate.name} signed it, and it is not valid yet`, certificate);
  return { kind: "vouched", certificate };
}

function no(reason: NotVouched, message: string, certificate?: Certificate): Vouching {
  return { kind: "not-vouched", reason, message, ...(certificate === undefined ? {} : { certificate }) };
}
