import type { Key } from "../../seal/key.ts";
import { sealedWith } from "../../seal/seal.ts";
import { openStoreFile, storeFileExists } from "./file.ts";
import { type Row, rowsOf } from "./rows.ts";
import { sealDocument, unsealDocument } from "./sealed.ts";

/**
 * Seals every document of an embedded store with another key, in one transaction. To be repeated harmlessly: what has the
 * other key already stays, and so does what neither key opens. The caller holds the lock.
 */
export async function rekeyStore(path: string, from: Key, to: Key): Promise<void> {
  if (!storeFileExists(path)) return;
  const rows = rowsOf(await openStoreFile(path));
  try {
    rows.transaction(() => {
      for (const row of rows.all()) {
        const sealed = resealed(row, from, to);
        if (sealed !== undefined) rows.put({ ...row, sealed });
      }
    });
    rows.tidy();
  } finally {
    rows.close();
  }
}

function resealed({ name, version, created_at: createdAt, sealed }: Row, from: Key, to: Key): string | undefined {
  const which = { name, version, createdAt };
  try {
    return sealedWith(sealed) === to.id ? undefined : sealDocument(to, which, unsealDocument(from, which, sealed));
  } catch {
    // Damaged before: reading it says so.
    return undefined;
  }
}
