import { dirname } from "node:path";
import { errorCode, type FileFacts, type FsPort, OPEN, type OpenFile } from "./fs-port.ts";
import { inLine } from "./in-line.ts";
import { inUse, removeLeftovers, temporaryName } from "./leftovers.ts";
import { decode, modeBits, readTarget, type Target } from "./read.ts";
import { together } from "./together.ts";

/** What takes a target's place. */
export interface Replacement {
  readonly content: string;
  readonly mode: number;
  readonly backups: number;
}

/**
 * What became of it. `changed`: the target is not as it was read, and nothing was done. `late`: what another program wrote
 * into the old file while it was replaced.
 */
export type Replaced = { readonly is: "done" | "changed" } | { readonly is: "late"; readonly content: string };

const DONE: Replaced = { is: "done" };
const CHANGED: Replaced = { is: "changed" };

/** Puts a new file in the target's place: complete on the disk first, then renamed. `asked`: the path before its links. */
export async function replace(
  asked: string,
  target: Target,
  { content, mode, backups }: Replacement,
  fs: FsPort,
): Promise<Replaced> {
  const folder = dirname(target.path);
  await fs.mkdir(folder, { recursive: true, mode: 0o755 });
  const temporary = temporaryName(target.path);
  return inUse(temporary, async () => {
    const file = await fs.open(temporary, OPEN.create, mode);
    try {
      await fill(file, content, mode, target.facts);
      await harmless(removeLeftovers(target.path, temporary, fs));
      const replaced = await unlessChanged(asked, target, fs, async () => {
        if (backups > 0 && target.content !== undefined) await keepBackup(target, { mode, backups }, fs);
        await fs.rename(temporary, target.path);
      });
      if (replaced.is === "changed") await fs.unlink(temporary);
      else await folderSync(fs)(folder);
      return replaced;
    } catch (error) {
      await harmless(fs.unlink(temporary));
      throw error;
    }
  });
}

/** Takes the target away. */
export async function erase(asked: string, target: Target, fs: FsPort): Promise<Replaced> {
  const erased = await unlessChanged(asked, target, fs, () => fs.unlink(target.path));
  if (erased.is !== "changed") await folderSync(fs)(dirname(target.path));
  return erased;
}

/** Looks at the target once more, acts, and looks whether somebody wrote into the old file between look and act. */
async function unlessChanged(asked: string, target: Target, fs: FsPort, act: () => Promise<void>): Promise<Replaced> {
  return inLine(target.path, async () => {
    const old = target.facts && (await fs.open(target.path, OPEN.read).catch(() => undefined));
    try {
      const before = await old?.stat();
      if (!(await isUnchanged(asked, target, fs))) return CHANGED;
      await act();
      const late = old && before && (await writtenSince(old, before, target).catch(() => undefined));
      return late === undefined ? DONE : { is: "late", content: late };
    } finally {
      await old?.close();
    }
  });
}

async function isUnchanged(asked: string, target: Target, fs: FsPort): Promise<boolean> {
  const { path, content, facts } = await readTarget(asked, fs);
  const isSame = path === target.path && content === target.content;
  return isSame && facts?.uid === target.facts?.uid && modeBits(facts) === modeBits(target.facts);
}

async function writtenSince(old: OpenFile, before: FileFacts, { path, content }: Target): Promise<string | undefined> {
  const now = await old.stat();
  if (now.mtimeMs === before.mtimeMs && now.size === before.size) return undefined;
  const text = decode(path, await old.readFile());
  return text === content ? undefined : text;
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
