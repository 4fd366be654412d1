import { existsSync } from "node:fs";
import { osKeyring, suitsKeyring } from "../../adapters/desktop/keyring.ts";
import type { KeyPlace } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { openReader } from "../../journal/reader.ts";
import { generateKey, type Key } from "../../seal/key.ts";
import { createKey, loadKey } from "../../seal/key-file.ts";
import type { Io } from "../cli/io.ts";

/** The key that the journal is sealed with now, for reading; undefined: there is none. */
export function storedKey(where: Paths): Key | undefined {
  const key = loadKey(where.key, osKeyring);
  if (!existsSync(where.nextKey)) return key;
  const next = loadKey(where.nextKey, osKeyring);
  return next && journalKeyId(where) === next.id ? next : key;
}

function journalKeyId({ stateDir }: Paths): unknown {
  const reader = openReader({ directory: stateDir });
  try {
    return reader?.fact("keyId");
  } finally {
    reader?.close();
  }
}

/** Without an embedded store there is nothing sealed to read, and any key will do. */
export function readingKey(where: Paths): Key {
  const key = storedKey(where);
  if (key) return key;
  if (!existsSync(where.store)) return generateKey();
  throw new DotvaultError("key.missing", `the key ${where.key} is missing, and ${where.store} is sealed with it`);
}

/**
 * The key that seals secrets, for writing; the caller holds the lock. It is made only where nothing was ever sealed with
 * another: a missing key is a state with a name, never a silently new one. A rekeying that was interrupted is finished.
 * Throws `key.missing`.
 */
export async function openKey(where: Paths, io: Io, place: KeyPlace): Promise<Key> {
  if (existsSync(where.nextKey)) return (await import("./finish-rekey.ts")).finishRekeying(where, io.now());
  const key = loadKey(where.key, osKeyring);
  if (key) return key;
  const sealed = [where.journal, where.store].filter((path) => existsSync(path));
  if (sealed.length === 0) return newKey(where.key, place, io);
  throw missingKey(where, sealed);
}

function missingKey(where: Paths, sealed: readonly string[]): DotvaultError {
  const lost = [
    ...underWay(where).map((what) => `${what}, which was on its way`),
    ...(sealed.includes(where.store) ? ["every secret of the embedded store"] : []),
  ];
  const named = lost.length > 0 ? lost.join("; ") : "nothing but the proof that the history is unchanged";
  return new DotvaultError("key.missing", `the key ${where.key} is missing; sealed with it: ${sealed.join(", ")}`, {
    hint: `lost without it: ${named}; restore the key from a backup, or move these files away and enrol anew`,
  });
}

/** Makes a key where the configuration wants it. Throws `key.unwritable`, and `key.keyring` where only the keyring will do. */
export function newKey(path: string, place: KeyPlace, io: Pick<Io, "platform" | "env" | "home">): Key {
  const wantsKeyring = place === "keyring" || (place === "auto" && suitsKeyring(io.platform, io.env, io.home));
  try {
    if (wantsKeyring) return createKey(path, osKeyring);
  } catch (error) {
    if (place === "keyring" || !(error instanceof DotvaultError && error.code === "key.keyring")) throw error;
  }
  return keyInFile(path);
}

function keyInFile(path: string): Key {
  try {
    return createKey(path);
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause && "code" in cause)) throw cause;
    throw new DotvaultError("key.unwritable", `the key ${path} can't be made (${String(cause.code)})`, {
      hint: "its directory has to be yours and writable; where the home is not: set XDG_DATA_HOME and XDG_STATE_HOME to a place that is",
      cause,
    });
  }
}

/** What the journal holds sealed, by name. */
function underWay({ stateDir }: Paths): string[] {
  const reader = openReader({ directory: stateDir });
  try {
    return (reader?.sealedRefs() ?? []).map(({ kind, stream }) => `${stream.replace(/^enrolment\//, "")}'s ${kind}`);
  } finally {
    reader?.close();
  }
}
