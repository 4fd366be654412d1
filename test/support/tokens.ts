import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { keyId, selfSigned } from "../../src/simulator/certificate.ts";

/** A signer of tokens with its root certificate, as a JFrog Platform has one. */
export interface Issuer {
  readonly id: string;
  readonly keyId: string;
  readonly certificate: Buffer;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  sign(claims?: object | string, header?: object): string;
}

/** `now` in milliseconds. */
export function makeIssuer(id: string, now = Date.now()): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const certificate = selfSigned({ privateKey, publicKey, commonName: `jfac@${id}`, serial: randomBytes(16), now });
  const kid = keyId(certificate);
  return {
    id,
    keyId: kid,
    certificate,
    publicKey,
    privateKey,
    sign(claims = {}, header = {}) {
      const head = encoded({ ver: "2", typ: "JWT", alg: "RS256", kid, ...header });
      const payload = typeof claims === "string" ? encoded(claims) : encoded({ ...usual(id, now), ...claims });
      const signed = `${head}.${payload}`;
      return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
    },
  };
}

/** Claims of a token of an hour, as JFrog writes them. */
export function usual(id: string, now: number): Readonly<Record<string, unknown>> {
  const seconds = Math.floor(now / 1000);
  return {
    ext: '{"revocable":"true"}',
    sub: `jfac@${id}/users/ada`,
    scp: "applied-permissions/user",
    aud: "*@*",
    iss: `jfac@${id}`,
    iat: seconds,
    exp: seconds + 3600,
    jti: "5b1e7f0a-3c52-4d0f-9a8e-0c5d5f1ea1b2",
  };
}

/** A part of a JWT; a text is taken as it is. */
export function encoded(value: object | string): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

export function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
