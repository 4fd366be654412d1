import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { FsPort } from "./fs-port.ts";
import { isAlive } from "./processes.ts";
import { together } from "./together.ts";

/** After this long a temporary file is left over, whoever made it. Milliseconds, by the file system's clock. */
const STALE_MS = 10 * 60_000;

const mine = new Set<string>();

/**
 * Where homes lie on a server, a process id says something on its own machine only; the sixteen digits that follow nobody
 * can guess.
 */
export const MACHINE = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** A name beside the target: `.dotvault-<target>-<pid>-<machine><random>.tmp`. */
export function temporaryName(path: string): string {
  return join(dirname(path), `${prefix(path)}${process.pid}-${MACHINE}${randomBytes(8).toString("hex")}.tmp`);
}

/** While a file is in use here, `removeLeftovers` leaves it alone. */
export async function inUse<T>(path: string, work: () => Promise<T>): Promise<T> {
  mine.add(path);
  try {
    return await work();
  } finally {
    mine.delete(path);
  }
}

/**
 * Removes what crashed runs left beside this target: only files of exactly our naming, whose process is gone (on this
 * machine) or which are older than ten minutes. `newest` is a file made just now; its time says what now is. Failing is harmless.
 */
export async function removeLeftovers(path: string, newest: string, fs: FsPort): Promise<void> {
  const folder = dirname(path);
  const start = prefix(path);
  const names = (await temporaryFiles(fs)(folder)).filter((name) => name.startsWith(start));
  for (const name of names) {
    const [, pid, machine] = /^(\d+)-([0-9a-f]{8})[0-9a-f]{16}\.tmp$/.exec(name.slice(prefix(path).length)) ?? [];
    const leftover = join(folder, name);
    if (pid === undefined || mine.has(leftover)) continue;
    if ((machine === MACHINE && isAbandoned(Number(pid))) || (await isStale(leftover, newest, fs)))
      await fs.unlink(leftover);
  }
}

const listings = new WeakMap<FsPort, (folder: string) => Promise<string[]>>();

/** One listing serves all who asked before it began: a thousand files in one folder are not listed a thousand times. */
function temporaryFiles(fs: FsPort): (folder: string) => Promise<string[]> {
  const list =
    listings.get(fs) ??
    together(async (folder) => (await fs.readdir(folder)).filter((name) => name.startsWith(".dotvault-")));
  listings.set(fs, list);
  return list;
}

/** A name near the longest allowed one stands there by its digest. */
function prefix(path: string): string {
  const name = basename(path);
  const long = Buffer.byteLength(name) > 180;
  return `.dotvault-${long ? createHash("sha256").update(name).digest("hex").slice(0, 32) : name}-`;
}

/** With our own process id it is from a run before a restart: what we use is in `mine`. */
function isAbandoned(pid: number): boolean {
  return pid === process.pid || !isAlive(pid);
}

async function isStale(leftover: string, newest: string, fs: FsPort): Promise<boolean> {
  const [old, now] = [await fs.lstat(leftover), await fs.lstat(newest)];
  return old.isFile() && now.mtimeMs - old.mtimeMs > STALE_MS;
}
