import { statSync } from "node:fs";
import { DotvaultError } from "../errors.ts";

/**
 * Tells whether the files at the journal's paths are still those that are open here. SQLite goes on writing into a deleted
 * file without a word, and nobody finds what it writes. Only looks (`stat`): nothing is opened.
 *
 * @returns throws `journal.gone` once the file or its WAL was deleted, moved or replaced
 */
export function watchPresence(path: string): () => void {
  const known = new Map<string, string>();
  return () => {
    for (const file of [path, `${path}-wal`]) {
      const found = identity(file);
      const before = known.get(file);
      if (before === undefined && found !== undefined) known.set(file, found);
      if (before !== undefined && before !== found) throw gone(path);
    }
  };
}

/** An open file's number is given to no other one. */
function identity(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false, bigint: true });
  return facts && `${facts.dev} ${facts.ino}`;
}

function gone(path: string): DotvaultError {
  return new DotvaultError("journal.gone", `the journal ${path} was deleted, moved or replaced under the agent`, {
    hint: "put it back, or restart dotvault: it goes on from what lies there and from the store",
  });
}
