import { statSync } from "node:fs";

/**
 * Tells whether the store's file or its WAL was deleted, moved or replaced since they were opened: SQLite goes on writing into
 * a file that nobody finds, without a word. Only looks (`stat`): nothing is opened.
 */
export function watchMoves(path: string): () => boolean {
  const known = [path, `${path}-wal`].map((file) => ({ file, mark: identity(file) }));
  return () =>
    known.some((seen) => {
      const now = identity(seen.file);
      seen.mark ??= now;
      return seen.mark !== now;
    });
}

/** An open file's number is given to no other one. */
function identity(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false, bigint: true });
  return facts && `${facts.dev} ${facts.ino}`;
}
