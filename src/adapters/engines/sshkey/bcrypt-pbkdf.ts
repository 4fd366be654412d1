import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { encipher, expand, freshTables } from "./blowfish.ts";

const hashBytes = 32;
const magic = "OxychromaticBlowfishSwatDynamite";

/**
 * Derives a key from a passphrase as OpenSSH does for private keys (bcrypt_pbkdf of OpenBSD): PBKDF2 with bcrypt's hash over
 * SHA-512, whose blocks are dealt out over the key byte by byte, so that no part of it can be had for less. Half a second of work for 24
 * rounds, given back to the event loop every 10 ms.
 */
export async function bcryptPbkdf(
  passphrase: string,
  salt: Uint8Array,
  rounds: number,
  length: number,
): Promise<Buffer> {
  const hashedPass = sha512(Buffer.from(passphrase, "utf8"));
  const blocks = Math.ceil(length / hashBytes);
  const key = Buffer.alloc(blocks * hashBytes);
  for (let block = 0; block < blocks; block++) {
    const bytes = await deriveBlock(hashedPass, salt, block + 1, rounds);
    bytes.forEach((byte, i) => {
      key[i * blocks + block] = byte;
    });
  }
  return key.subarray(0, length);
}

async function deriveBlock(hashedPass: Buffer, salt: Uint8Array, count: number, rounds: number): Promise<Uint8Array> {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(count);
  let last = bcryptHash(hashedPass, sha512(Buffer.concat([salt, counter])));
  const mixed = Uint8Array.from(last);
  for (let round = 1; round < rounds; round++) {
    await nextTurn();
    last = bcryptHash(hashedPass, sha512(last));
    last.forEach((byte, i) => {
      mixed[i] = (mixed[i] ?? 0) ^ byte;
    });
  }
  return mixed;
}

function bcryptHash(hashedPass: Buffer, hashedSalt: Buffer): Buffer {
  const pass = toWords(hashedPass);
  const salt = toWords(hashedSalt);
  const tables = freshTables();
  expand(tables, pass, salt);
  for (let i = 0; i < 64; i++) {
    expand(tables, salt);
    expand(tables, pass);
  }
  const words = toWords(Buffer.from(magic, "latin1"));
  for (let at = 0; at < words.length; at += 2) {
    for (let i = 0; i < 64; i++) encipher(tables.p, tables.s, words, at);
  }
  const bytes = Buffer.alloc(hashBytes);
  words.forEach((word, i) => {
    bytes.writeUInt32LE(word, i * 4);
  });
  return bytes;
}

function toWords(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(i * 4));
}

function sha512(data: Uint8Array): Buffer {
  return createHash("sha512").update(data).digest();
}
