import { statSync } from "node:fs";
import { dirname } from "node:path";
import { DotvaultError } from "../errors.ts";

/** The times of a file system move in ticks: of ten milliseconds at most on Linux, of less on macOS. */
const TICK_MS = 100;

/**
 * Tells whether the files at the journal's paths are still those that are open here. SQLite goes on writing into a deleted
 * file without a word, and nobody finds what it writes. Only looks (`stat`): nothing is opened.
 *
 * While the directory's time says that no name in it has changed, the files themselves are left alone: since Linux 6.13
 * (multigrain timestamps) a file that was looked at gets a new time with its next write, and its next sync has to
 * commit that too, which takes half as long again.
 *
 * @returns throws `journal.gone` once the file or its WAL was deleted, moved or replaced
 */
export function watchPresence(path: string, now: () => number = Date.now): () => void {
  const known = new Map<string, string>();
  let unchanged: string | undefined;
  const compare = (file: string): void => {
    const found = identity(file);
    const before = known.get(file);
    if (before === undefined && found !== undefined) known.set(file, found);
    if (before !== undefined && before !== found) throw gone(path);
  };
  return () => {
    const names = namesIn(dirname(path));
    if (names !== undefined && names.mark === unchanged) return;
    compare(path);
    compare(`${path}-wal`);
    // A second change within a tick would not move the time.
    unchanged = names !== undefined && now() > names.changedAt + TICK_MS ? names.mark : undefined;
  };
}

/** A mark that changes when a name comes into the directory or leaves it, and when that was last. */
function namesIn(directory: string): { readonly mark: string; readonly changedAt: number } | undefined {
  const facts = statSync(directory, { throwIfNoEntry: false, bigint: true });
  return facts && { mark: `${facts.dev} ${facts.ino} ${facts.mtimeNs}`, changedAt: Number(facts.mtimeMs) };
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
