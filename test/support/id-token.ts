import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import type { IdentityProvider } from "../../src/simulator/simulator.ts";

/** A CI system: its OIDC integration as JFrog's administrators set it up, and the ID tokens that it gives its jobs. */
export function ciSystem(name = "github", audience = "jfrog") {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const issuer = `https://${name}.example`;
  const provider: IdentityProvider = { name, issuer, publicKey, audience };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  return {
    provider,
    idToken(subject: string, over: Readonly<Record<string, unknown>> = {}): string {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, aud: audience, sub: subject, iat: now, exp: now + 300, jti: randomUUID(), ...over };
      const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
      return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
    },
  };
}
