import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
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

/** Whether a file system of our own can be made to fail here: ext4 in a file, and a kernel that reports errors on demand. */
export const canBreak = canMount && breakable();

function breakable(): boolean {
  const place = mkdtempSync("/tmp/dotvault-breakable-");
  try {
    const image = makeImage(place);
    const disk = mounted(image, join(place, "disk"));
    const trigger = triggerOf(disk);
    spawnSync("umount", [disk]);
    return trigger !== undefined;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

export interface BreakingDisk {
  /** An error of the file system: as `errors=remount-ro` has it, the kernel lets nobody write any more, whoever has a file open. */
  turnReadOnly(): void;
  /** Nobody uses it: it is checked and mounted again. */
  repair(): void;
}

/** Work on a file system (ext4) of its own in place of a directory. */
export async function onBreakingDisk(place: string, work: (disk: BreakingDisk) => Promise<void>): Promise<void> {
  const image = makeImage(dirname(place));
  mounted(image, place);
  const repair = () => {
    succeed("umount", [place]);
    spawnSync("e2fsck", ["-p", "-f", image]);
    mounted(image, place);
  };
  try {
    await work({ turnReadOnly: () => writeFileSync(String(triggerOf(place)), "dotvault-test"), repair });
  } finally {
    spawnSync("umount", ["-l", place]);
    rmSync(image, { force: true });
  }
}

function makeImage(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const image = join(folder, "disk.ext4");
  writeFileSync(image, "");
  truncateSync(image, 16 * 1024 * 1024);
  succeed("mkfs.ext4", ["-q", "-F", image]);
  return image;
}

function mounted(image: string, place: string): string {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  succeed("mount", ["-o", "loop,errors=remount-ro", image, place]);
  chmodSync(place, 0o700);
  return place;
}

/** What makes the kernel find an error in the file system at this place. */
function triggerOf(place: string): string | undefined {
  const device = spawnSync("findmnt", ["-no", "SOURCE", place], { encoding: "utf8" }).stdout?.trim() ?? "";
  const trigger = `/sys/fs/ext4/${basename(device)}/trigger_fs_error`;
  return existsSync(trigger) ? trigger : undefined;
}

function succeed(program: string, args: readonly string[]): void {
  const done = spawnSync(program, args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${program}: ${done.error?.message ?? done.stderr}`);
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
