import { existsSync } from "node:fs";
import { osKeyring } from "../../adapters/desktop/keyring.ts";
import { rekeyStore } from "../../adapters/embedded/rekey.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { rekeyJournal } from "../../journal/rekey.ts";
import type { Key } from "../../seal/key.ts";
import { keyringId, loadKey, replaceKeyFile } from "../../seal/key-file.ts";

/** From wherever it stands: every step is found done, or done. Returns the key that holds now. Throws `key.missing`. */
export async function finishRekeying(where: Paths, at: number): Promise<Key> {
  const to = present(where.nextKey);
  const from = loadKey(where.key, osKeyring);
  if (from) {
    rekeyJournal({ directory: where.stateDir, from, to, at });
    await rekeyStore(where.store, from, to);
  } else if (existsSync(where.journal) || existsSync(where.store)) present(where.key);
  const old = keyringId(where.key);
  replaceKeyFile(where.nextKey, where.key);
  if (old !== undefined) osKeyring.remove(old);
  return to;
}

function present(path: string): Key {
  const key = loadKey(path, osKeyring);
  if (key) return key;
  throw new DotvaultError("key.missing", `the key ${path} is missing, and a rekeying that needs it is unfinished`, {
    hint: "restore it from a backup",
  });
}
