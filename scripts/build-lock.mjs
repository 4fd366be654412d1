import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const OUTLIVED_MS = 15 * 60_000;

/**
 * Runs `work` while no other process of this checkout does. The lock is a file that holds the owner's pid; one left
 * behind by a killed process is taken over.
 *
 * @template T
 * @param {string} path the lock file
 * @param {(pid: string) => void} onWait called once when another process holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!take(path)) {
    const pid = read(path);
    if (pid === undefined) continue;
    if (isAbandoned(path, pid)) {
      discard(path, pid);
      continue;
    }
    if (!told) onWait(pid);
    told = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** A link appears with its content, where a file opened with `wx` is empty for a moment. */
function take(path) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // released in between
  }
}

function isAbandoned(path, pid) {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === "ESRCH";
  }
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return age > OUTLIVED_MS;
}

/** Moves the lock aside before deleting it, and puts it back if it turns out to be somebody's new one. */
function discard(path, stalePid) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== stalePid) linkSync(aside, path);
  } catch {
    // another process was faster: the caller looks again
  }
  rmSync(aside, { force: true });
}
