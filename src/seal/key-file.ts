import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { DotvaultError } from "../errors.ts";
import { shell } from "../shell.ts";
import { generateKey, type Key, parseKey } from "./key.ts";
import type { Keyring } from "./keyring.ts";

/** What the file holds where the key itself lies in the keyring: its id. */
const inKeyring = /^dotvault-keyring-v1:([0-9a-f]{8})\r?\n?$/;

const noKeyring: Keyring = { get: refuse, set: refuse, remove: refuse };

function refuse(): never {
  throw new DotvaultError("key.keyring", "the key is in the keyring, which can't be reached from here");
}

/**
 * The key: from its file, or from the keyring where the file says so. `undefined`: there is none, or the keyring has it no
 * more. Throws `key.malformed`, `key.permissions`, `key.unreadable`, `key.keyring`.
 */
export function loadKey(path: string, keyring: Keyring = noKeyring): Key | undefined {
  const text = read(path);
  const id = text === undefined ? undefined : inKeyring.exec(text)?.[1];
  if (id === undefined) return text === undefined ? undefined : parseKey(text);
  const line = keyring.get(id);
  if (line === undefined) return undefined;
  const key = parseKey(line);
  if (key.id === id) return key;
  throw new DotvaultError("key.malformed", `the keyring holds key ${key.id} where ${path} names ${id}`, {
    hint: "restore the keyring's entry, or the key file, from a backup",
  });
}

/** The id of the key that lies in the keyring; undefined where the file holds the key itself, or there is none. */
export function keyringId(path: string): string | undefined {
  return inKeyring.exec(read(path) ?? "")?.[1];
}

/**
 * Makes a new key and its file (0600, parents 0700), durable when it returns; with a keyring the key goes there, and the
 * file only names it. Never replaces a file: throws `key.exists`. The file appears whole or not at all, since a half-written
 * key would stop every later start.
 */
export function createKey(path: string, keyring?: Keyring, random: (size: number) => Uint8Array = randomBytes): Key {
  const key = generateKey(random);
  if (keyring) keep(key, keyring);
  const firstMade = mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  removeDrafts(path);
  const draft = `${path}.${randomBytes(6).toString("hex")}.new`;
  writeDurably(draft, keyring ? `dotvault-keyring-v1:${key.id}\n` : `${key.reveal()}\n`);
  try {
    linkSync(draft, path);
  } catch (cause) {
    throw new DotvaultError("key.exists", `the key ${path} could not be created (${reason(cause)})`, { cause });
  } finally {
    unlinkSync(draft);
  }
  syncDirectory(dirname(path));
  if (firstMade !== undefined) syncDirectory(dirname(firstMade));
  return key;
}

/** What a killed making has left: a key that nothing was ever sealed with. The caller holds the lock. */
function removeDrafts(path: string): void {
  const prefix = `${basename(path)}.`;
  const isDraft = (name: string) => name.startsWith(prefix) && /^[0-9a-f]{12}\.new$/.test(name.slice(prefix.length));
  for (const name of readdirSync(dirname(path)).filter(isDraft)) unlinkSync(join(dirname(path), name));
}

/** Puts one key file in the place of another, durably. */
export function replaceKeyFile(next: string, path: string): void {
  renameSync(next, path);
  syncDirectory(dirname(path));
}

/** A keyring that takes a key and does not give it back would lose all that is sealed. */
function keep(key: Key, keyring: Keyring): void {
  keyring.set(key.id, key.reveal());
  if (keyring.get(key.id) === key.reveal()) return;
  throw new DotvaultError("key.keyring", "the keyring did not keep the key", { hint: "set journal.key: file" });
}

function read(path: string): string | undefined {
  const file = openExisting(path);
  if (file === undefined) return undefined;
  try {
    refuseUnsafe(path, fstatSync(file));
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch (cause) {
    if (reason(cause) === "ENOENT") return undefined;
    throw unreadable(path, reason(cause), cause);
  }
}

function refuseUnsafe(path: string, { mode }: Stats): void {
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw unreadable(path, "not a file");
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  throw new DotvaultError("key.permissions", `others may read the key ${path} (mode ${(mode & 0o777).toString(8)})`, {
    hint: shell`chmod 600 ${path}`,
  });
}

function unreadable(path: string, why: string, cause?: unknown): DotvaultError {
  return new DotvaultError("key.unreadable", `the key ${path} cannot be read (${why})`, {
    hint: "it is a file of mode 600 that belongs to the user who runs dotvault",
    cause,
  });
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
}
