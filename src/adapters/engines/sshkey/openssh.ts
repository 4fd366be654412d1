import { createCipheriv, createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { bcryptPbkdf } from "./bcrypt-pbkdf.ts";

export interface SshKeyPair {
  /** PEM, `openssh-key-v1` (PROTOCOL.key of OpenSSH), ends in a newline. */
  readonly privateKey: string;
  /** One line as in `id_ed25519.pub`, without a newline. */
  readonly publicKey: string;
  /** As `ssh-keygen -l` shows it: `SHA256:…`. */
  readonly fingerprint: string;
}

export type Random = (bytes: number) => Uint8Array;

const keyType = "ssh-ed25519";
/** What ssh-keygen uses since OpenSSH 9.4. */
const kdfRounds = 24;
/** An Ed25519 private key in PKCS #8 (RFC 8410 §7) up to the seed itself. */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

/** Makes an Ed25519 key pair in OpenSSH's formats, its private half encrypted when there is a passphrase. */
export async function makeSshKey(random: Random, comment: string, passphrase?: string): Promise<SshKeyPair> {
  const seed = Buffer.from(random(32));
  const point = publicPoint(seed);
  const blob = Buffer.concat([text(keyType), text(point)]);
  const check = Buffer.from(random(4));
  const secret = Buffer.concat([check, check, blob, text(Buffer.concat([seed, point])), text(comment)]);
  const lock = passphrase === undefined ? unlocked : await locked(random, passphrase);
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0", "latin1"),
    ...[lock.cipher, lock.kdf, lock.kdfOptions].map(text),
    uint32(1),
    text(blob),
    text(lock.close(pad(secret, lock.blockSize))),
  ]);
  return {
    privateKey: pem(file),
    publicKey: `${keyType} ${blob.toString("base64")} ${comment}`,
    fingerprint: `SHA256:${createHash("sha256").update(blob).digest("base64").replaceAll("=", "")}`,
  };
}

/** How the private part is closed. */
interface Lock {
  readonly cipher: string;
  readonly kdf: string;
  readonly kdfOptions: Buffer;
  readonly blockSize: number;
  close(secret: Buffer): Buffer;
}

const unlocked: Lock = {
  cipher: "none",
  kdf: "none",
  kdfOptions: Buffer.alloc(0),
  blockSize: 8,
  close: (secret) => secret,
};

async function locked(random: Random, passphrase: string): Promise<Lock> {
  const salt = Buffer.from(random(16));
  const derived = await bcryptPbkdf(passphrase, salt, kdfRounds, 48);
  return {
    cipher: "aes256-ctr",
    kdf: "bcrypt",
    kdfOptions: Buffer.concat([text(salt), uint32(kdfRounds)]),
    blockSize: 16,
    close: (secret) => createCipheriv("aes-256-ctr", derived.subarray(0, 32), derived.subarray(32)).update(secret),
  };
}

function publicPoint(seed: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: "der", type: "pkcs8" });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}

/** SSH's `string` (RFC 4251 §5): length and bytes. */
function text(content: string | Buffer): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** 1, 2, 3, … up to the block's end. */
function pad(secret: Buffer, blockSize: number): Buffer {
  const missing = (blockSize - (secret.length % blockSize)) % blockSize;
  return Buffer.concat([secret, Buffer.from(Array.from({ length: missing }, (_, i) => i + 1))]);
}

function pem(file: Buffer): string {
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}
