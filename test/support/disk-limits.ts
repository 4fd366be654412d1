import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Whether the limits of a running process can be set here. */
export const canLimit = spawnSync("prlimit", ["--version"]).status === 0;

/** No file of this process grows beyond so many bytes from now on; its writes fail with EFBIG. */
export function limitFiles(pid: number, bytes: number | "unlimited"): void {
  const done = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
}

/** Whether a file system may be mounted here: for root, in most places. */
export const canMount = process.getuid?.() === 0 && process.platform === "linux" && mountable();

function mountable(): boolean {
  const place = join("/tmp", `dotvault-mountable-${process.pid}`);
  mkdirSync(place, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "dotvault-test", place]).status === 0;
  if (mounted) spawnSync("umount", [place]);
  rmSync(place, { recursive: true, force: true });
  return mounted;
}

export interface SmallDisk {
  fill(): void;
  makeRoom(): void;
}

/** Work on a small file system of its own in place of a directory. */
export async function onSmallDisk(place: string, work: (disk: SmallDisk) => Promise<void>): Promise<void> {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const options = "size=4096k,mode=700";
  const done = spawnSync("mount", ["-t", "tmpfs", "-o", options, "dotvault-test", place], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  const filler = join(place, "filler");
  try {
    await work({ fill: () => fillUp(filler), makeRoom: () => rmSync(filler, { force: true }) });
  } finally {
    spawnSync("umount", ["-l", place]);
  }
}

function fillUp(path: string): void {
  for (const size of [64 * 1024, 4 * 1024]) while (grows(path, size));
}

function grows(path: string, size: number): boolean {
  try {
    writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    return true;
  } catch {
    return false;
  }
}

/** Waits for something that is to be seen outside of the journal. */
export async function untilSeen(what: string, isSeen: () => boolean): Promise<void> {
  for (let look = 0; look < 1500; look++) {
    if (isSeen()) return;
    await pause(20);
  }
  throw new Error(`waited in vain: ${what}`);
}
