import { existsSync } from "node:fs";
import type { Paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
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
  if (sealed.length === 0) return createKey(where.key);
  const inStore = sealed.includes(where.store) ? ", and every secret of the embedded store" : "";
  throw new DotvaultError(
    "key.missing",
    `the key ${where.key} is missing, and ${sealed.join(" and ")} is sealed with it`,
    {
      hint:
        `without it are lost: credentials on their way to the store${inStore}; restore the key from a backup, ` +
        "or move these files away and enrol anew (dotvault status still reads the history)",
    },
  );
}
