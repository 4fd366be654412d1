import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { DotvaultError } from "../errors.ts";
import type { Key } from "./key.ts";

/** What a sealed secret is, bound to its bytes: a row can't be put in another's place, nor be given another time. */
export interface Label {
  /** Id of its `SecretRef`. */
  readonly id: string;
  readonly kind: string;
  /** The enrolment or stream that it belongs to. */
  readonly subject: string;
  /** When it was sealed, in milliseconds since the epoch. */
  readonly at: number;
}

/** What the opener knows of it. Without `at` any time is accepted (and shown by {@link readLabel}). */
export type ExpectedLabel = Omit<Label, "at"> & { readonly at?: number };

/**
 * Seals bytes as a compact JWE (RFC 7516): `dir`, A256GCM, a random 96-bit IV, the label in the protected header (`ref`,
 * `knd`, `sub`, and `iat` in seconds). Synchronous, so that it fits into the transaction of its event.
 */
export function seal(key: Key, label: Label, bytes: Uint8Array): string {
  const header = encode(JSON.stringify(headerOf(key, label)));
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key.derive("seal"), iv).setAAD(Buffer.from(header, "ascii"));
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return `${header}..${encode(iv)}.${encode(sealed)}.${encode(cipher.getAuthTag())}`;
}

/** Opens what {@link seal} made. Throws `seal.broken` (changed, swapped, cut) or `seal.other-key`; shows no byte of it. */
export function open(key: Key, jwe: string, expected: ExpectedLabel): Buffer {
  const [header = "", wrapped, iv = "", sealed = "", tag = "", ...rest] = jwe.split(".");
  if (wrapped !== "" || rest.length > 0) throw broken("is not a compact JWE");
  refuseOtherHeader(key, parseHeader(header), expected);
  try {
    return decrypt(key, { header, iv: decode(iv, 12), sealed: decode(sealed), tag: decode(tag, 16) });
  } catch (cause) {
    throw cause instanceof DotvaultError ? cause : broken("was changed");
  }
}

/** The label as it stands in the header: not authenticated until {@link open} has succeeded. */
export function readLabel(jwe: string): Label {
  const { ref, knd, sub, iat } = parseHeader(jwe.split(".", 1)[0] ?? "");
  if (typeof ref !== "string" || typeof knd !== "string" || typeof sub !== "string" || typeof iat !== "number") {
    throw broken("has no label");
  }
  return { id: ref, kind: knd, subject: sub, at: Math.round(iat * 1000) };
}

/** The id of the key that it was sealed with, as its header says. */
export function sealedWith(jwe: string): string {
  return String(parseHeader(jwe.split(".", 1)[0] ?? "").kid);
}

function headerOf(key: Key, label: Label) {
  const { id: ref, kind: knd, subject: sub, at } = label;
  return { alg: "dir", enc: "A256GCM", kid: key.id, ref, knd, sub, iat: at / 1000 };
}

function parseHeader(encoded: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(decode(encoded).toString("utf8"));
    if (typeof header === "object" && header !== null) return header as Record<string, unknown>;
  } catch {
    // Falls through: whatever it is, it is not a header.
  }
  throw broken("has no readable header");
}

function refuseOtherHeader(key: Key, found: Record<string, unknown>, expected: ExpectedLabel): void {
  if (typeof found.kid === "string" && found.kid !== key.id) {
    throw new DotvaultError(
      "seal.other-key",
      `the secret was sealed with key ${clip(found.kid)}, this one is ${key.id}`,
      {
        hint: "restore the key that this journal was written with",
      },
    );
  }
  const { iat, ...wanted } = headerOf(key, { ...expected, at: expected.at ?? 0 });
  for (const [name, value] of Object.entries(wanted)) {
    if (found[name] !== value) throw broken(`does not carry the expected ${name}`);
  }
  if (Object.keys(found).length !== 7) throw broken("carries header fields that it should not");
  if (typeof found.iat !== "number" || (expected.at !== undefined && found.iat !== iat)) {
    throw broken("does not carry the expected time");
  }
}

function decrypt(key: Key, parts: { header: string; iv: Buffer; sealed: Buffer; tag: Buffer }): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key.derive("seal"), parts.iv, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(parts.header, "ascii")).setAuthTag(parts.tag);
  return Buffer.concat([decipher.update(parts.sealed), decipher.final()]);
}

function encode(bytes: Uint8Array | string): string {
  return Buffer.from(bytes as string).toString("base64url");
}

/** Strict base64url: a second spelling of the same bytes would be a change that the tag can't see. */
function decode(text: string, length?: number): Buffer {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text || (length !== undefined && bytes.length !== length)) {
    throw broken("was changed");
  }
  return bytes;
}

function clip(text: string): string {
  return /^[0-9a-f]{1,16}$/.test(text) ? text : "unknown";
}

function broken(what: string): DotvaultError {
  return new DotvaultError("seal.broken", `a sealed secret ${what}`, {
    hint: "run: dotvault journal check",
  });
}
