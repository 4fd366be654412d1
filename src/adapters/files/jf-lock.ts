import { randomInt } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { DotvaultError } from "../../errors.ts";
import { JF_CONFIG } from "./formats/jfrog.ts";
import { errorCode, type FsPort, OPEN } from "./fs-port.ts";
import { isAlive } from "./processes.ts";

/** Time, as far as writing a file needs it. Milliseconds. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** jf looks every 100 ms as well; it waits two minutes for others, we try again with the next sync. */
const LOOK_MS = 100;
const LOOKS = 100;

/**
 * Does the work under jf's own lock where the target is jf's configuration, else at once. jf's protocol
 * (jfrog-cli-core, utils/lock): every process puts an empty file `jfrog-cli.conf.lck.<pid>.<nanoseconds>` into
 * `locks/config` of jf's home; the oldest holds the lock; those of ended processes are removed by whoever waits. Any
 * other file name in that folder breaks jf. Throws `files.busy` after ten seconds.
 */
export async function underJfLock<T>(path: string, fs: FsPort, clock: Clock, work: () => Promise<T>): Promise<T> {
  if (basename(path) !== JF_CONFIG) return work();
  const folder = join(dirname(resolve(path)), "locks", "config");
  await fs.mkdir(folder, { recursive: true, mode: 0o755 });
  const mine = `jfrog-cli.conf.lck.${process.pid}.${clock.now()}${String(randomInt(1_000_000)).padStart(6, "0")}`;
  const lock = await fs.open(join(folder, mine), OPEN.create, 0o600);
  try {
    await lock.close();
    await waitForTurn(folder, mine, fs, clock);
    return await work();
  } finally {
    await unlessGone(fs.unlink(join(folder, mine)));
  }
}

async function waitForTurn(folder: string, mine: string, fs: FsPort, clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const oldest = oldestLock(await fs.readdir(folder));
    if (oldest === undefined || oldest.name === mine) return;
    if (isAlive(oldest.pid)) await clock.sleep(LOOK_MS);
    else await unlessGone(fs.unlink(join(folder, oldest.name)));
  }
  throw new DotvaultError("files.busy", `another jf command holds its lock in ${folder}`, {
    hint: "it is tried again with the next sync; if no jf runs, remove that folder",
  });
}

function oldestLock(names: readonly string[]): { readonly name: string; readonly pid: number } | undefined {
  const locks = names.flatMap((name) => {
    const [, pid, time] = /^jfrog-cli\.conf\.lck\.(\d+)\.(\d+)$/.exec(name) ?? [];
    return pid === undefined || time === undefined ? [] : [{ name, pid: Number(pid), time: BigInt(time) }];
  });
  return locks.sort((a, b) => Number(a.time - b.time) || a.pid - b.pid)[0];
}

async function unlessGone(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
  });
}
