import { existsSync } from "node:fs";
import type { Paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { openReader } from "../journal/reader.ts";
import type { Key } from "../seal/key.ts";
import { createKey, loadKey } from "../seal/key-file.ts";

/**
 * The key that seals secrets. It is made only where nothing was ever sealed with another: a missing key is a state with a
 * name, never a silently new one. Throws `key.missing`.
 */
export function openKey(where: Paths): Key {
  const key = loadKey(where.key);
  if (key) return key;
  const sealed = [where.journal, where.store].filter((path) => existsSync(path));
  if (sealed.length === 0) return newKey(where.key);
  const lost = [
    ...underWay(where).map((what) => `${what}, which was on its way`),
    ...(sealed.includes(where.store) ? ["every secret of the embedded store"] : []),
  ];
  const named = lost.length > 0 ? lost.join("; ") : "nothing but the proof that the history is unchanged";
  throw new DotvaultError("key.missing", `the key ${where.key} is missing; sealed with it: ${sealed.join(", ")}`, {
    hint: `lost without it: ${named}; restore the key from a backup, or move these files away and enrol anew`,
  });
}

/** Throws `key.unwritable`. */
function newKey(path: string): Key {
  try {
    return createKey(path);
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause && "code" in cause)) throw cause;
    throw new DotvaultError("key.unwritable", `the key ${path} can't be made (${String(cause.code)})`, {
      hint: "its directory has to be yours and writable",
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
