import { basename, dirname, resolve } from "node:path";
import { DotvaultError } from "../../errors.ts";
import { fileFailure } from "./failures.ts";
import { MAX_BYTES } from "./formats/format.ts";
import { errorCode, type FileFacts, type FsPort, nodeFs, OPEN } from "./fs-port.ts";

const STICKY_AND_OPEN = 0o1002;

/** A target as it lies on the disk. */
export interface Target {
  /** The real file: behind all symbolic links. */
  readonly path: string;
  /** Undefined: there is no file yet. A byte order mark is part of it. */
  readonly content: string | undefined;
  readonly facts: FileFacts | undefined;
}

/** Most links that are followed, as Linux does. */
const MAX_LINKS = 40;

/**
 * Reads a target through its symbolic links; one that points to nothing names the file to create. Throws DotvaultError:
 * `files.not-a-file`, `files.denied`, `files.too-large`, `files.not-utf8`, `files.symlink-loop`, …
 */
export async function readTarget(path: string, fs: FsPort = nodeFs): Promise<Target> {
  try {
    const real = await realTarget(path, fs);
    return { path: real, ...(await readIfThere(real, fs)) };
  } catch (error) {
    throw fileFailure(path, error);
  }
}

async function realTarget(path: string, fs: FsPort): Promise<string> {
  let current = resolve(path);
  for (let links = 0; links <= MAX_LINKS; links++) {
    const folder = await unlessMissing(fs.realpath(dirname(current)));
    if (folder === undefined) return current;
    const real = resolve(folder, basename(current));
    const facts = await unlessMissing(fs.lstat(real));
    if (!facts?.isSymbolicLink()) return real;
    refusePlanted(real, facts, await fs.lstat(folder));
    current = resolve(folder, await fs.readlink(real));
  }
  throw Object.assign(new Error("too many links"), { code: "ELOOP" });
}

/** As Linux does (fs.protected_symlinks): in a folder like /tmp nobody is led elsewhere by the link of another user. */
function refusePlanted(path: string, link: FileFacts, folder: FileFacts): void {
  const isShared = (folder.mode & STICKY_AND_OPEN) === STICKY_AND_OPEN;
  if (!isShared || link.uid === process.getuid?.() || link.uid === folder.uid) return;
  throw new DotvaultError("files.foreign-link", `${path} is a link that another user has put into a shared folder`, {
    hint: "name a file in a folder of your own in target.path",
  });
}

async function readIfThere(path: string, fs: FsPort): Promise<Omit<Target, "path">> {
  const known = await unlessMissing(fs.lstat(path));
  if (known && !known.isFile()) throw notAFile(path);
  const file = known && (await unlessMissing(fs.open(path, OPEN.read)));
  if (!file) return { content: undefined, facts: undefined };
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw notAFile(path);
    if (facts.size > MAX_BYTES) throw tooLarge(path, facts.size);
    return { content: decode(path, await file.readFile()), facts };
  } finally {
    await file.close();
  }
}

/** Permission bits, without the type. */
export function modeBits(facts: FileFacts | undefined): number | undefined {
  return facts && facts.mode & 0o777;
}

export function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DotvaultError("files.not-utf8", `${path} is not UTF-8 text, so it can't be changed without damage`, {
      hint: "convert it to UTF-8, or move it away",
    });
  }
}

function notAFile(path: string): DotvaultError {
  return new DotvaultError("files.not-a-file", `${path} is a directory, a pipe or a device`, {
    hint: "name a plain file in target.path",
  });
}

function tooLarge(path: string, size: number): DotvaultError {
  return new DotvaultError("files.too-large", `${path} has ${size} bytes, the limit is ${MAX_BYTES} (4 MiB)`, {
    hint: "keep credentials in a smaller file of their own",
  });
}

async function unlessMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
