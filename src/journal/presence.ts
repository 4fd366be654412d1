import { type Stats, statSync } from "node:fs";
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
  const directory = dirname(path);
  let unchanged: Names | undefined;
  const compare = (file: string): void => {
    const found = identity(file);
    const before = known.get(file);
    if (before === undefined && found !== undefined) known.set(file, found);
    if (before !== undefined && before !== found) throw gone(path);
  };
  return () => {
    const names = namesIn(directory);
    if (names !== undefined && unchanged !== undefined && same(names, unchanged)) return;
    compare(path);
    compare(`${path}-wal`);
    // A second change within a tick would not move the time.
    unchanged = names !== undefined && now() > names.mtimeMs + TICK_MS ? names : undefined;
  };
}

/** Which directory it is, and when a name last came into it or left it. */
type Names = Pick<Stats, "dev" | "ino" | "mtimeMs">;

function namesIn(directory: string): Names | undefined {
  return statSync(directory, { throwIfNoEntry: false });
}

function same(one: Names, other: Names): boolean {
  return one.mtimeMs === other.mtimeMs && one.ino === other.ino && one.dev === other.dev;
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
