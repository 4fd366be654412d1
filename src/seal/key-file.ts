import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { DotvaultError } from "../errors.ts";
import { generateKey, type Key, parseKey } from "./key.ts";

/** Reads the key file. `undefined`: there is none. Throws `key.malformed`, `key.permissions`, `key.unreadable`. */
export function loadKey(path: string): Key | undefined {
  const file = openExisting(path);
  if (file === undefined) return undefined;
  try {
    refuseUnsafe(path, fstatSync(file));
    return parseKey(readFileSync(file, "utf8"));
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a new key and its file (0600, parents 0700), durable when it returns. Never replaces a file: throws `key.exists`.
 * The file appears whole or not at all, since a half-written key would stop every later start.
 */
export function createKey(path: string, random: (size: number) => Uint8Array = randomBytes): Key {
  const key = generateKey(random);
  const firstMade = mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}.new`;
  writeDurably(draft, `${key.reveal()}\n`);
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
    hint: `chmod 600 ${path}`,
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
