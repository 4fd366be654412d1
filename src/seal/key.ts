import { createHash, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { DotvaultError } from "../errors.ts";

const prefix = "dotvault-key-v1:";
const length = 32;

/** What a derived key is for; each purpose gets a key of its own, so that none says anything about another. */
export type Purpose = "seal" | "chain" | "kid" | (string & {});

/** The one key of this user on this machine. Opaque: printing, inspecting or serialising it shows its id only. */
export class Key {
  readonly #secret: Buffer;
  readonly #derived = new Map<Purpose, KeyObject>();
  /** Names the key without showing it: the first 8 hex digits of the SHA-256 of a derived value. */
  readonly id: string;

  /** @param bytes 32 random bytes; copied. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== length) throw new DotvaultError("key.malformed", `a key is ${length} bytes`);
    this.#secret = Buffer.from(bytes);
    this.id = createHash("sha256").update(this.derive("kid").export()).digest("hex").slice(0, 8);
  }

  /** HKDF-SHA-256 (RFC 5869) with the purpose as info. */
  derive(purpose: Purpose): KeyObject {
    const known = this.#derived.get(purpose);
    if (known !== undefined) return known;
    const bytes = hkdfSync("sha256", this.#secret, "", `dotvault/v1/${purpose}`, length);
    const key = createSecretKey(Buffer.from(bytes));
    this.#derived.set(purpose, key);
    return key;
  }

  /** The line that {@link parseKey} reads. Goes to the key file or the keyring, nowhere else. */
  reveal(): string {
    return prefix + this.#secret.toString("base64url");
  }

  toString(): string {
    return `[key ${this.id}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A new key; `random` gives so many unpredictable bytes. */
export function generateKey(random: (size: number) => Uint8Array = randomBytes): Key {
  return new Key(random(length));
}

/** Reads `dotvault-key-v1:<base64url of 32 bytes>`, one line. Throws `key.malformed`; never quotes the text. */
export function parseKey(text: string): Key {
  const line = text.replace(/\r?\n$/, "");
  const encoded = line.startsWith(prefix) ? line.slice(prefix.length) : "";
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.length !== length || bytes.toString("base64url") !== encoded) {
    throw new DotvaultError("key.malformed", "the key is not a dotvault key", {
      hint: "restore it from a backup; without it the sealed secrets cannot be opened",
    });
  }
  return new Key(bytes);
}

/** A key for one purpose, derived by HKDF: equal for equal keys and purposes, and useless for any other purpose. */
export function deriveKey(key: Key, purpose: Purpose): KeyObject {
  return key.derive(purpose);
}
