import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { DotvaultError } from "../../errors.ts";
import { fileFailure } from "./failures.ts";
import { errorCode, type FileFacts, type FsPort, nodeFs, OPEN, type OpenFile } from "./fs-port.ts";
import { inLine } from "./in-line.ts";
import { type Clock, underJfLock } from "./jf-lock.ts";
import { inUse, removeLeftovers, temporaryName } from "./leftovers.ts";
import { readTarget, type Target } from "./read.ts";
import { together } from "./together.ts";

export interface WriteOptions {
  /** Permission bits of the file, default 0o600. An existing file's bits are only ever narrowed. */
  readonly mode?: number;
  /** So many older versions are kept beside the file, as `name.dotvault-1` (the newest) and on. Default: none. */
  readonly backups?: number;
  readonly fs?: FsPort;
  /** For the wait on jf's lock. */
  readonly clock?: Clock;
}

export interface WriteOutcome {
  /** The real file, behind symbolic links. */
  readonly path: string;
  readonly written: boolean;
  /** There was no file before. */
  readonly created: boolean;
  /** Permission bits that the file has now; undefined where there is no file. */
  readonly mode: number | undefined;
  /** Of the file as it is now, see {@link fingerprint}. */
  readonly fingerprint: string;
}

const CLOCK: Clock = { now: () => Date.now(), sleep: (ms) => setTimeout(ms) };

/** How often a file that others keep changing is merged anew before we give up. */
const TRIES = 5;

/** A file's new text; null: the file is to go; undefined, or the same text: there is nothing to do. */
type Produced = string | null | undefined;

/**
 * Brings a target up to date, all or nothing: `produce` gets the file's text and gives the new one. The text goes to a temporary file beside the target, which is created with its final mode,
 * synced and renamed over it; then the folder is synced. A file that somebody changed since it was read is read and
 * produced again. Throws what `produce` throws, or DotvaultError: `files.not-a-file`, `files.denied`, `files.disk-full`,
 * `files.read-only`, `files.busy`, `files.not-utf8`, … — and then the old file is untouched.
 */
export async function writeTarget(
  path: string,
  produce: (before: string | undefined) => Produced | Promise<Produced>,
  options: WriteOptions = {},
): Promise<WriteOutcome> {
  const fs = options.fs ?? nodeFs;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const target = await readTarget(path, fs);
    const content = await produce(target.content);
    if (content === undefined || (content ?? undefined) === target.content) {
      return { ...outcome(target, false, modeBits(target.facts)), fingerprint: fingerprint(target) };
    }
    const done = await change(path, target, content, options);
    if (done) return done;
  }
  throw new DotvaultError("files.busy", `${path} keeps being changed by another program`, {
    hint: "close the program that writes it, and sync again",
  });
}

/** Undefined: the target changed meanwhile, and nothing was done. */
async function change(
  asked: string,
  target: Target,
  content: string | null,
  options: WriteOptions,
): Promise<WriteOutcome | undefined> {
  const fs = options.fs ?? nodeFs;
  const { path, facts } = target;
  refuseReadOnly(target);
  try {
    // A rename needs the folder alone: it would replace, behind a link, say, what the user may not write.
    if (facts) await fs.access(path, constants.W_OK);
    const mode = (options.mode ?? 0o600) & (modeBits(facts) ?? 0o777);
    const replacement = content === null ? undefined : { content, mode, backups: options.backups ?? 0 };
    const work = () => (replacement ? replace(asked, target, replacement, fs) : erase(asked, target, fs));
    if (!(await underJfLock(asked, fs, options.clock ?? CLOCK, work))) return undefined;
    const left = { content: replacement?.content, mode: replacement?.mode };
    return { ...outcome(target, true, left.mode), fingerprint: fingerprintOf(path, left.content, left.mode) };
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Tells a file's place, text and permissions from others; kept in memory only. */
export function fingerprint({ path, content, facts }: Target): string {
  return fingerprintOf(path, content, modeBits(facts));
}

function fingerprintOf(path: string, content: string | undefined, mode: number | undefined): string {
  return `${path} ${mode} ${content === undefined ? "" : createHash("sha256").update(content).digest("base64")}`;
}

function outcome(target: Target, written: boolean, mode: number | undefined): Omit<WriteOutcome, "fingerprint"> {
  return { path: target.path, written, created: written && target.content === undefined, mode };
}

function modeBits(facts: FileFacts | undefined): number | undefined {
  return facts && facts.mode & 0o777;
}

/** A rename would replace it all the same, but whoever took the write bit away meant something by it. */
function refuseReadOnly({ path, facts }: Target): void {
  if (!facts || (facts.mode & 0o200) !== 0) return;
  throw new DotvaultError("files.read-only", `${path} is marked read-only`, { hint: `chmod u+w ${path}` });
}

/** What takes a target's place. */
interface Replacement {
  readonly content: string;
  readonly mode: number;
  readonly backups: number;
}

/** False: the target changed meanwhile, and nothing was done. */
async function replace(
  asked: string,
  target: Target,
  { content, mode, backups }: Replacement,
  fs: FsPort,
): Promise<boolean> {
  const folder = dirname(target.path);
  await fs.mkdir(folder, { recursive: true, mode: 0o755 });
  const temporary = temporaryName(target.path);
  return inUse(temporary, async () => {
    const file = await fs.open(temporary, OPEN.create, mode);
    try {
      await fill(file, content, mode, target.facts);
      await harmless(removeLeftovers(target.path, temporary, fs));
      const renamed = await inLine(target.path, async () => {
        if (!(await isUnchanged(asked, target, fs))) return false;
        if (backups > 0 && target.content !== undefined) await keepBackup(target, { mode, backups }, fs);
        await fs.rename(temporary, target.path);
        return true;
      });
      if (!renamed) {
        await fs.unlink(temporary);
        return false;
      }
    } catch (error) {
      await harmless(fs.unlink(temporary));
      throw error;
    }
    await folderSync(fs)(folder);
    return true;
  });
}

/** False: the target changed meanwhile, and nothing was done. */
async function erase(asked: string, target: Target, fs: FsPort): Promise<boolean> {
  const erased = await inLine(target.path, async () => {
    if (!(await isUnchanged(asked, target, fs))) return false;
    await fs.unlink(target.path);
    return true;
  });
  if (erased) await folderSync(fs)(dirname(target.path));
  return erased;
}

/** The old version becomes number 1, each older one the next, and the oldest goes. */
async function keepBackup(
  { path, facts, content = "" }: Target,
  { mode, backups }: Pick<Replacement, "mode" | "backups">,
  fs: FsPort,
): Promise<void> {
  const name = (number: number) => `${path}.dotvault-${number}`;
  for (let number = backups - 1; number >= 1; number--) {
    await fs.rename(name(number), name(number + 1)).catch((error) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
  }
  const temporary = temporaryName(path);
  await inUse(temporary, async () => {
    const file = await fs.open(temporary, OPEN.create, mode);
    try {
      await fill(file, content, mode, facts);
      await fs.rename(temporary, name(1));
    } catch (error) {
      await harmless(fs.unlink(temporary));
      throw error;
    }
  });
}

async function fill(file: OpenFile, content: string, mode: number, old: FileFacts | undefined): Promise<void> {
  try {
    const made = await file.stat();
    if (old && (old.uid !== made.uid || old.gid !== made.gid)) await keepOwner(file, old);
    if ((made.mode & 0o777) !== mode) await file.chmod(mode);
    await file.writeFile(Buffer.from(content, "utf8"));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Only root may give files away; for anyone else the file becomes theirs, as with any editor. */
async function keepOwner(file: OpenFile, { uid, gid }: FileFacts): Promise<void> {
  try {
    await file.chown(uid, gid);
  } catch (error) {
    if (errorCode(error) !== "EPERM") throw error;
  }
}

async function isUnchanged(asked: string, target: Target, fs: FsPort): Promise<boolean> {
  const now = await readTarget(asked, fs);
  return now.path === target.path && now.content === target.content;
}

const folderSyncs = new WeakMap<FsPort, (folder: string) => Promise<void>>();

/** One sync of a folder serves all files that were renamed into it before it began. */
function folderSync(fs: FsPort): (folder: string) => Promise<void> {
  const sync = folderSyncs.get(fs) ?? together((folder) => syncFolder(folder, fs));
  folderSyncs.set(fs, sync);
  return sync;
}

/** Makes the rename itself durable. Some file systems can't sync a directory and say EINVAL. */
async function syncFolder(folder: string, fs: FsPort): Promise<void> {
  const directory = await fs.open(folder, OPEN.directory);
  try {
    await directory.sync();
  } catch (error) {
    if (errorCode(error) !== "EINVAL" && errorCode(error) !== "ENOTSUP") throw error;
  } finally {
    await directory.close();
  }
}

async function harmless(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}
